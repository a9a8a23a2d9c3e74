"""Combined settings: each pair of values of the settings below is planned by the real engine, offline."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.components.adoption import ADOPTED_CLUSTER, NETWORK, STORAGE
from tests.components.guardrails import unknown_to_guardrails
from tests.previews.pairs import Combination, allowed_combinations, covering
from tests.previews.workspace import EngineEvents, Workspace

VALUES = {
    "egress": ["public", "nat", "endpoints", "adopted"],
    "storage": ["created", "adopted"],
    "cluster": ["created", "adopted"],
    "architecture": ["X86_64", "ARM64"],
    "workload": ["sample", "command"],
    "shards": ["1", "3"],
    "capacity": ["on demand", "spot"],
}


def allowed(chosen: Combination) -> bool:
    """Return True for an allowed combination: `command` runs in one shard, on demand, with internet access."""
    whole = chosen["shards"] == "1" and chosen["capacity"] == "on demand" and chosen["egress"] != "endpoints"
    return chosen["workload"] == "sample" or whole


def changes(chosen: Combination) -> dict[str, Any]:
    """Return the stack file's keys of a combination."""
    return {
        "network": NETWORK if chosen["egress"] == "adopted" else {"egress": chosen["egress"]},
        "storage": STORAGE if chosen["storage"] == "adopted" else {},
        "cluster": ADOPTED_CLUSTER if chosen["cluster"] == "adopted" else {},
        "worker": {
            "workload": chosen["workload"],
            "architecture": chosen["architecture"],
            "shards": int(chosen["shards"]),
            "spot": chosen["capacity"] == "spot",
        },
    }


def seen(events: EngineEvents) -> dict[str, str]:
    """Return the combination that a plan's resources belong to."""
    types = {type_ for type_, _ in events.inputs}
    task = events.the("aws:ecs/taskDefinition:TaskDefinition")
    (container,) = json.loads(task["containerDefinitions"])
    environment = {item["name"]: item["value"] for item in container["environment"]}
    if "aws:ec2/vpc:Vpc" not in types:
        egress = "adopted"
    elif "aws:ec2/natGateway:NatGateway" in types:
        egress = "nat"
    else:
        egress = "public" if "aws:ec2/internetGateway:InternetGateway" in types else "endpoints"
    definition = events.the("aws:sfn/stateMachine:StateMachine", "ccapi-machine")["definition"]
    return {
        "egress": egress,
        "storage": "created" if "aws:s3/bucket:Bucket" in types else "adopted",
        "cluster": "created" if "aws:ecs/cluster:Cluster" in types else "adopted",
        "architecture": task["runtimePlatform"]["cpuArchitecture"],
        "workload": environment["WORKLOAD"],
        "shards": environment["SHARDS"],
        "capacity": "spot" if "FARGATE_SPOT" in definition else "on demand",
    }


@pytest.mark.parametrize(
    "chosen",
    covering(allowed_combinations(VALUES, allowed)),
    ids=lambda chosen: " ".join(chosen.values()).replace(" ", "-"),
)
def test_a_combination_is_planned_as_it_is_and_with_nothing_unknown(
    chosen: Combination, offline: Callable[[str], Workspace]
) -> None:
    events = offline("prod").preview(**changes(chosen))
    assert seen(events) == chosen
    assert unknown_to_guardrails(events.inputs) == []
