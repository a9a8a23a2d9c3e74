from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.machines import State
from guardrails.aws.task_runs import TaskRun
from guardrails.cost.fargate import (
    InstanceCapacityError,
    TaskSpec,
    UnknownCostError,
    dearest_task,
    task_specs,
    unknown_task,
)
from guardrails.plan import UNKNOWN
from tests.policies.cost.machines import WORKER, run_task
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource

FIRST = "{% $states.context.State.RetryCount = 0 ? 'FARGATE_SPOT' : 'FARGATE' %}"


def worker(**changes: Any) -> TaskRun:
    properties = {"cpu": "2048", "memory": "4096", **changes.pop("definition", {})}
    definition = resource(WORKER.type, "worker", **properties)
    return TaskRun(State("Work", run_task(arguments=changes)), [definition])


def rung(run: TaskRun, attempt: int = 0) -> TaskSpec:
    (found,) = task_specs(run, attempt)
    return found


def test_two_vcpu_and_four_gb_for_an_hour() -> None:
    # 2 vCPU x 0.04 + 4 GB x 0.005 = 0.08 + 0.02
    assert dearest_task(TABLE, "Work", task_specs(worker(), 0), Decimal(3600)).total == Decimal("0.1")


@pytest.mark.parametrize(("seconds", "billed"), [(1, 60), (59, 60), (60, 60), (61, 61)])
def test_a_second_is_billed_as_one_after_a_minute_at_least(seconds: int, billed: int) -> None:
    bill = dearest_task(TABLE, "Work", task_specs(worker(), 0), Decimal(seconds))
    assert [line.quantity for line in bill.lines] == [Decimal(n) * billed / 3600 for n in (2, 4)]


def test_arm_has_its_own_price() -> None:
    run = worker(definition={"runtimePlatform": {"cpuArchitecture": "ARM64"}})
    assert dearest_task(TABLE, "Work", task_specs(run, 0), Decimal(3600)).total == Decimal("0.076")


def test_the_first_attempt_is_on_spot_and_the_next_on_demand() -> None:
    run = worker(CapacityProviderStrategy=[{"CapacityProvider": FIRST}])
    assert [rung(run, attempt).is_spot for attempt in (0, 1, 4)] == [True, False, False]


def test_each_attempt_has_the_size_that_the_state_gives_it() -> None:
    sizes = {
        key: f"{{% $states.context.State.RetryCount < 2 ? '{first}' : '{later}' %}}"
        for key, first, later in (("Cpu", 2048, 4096), ("Memory", 4096, 8192))
    }
    run = worker(Overrides=sizes)
    found = [(rung(run, attempt).cpu_units, rung(run, attempt).memory_mib) for attempt in (0, 1, 2)]
    assert found == [(2048, 4096), (2048, 4096), (4096, 8192)]


def test_the_more_expensive_of_two_possible_task_sizes_is_counted() -> None:
    run = worker(Overrides={"Cpu": "{% $large ? '4096' : '2048' %}", "Memory": "8192"})
    assert {one.cpu_units for one in task_specs(run, 0)} == {2048, 4096}
    # 4 vCPU x 0.04 + 8 GB x 0.005
    assert dearest_task(TABLE, "Work", task_specs(run, 0), Decimal(3600)).total == Decimal("0.2")


def test_ephemeral_storage_is_billed_beyond_the_free_20_gib() -> None:
    run = worker(definition={"ephemeralStorage": {"sizeInGib": 50}})
    quantities = {
        line.key: line.quantity
        for line in dearest_task(TABLE, "Work", task_specs(run, 0), Decimal(3600)).lines
    }
    assert quantities["fargate_ephemeral_gb_hour"] == 30


def test_an_override_of_the_storage_holds() -> None:
    assert rung(worker(Overrides={"EphemeralStorage": {"SizeInGiB": 100}})).storage_gib == 100


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (None, False),
        ({}, False),
        ({"AwsvpcConfiguration": {"AssignPublicIp": "DISABLED"}}, False),
        ({"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}, True),
        ({"AwsvpcConfiguration": {"AssignPublicIp": "{% $settings.public %}"}}, True),
        ("{% $network %}", True),
    ],
)
def test_a_task_that_may_have_a_public_address_is_billed_for_it(network: Any, expected: bool) -> None:
    run = worker(**({} if network is None else {"NetworkConfiguration": network}))
    assert rung(run).has_public_address is expected


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"Overrides": "{% $overrides %}"}, "Overrides, which are computed when it runs"),
        ({"Overrides": {"Cpu": "{% $cpu %}"}}, "Cpu, which is computed when it runs"),
        ({"Overrides": {"Cpu": "large"}}, "Cpu and Memory, which are no sizes"),
        ({"definition": {"memory": None}}, "Memory, which neither the state nor the task definition sets"),
        ({"definition": {"cpu": UNKNOWN}}, "cpu of worker: cpu is not known"),
        (
            {"definition": {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}},
            "Windows",
        ),
        ({"Overrides": {"EphemeralStorage": "{% $disk %}"}}, "EphemeralStorage"),
    ],
)
def test_the_error_of_an_unknown_cost_names_the_missing_fact(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(UnknownCostError, match=what):
        task_specs(worker(**changes), 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"LaunchType": "EC2"},
        {"LaunchType": "EXTERNAL"},
        {"CapacityProviderStrategy": [{"CapacityProvider": "instances"}]},
        {"definition": {"requiresCompatibilities": ["EC2"]}},
    ],
)
def test_the_cost_of_a_task_on_instances_depends_on_the_instances(changes: dict[str, Any]) -> None:
    with pytest.raises(InstanceCapacityError) as caught:
        task_specs(worker(**changes), 0)
    bill = unknown_task(TABLE, "Work", caught.value)
    (line,) = bill.lines
    assert (line.key, line.quantity, line.amount) == ("ec2_instance_hour", None, None)
    assert line.depends_on == "the instances that it runs on"
    # The instances are billed whether the task runs or not, so that the task itself adds nothing.
    assert bill.total == 0
    assert bill.unbounded == ()


@pytest.mark.parametrize(
    ("providers", "is_spot"),
    [
        (None, {False}),
        (["FARGATE"], {False}),
        (["FARGATE_SPOT"], {True}),
        (["FARGATE", "FARGATE_SPOT"], {True, False}),
    ],
)
def test_a_task_without_a_launch_type_runs_with_the_default_providers_of_its_cluster(
    providers: list[str] | None, is_spot: set[bool]
) -> None:
    run = replace(worker(), default_providers=providers)
    assert {spec.is_spot for spec in task_specs(run, 0)} == is_spot


@pytest.mark.parametrize("providers", [[], ["instances"], [""]])
def test_a_task_of_a_cluster_without_fargate_by_default_runs_on_instances(providers: list[str]) -> None:
    with pytest.raises(InstanceCapacityError):
        task_specs(replace(worker(), default_providers=providers), 0)


def test_a_task_whose_cost_is_unknown_has_no_upper_bound() -> None:
    bill = unknown_task(TABLE, "Work", UnknownCostError("Cpu and Memory, which are no sizes"))
    (line,) = bill.unbounded
    assert (line.key, line.quantity, line.amount) == ("fargate_x86_vcpu_hour", None, None)
    assert line.depends_on == "Cpu and Memory, which are no sizes"


def test_a_definition_that_is_not_in_the_plan_is_said() -> None:
    with pytest.raises(UnknownCostError, match="not in the plan"):
        task_specs(TaskRun(State("Work", run_task()), []), 0)
