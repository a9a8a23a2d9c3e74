"""Stacks that an older commit deployed, planned by the current program with their stored state."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.events import OpType

from tests.previews.stored_state import import_state, read_state
from tests.previews.workspace import NOWHERE, EngineEvents, Workspace
from tests.stacks import ENVIRONMENTS

pytestmark = pytest.mark.engine

REPLACED = frozenset(
    {
        OpType.DELETE,
        OpType.REPLACE,
        OpType.CREATE_REPLACEMENT,
        OpType.DELETE_REPLACED,
        OpType.DISCARD_REPLACED,
        OpType.REMOVE_PENDING_REPLACE,
    }
)

# Task definitions get a new revision when they change; old revisions stay for the runs that use them.
REVISED = frozenset({"aws:ecs/taskDefinition:TaskDefinition"})
GONE = {
    # An alarm that the current program no longer creates.
    "ccapi-metrics-executions-throttled",
    # It holds no data; AWS updates it in place, and the local AWS replaces it.
    "ccapi-budget",
}
"""Old resources that an upgrade deletes or replaces."""

Plan = Callable[[str], EngineEvents]


@pytest.fixture(scope="module")
def upgraded(engine: Path) -> Plan:
    def plan(environment: str) -> EngineEvents:
        workspace = Workspace(engine / f"upgraded-{environment}", environment, NOWHERE)
        import_state(workspace)
        return workspace.preview()

    return cache(plan)


def type_of(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def type_and_name(urn: str) -> tuple[str, str]:
    return type_of(urn), urn.rpartition("::")[2]


def deployed(environment: str) -> list[dict[str, Any]]:
    resources: list[dict[str, Any]] = (read_state(environment).deployment or {})["resources"]
    return resources


def of_aws(environment: str) -> dict[str, dict[str, Any]]:
    return {
        resource["urn"]: resource for resource in deployed(environment) if resource["type"].startswith("aws:")
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_upgrade_replaces_and_deletes_nothing_but_revisions(environment: str, upgraded: Plan) -> None:
    gone = {urn for op, urn in upgraded(environment).changes if op in REPLACED}
    assert {urn.rpartition("::")[2] for urn in gone if type_of(urn) not in REVISED} <= GONE


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_upgrade_creates_nothing_under_a_name_that_is_taken(environment: str, upgraded: Plan) -> None:
    """A new resource with an old one's name fails, or adopts the resource that the old one's deletion then removes."""
    events = upgraded(environment)
    taken = {(resource["type"], resource["id"]) for resource in of_aws(environment).values()}
    created = [events.resources[urn] for op, urn in events.changes if op is OpType.CREATE]
    names = [
        (state.type, str((state.inputs or {}).get(name)))
        for state in created
        for name in ("name", "bucket", "family", "dashboardName")
    ]
    assert [name for name in names if name in taken] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_deployed_resource_is_still_in_the_plan(environment: str, upgraded: Plan) -> None:
    """An alias changes the types of a resource's parents in its URN, but neither its own type nor its name."""
    events = upgraded(environment)
    changed = {urn for op, urn in events.changes if op in REPLACED}
    planned = {type_and_name(urn) for urn in {*events.resources, *changed}}
    assert {type_and_name(urn) for urn in of_aws(environment)} - planned == set()


def test_a_change_that_replaces_a_deployed_resource_is_found(engine: Path) -> None:
    workspace = Workspace(engine / "upgraded-elsewhere", "dev", NOWHERE)
    import_state(workspace)
    events = workspace.preview(network={"cidrBlock": "10.30.0.0/16"})
    assert "aws:ec2/vpc:Vpc" in {type_of(urn) for op, urn in events.changes if op in REPLACED}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_kept_state_is_a_whole_stack_without_credentials(environment: str) -> None:
    assert len(of_aws(environment)) > 70
    (provider,) = (found for found in deployed(environment) if found["type"] == "pulumi:providers:aws")
    assert not {"accessKey", "secretKey", "token"} & provider["inputs"].keys()
