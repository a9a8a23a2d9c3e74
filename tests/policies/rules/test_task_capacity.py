import json
from typing import Any

import pytest

from guardrails.aws.types import (
    CLUSTER,
    CLUSTER_CAPACITY_PROVIDERS,
    EVENT_TARGET,
    SCHEDULE,
    SERVICE,
    TASK_DEFINITION,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import container, definition
from tests.policies.plans import machine, passes, resource, rule, said, violations

CAPACITY = rule("task-capacity-provided")

TILES = resource(CLUSTER, "cluster", name="tiles")
NETWORK: dict[str, Any] = {"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}}}


def providers(*names: str, **fields: Any) -> Resource:
    written: dict[str, Any] = {"capacityProviders": list(names), **fields}
    return resource(CLUSTER_CAPACITY_PROVIDERS, "of", clusterName="tiles", **written)


PROVIDERS = providers("FARGATE")


def tiler(*compatibilities: str, **fields: Any) -> Resource:
    required = list(compatibilities)
    written: dict[str, Any] = {"networkMode": "awsvpc", "requiresCompatibilities": required, **fields}
    return resource(TASK_DEFINITION, "tiler", family="tiler", **written)


TILER = tiler("FARGATE")


def using(*names: str, **item: Any) -> dict[str, Any]:
    return {"CapacityProviderStrategy": [{"CapacityProvider": name, "Weight": 1, **item} for name in names]}


def running(**arguments: Any) -> Resource:
    written = {"Cluster": "tiles", "TaskDefinition": "tiler", **NETWORK, **arguments}
    given = {key: value for key, value in written.items() if value is not None}
    return machine(definition(Work=container(Arguments=given)))


def on(*names: str, **arguments: Any) -> Resource:
    return running(**using(*names), **arguments)


def test_a_capacity_provider_of_the_cluster_passes() -> None:
    assert passes(CAPACITY, on("FARGATE"), TILES, PROVIDERS)
    assert passes(CAPACITY, running(LaunchType="FARGATE"), TILES)
    assert passes(CAPACITY, on("{% $provider %}"), TILES, PROVIDERS)
    assert passes(CAPACITY, on("FARGATE_SPOT"), TILES, providers(capacityProviders=UNKNOWN))
    assert passes(CAPACITY, on("FARGATE_SPOT"))


def test_a_capacity_provider_that_the_cluster_lacks_is_refused() -> None:
    (told,) = violations(CAPACITY, on("FARGATE_SPOT", "FARGATE"), TILES, PROVIDERS)
    assert (
        "asks for the capacity provider FARGATE_SPOT, which the cluster cluster does not have (FARGATE)"
        in told
    )
    assert "it has none" in violations(CAPACITY, on("FARGATE"), TILES)[0]


def test_a_launch_type_beside_a_strategy_is_refused() -> None:
    (told,) = violations(CAPACITY, on("FARGATE", LaunchType="FARGATE"), TILES, PROVIDERS)
    assert "Work has both LaunchType and CapacityProviderStrategy" in told


def test_a_task_without_both_starts_by_the_default_of_its_cluster() -> None:
    default = [{"capacityProvider": "FARGATE", "weight": 1}]
    (told,) = violations(CAPACITY, running(), TILES, PROVIDERS, TILER)
    assert "Work has neither LaunchType nor CapacityProviderStrategy, and its cluster cluster has no" in told
    for strategies in (default, UNKNOWN):
        listed = providers("FARGATE", defaultCapacityProviderStrategies=strategies)
        assert passes(CAPACITY, running(), TILES, listed, TILER)
    assert passes(CAPACITY, running(), TILES, providers("of-instances"), TILER)
    assert passes(CAPACITY, running(), PROVIDERS, TILER), "the cluster is not in the plan"
    assert passes(CAPACITY, running(), TILES, PROVIDERS, tiler("EC2", "FARGATE"))
    assert passes(CAPACITY, running(LaunchType="{% $type %}"), TILES, PROVIDERS, TILER)


def test_a_task_definition_runs_on_the_launch_type() -> None:
    (told,) = violations(CAPACITY, running(LaunchType="EC2"), TILES, TILER)
    assert "has the LaunchType EC2, while tiler runs on Fargate" in told
    assert passes(CAPACITY, running(LaunchType="EC2"), TILES, tiler("EC2"))
    for about in (running(LaunchType="FARGATE"), on("FARGATE")):
        (told,) = violations(CAPACITY, about, TILES, PROVIDERS, tiler("EC2"))
        assert "while tiler requires only EC2" in told
        for definition_ in (tiler(), tiler(requiresCompatibilities=UNKNOWN), tiler("EC2", "FARGATE")):
            assert passes(CAPACITY, about, TILES, PROVIDERS, definition_)


@pytest.mark.parametrize("weight", [0, None])
def test_a_strategy_needs_a_weight(weight: int | None) -> None:
    both = using("FARGATE", "FARGATE_SPOT", Weight=weight)
    listed = providers("FARGATE", "FARGATE_SPOT")
    (told,) = violations(CAPACITY, running(**both), TILES, listed)
    assert "a strategy whose weights are all 0" in told
    both["CapacityProviderStrategy"][1]["Weight"] = 1
    assert passes(CAPACITY, running(**both), TILES, listed)
    one = using("FARGATE", Weight=weight)
    assert passes(CAPACITY, running(**one), TILES, listed) is (weight is None)
    assert passes(CAPACITY, running(**using("FARGATE", Weight="{% $weight %}")), TILES, listed)


def test_a_strategy_has_one_base() -> None:
    listed = providers("FARGATE", "FARGATE_SPOT")
    both = using("FARGATE", "FARGATE_SPOT", Base=1)
    assert "a strategy with 2 bases" in violations(CAPACITY, running(**both), TILES, listed)[0]
    both["CapacityProviderStrategy"][1]["Base"] = 0
    assert passes(CAPACITY, running(**both), TILES, listed)


def test_a_task_in_a_vpc_has_a_network() -> None:
    about = running(LaunchType="FARGATE", NetworkConfiguration=None)
    assert "Work has no NetworkConfiguration" in violations(CAPACITY, about, TILES)[0]
    assert passes(CAPACITY, running(LaunchType="FARGATE", NetworkConfiguration="{% $network %}"), TILES)
    of_instances = running(LaunchType="EC2", NetworkConfiguration=None)
    assert violations(CAPACITY, of_instances, TILES, tiler("EC2"))
    assert passes(CAPACITY, of_instances, TILES, tiler("EC2", networkMode="bridge"))


PARAMETERS: dict[str, Any] = {
    "taskDefinitionArn": "tiler",
    "launchType": "FARGATE",
    "networkConfiguration": {"subnets": ["subnet-1"]},
}


def started_by(type_: str, **fields: Any) -> Resource:
    given = {key: value for key, value in {**PARAMETERS, **fields}.items() if value is not None}
    if type_ == SERVICE:
        return resource(SERVICE, **given, taskDefinition="tiler", cluster="tiles")
    if type_ == EVENT_TARGET:
        return resource(EVENT_TARGET, arn="tiles", ecsTarget=given)
    return resource(SCHEDULE, target={"arn": "tiles", "ecsParameters": given})


@pytest.mark.parametrize("type_", [SERVICE, SCHEDULE, EVENT_TARGET])
def test_services_schedules_and_targets_are_evaluated_too(type_: str) -> None:
    plan = (TILES, PROVIDERS, TILER)
    assert passes(CAPACITY, started_by(type_), *plan)
    assert passes(CAPACITY, started_by(type_, launchType=UNKNOWN, networkConfiguration=UNKNOWN), *plan)
    assert "neither LaunchType" in violations(CAPACITY, started_by(type_, launchType=None), *plan)[0]
    assert "LaunchType EC2" in violations(CAPACITY, started_by(type_, launchType="EC2"), *plan)[0]
    alone = started_by(type_, networkConfiguration=None)
    assert "no NetworkConfiguration" in violations(CAPACITY, alone, *plan)[0]
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    about = started_by(type_, launchType=None, capacityProviderStrategies=spot)
    assert "the capacity provider FARGATE_SPOT" in violations(CAPACITY, about, *plan)[0]


def test_the_input_of_a_universal_target_is_read() -> None:
    def schedule(**written: Any) -> Resource:
        named = {"Cluster": "tiles", "TaskDefinition": "tiler", **NETWORK, **written}
        arn = "arn:aws:scheduler:::aws-sdk:ecs:runTask"
        return resource(SCHEDULE, target={"arn": arn, "input": json.dumps(named)})

    assert passes(CAPACITY, schedule(LaunchType="FARGATE"), TILES, TILER)
    assert "neither LaunchType" in violations(CAPACITY, schedule(), TILES, TILER)[0]


def test_a_schedule_that_starts_no_task_is_not_evaluated() -> None:
    assert said(CAPACITY, resource(SCHEDULE, target={"arn": "x"})).outcome is Outcome.NOT_APPLICABLE
