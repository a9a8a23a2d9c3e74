from typing import Any
from urllib.parse import urlsplit

import pytest

from guardrails.aws import data
from guardrails.aws.metrics import Metric, published, published_in

DATA: dict[str, Any] = data.read("metrics")
NAMESPACES = sorted(DATA["namespaces"])


def metric(namespace: Any, name: Any) -> Metric:
    return Metric(namespace=namespace, name=name, dimensions={}, written_in="dimensions")


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_each_metric_is_listed_once_and_needs_only_its_own_dimensions(namespace: str) -> None:
    kinds = published_in(namespace)
    names = [name for kind in kinds for name in kind.names]
    assert len(set(names)) == len(names)
    for kind in kinds:
        assert kind.dimensions is None or set(kind.required) <= set(kind.dimensions)


@pytest.mark.parametrize("listed", [*DATA["namespaces"].values(), DATA["unlisted"]], ids=str)
def test_each_list_names_its_source(listed: dict[str, Any]) -> None:
    assert urlsplit(listed["source"]).hostname == "docs.aws.amazon.com"


def test_a_metric_is_found_by_its_namespace_and_its_name() -> None:
    assert published(metric("AWS/States", "ExecutionsTimedOut")) is not None
    assert published(metric("AWS/SQS", "ExecutionsTimedOut")) is None


@pytest.mark.parametrize("nonsense", [None, 5, [], {}])
def test_anything_else_is_no_metric(nonsense: Any) -> None:
    assert published(metric(nonsense, "ExecutionsTimedOut")) is None
    assert published(metric("AWS/States", nonsense)) is None
