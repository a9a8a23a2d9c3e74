from dataclasses import replace
from typing import Any

import pytest

from components.resources.dashboard import dashboard_body
from components.settings.names import Names
from tests.stacks import names_of


def widgets(names: Names, *, container_insights: bool = True) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = dashboard_body(names, container_insights=container_insights)["widgets"]
    return found


def series_of(names: Names, *, container_insights: bool = True) -> dict[str, str]:
    """Return the namespace of each displayed metric."""
    return {
        metric: namespace
        for widget in widgets(names, container_insights=container_insights)
        for namespace, metric, *_ in widget["properties"].get("metrics", ())
    }


def texts_of(names: Names, *, container_insights: bool = True) -> list[str]:
    shown = widgets(names, container_insights=container_insights)
    return [widget["properties"]["markdown"] for widget in shown if widget["type"] == "text"]


@pytest.mark.parametrize(
    ("kind", "metric", "namespace"),
    [
        ("how executions ended", "ExecutionsSucceeded", "AWS/States"),
        ("how executions ended", "ExecutionsFailed", "AWS/States"),
        ("how long they took", "ExecutionDuration", "CloudClearingAPI"),
        ("CPU of workers", "CpuUtilized", "ECS/ContainerInsights"),
        ("memory of workers", "MemoryUtilized", "ECS/ContainerInsights"),
        ("size of the buckets", "BucketSizeBytes", "AWS/S3"),
        ("cost", "EstimatedCharges", "AWS/Billing"),
    ],
)
def test_the_dashboard_shows_what_the_guide_shows(kind: str, metric: str, namespace: str) -> None:
    assert series_of(names_of("prod")).get(metric) == namespace, kind


def test_without_container_insights_the_widget_says_how_to_enable_it() -> None:
    names = names_of("prod")
    assert "ECS/ContainerInsights" not in series_of(names, container_insights=False).values()
    (text,) = texts_of(names, container_insights=False)
    assert "`observability.containerInsights: true`" in text


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_the_cost_widget_names_the_billing_console_if_aws_publishes_no_cost(region: str) -> None:
    names = replace(names_of("prod"), region=region)
    assert "AWS/Billing" not in series_of(names).values()
    (text,) = texts_of(names)
    assert "Billing console" in text


@pytest.mark.parametrize("container_insights", [True, False])
def test_the_widgets_do_not_overlap(container_insights: bool) -> None:
    covered: set[tuple[int, int]] = set()
    for widget in widgets(names_of("prod"), container_insights=container_insights):
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        # PutDashboard: a dashboard is 24 columns wide.
        assert widget["x"] + widget["width"] <= 24
        assert not covered & cells
        covered |= cells


def test_a_dashboard_of_another_region_shows_that_region() -> None:
    shown = widgets(replace(names_of("prod"), region="eu-west-1"))
    regions = {
        widget["properties"]["region"]: widget["properties"]["title"]
        for widget in shown
        if widget["type"] == "metric"
    }
    assert regions.pop("us-east-1") == "Cost of the account this month"
    assert set(regions) == {"eu-west-1"}
