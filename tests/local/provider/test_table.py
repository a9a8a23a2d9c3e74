import pytest

from local.provider.aws import Aws
from local.provider.operations import carried
from local.provider.resource_type import ResourceType
from local.provider.table import TABLE
from local.provider.types import TYPES

# moto has no tags for budgets.
UNTAGGED = {"aws:budgets/budget:Budget"}

kinds = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.token)


@pytest.fixture(scope="module")
def aws() -> Aws:
    """Clients that are used for their models only."""
    return Aws("us-east-1", {kind.service: "http://127.0.0.1:1" for kind in TYPES}, "local", "local", None)


def test_every_type_has_one_entry() -> None:
    assert len(TABLE) == len(TYPES)


@kinds
def test_an_entry_names_only_properties_that_pulumi_aws_has(kind: ResourceType) -> None:
    inputs, outputs = kind.schema.inputs.properties, {"id", *kind.schema.outputs}

    assert {*kind.replace_on, *kind.own, *kind.cleared, *kind.defaults} <= inputs.keys()
    assert {*kind.computed, *kind.context, *kind.attributes.values()} <= outputs


@kinds
def test_no_change_of_a_property_is_silently_dropped(kind: ResourceType, aws: Aws) -> None:
    created = carried(kind, kind.create, aws)
    updated = frozenset().union(*(carried(kind, step, aws) for step in kind.update))

    assert created <= updated | kind.forces_new | {*kind.own, "tags"}


@kinds
def test_removed_properties_are_sent_by_an_update(kind: ResourceType, aws: Aws) -> None:
    updated = frozenset().union(*(carried(kind, step, aws) for step in kind.update))

    assert kind.cleared.keys() <= updated & kind.schema.optional_outputs


@kinds
def test_every_resource_type_with_tags_supports_tagging(kind: ResourceType) -> None:
    assert ("tagsAll" in kind.schema.outputs and kind.token not in UNTAGGED) == (kind.tagging is not None)
