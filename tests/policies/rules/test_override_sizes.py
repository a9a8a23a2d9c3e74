import json
from typing import Any

import pytest

from guardrails.aws.types import TASK_DEFINITION
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import NONSENSE
from tests.policies.plans import machine, passes, resource, rule, said, violations

SIZE = rule("override-size-valid")


def definition(
    family: Any = "worker", cpu: Any = "2048", memory: Any = "4096", **properties: Any
) -> Resource:
    given = {"family": family, "cpu": cpu, "memory": memory, "requiresCompatibilities": ["FARGATE"]}
    return resource(TASK_DEFINITION, family, **given | properties)


def running(overrides: Any, **arguments: Any) -> Resource:
    given = {"TaskDefinition": "{% $settings.taskDefinition %}", "Overrides": overrides}
    state = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Arguments": given | arguments}
    return machine({"StartAt": "Run", "States": {"Run": state}})


def chosen(first: str, then: str, condition: str = "$states.context.State.RetryCount = 0") -> str:
    return f"{{% {condition} ? '{first}' : '{then}' %}}"


def of_container(memory: Any, **more: Any) -> dict[str, Any]:
    return {"ContainerOverrides": [{"Name": "monitor", "Memory": memory}], **more}


@pytest.mark.parametrize(
    "overrides",
    [
        {"Cpu": "4096", "Memory": "8192"},
        {"Cpu": "4 vCPU", "Memory": "8 GB"},
        {"Cpu": 4096, "Memory": 8192},
        {"Memory": "8192"},
        {"Cpu": "2048", "Memory": chosen("4096", "8192")},
        {"Cpu": chosen("2048", "4096"), "Memory": chosen("4096", "30720")},
    ],
)
def test_sizes_that_fargate_runs_pass(overrides: Any) -> None:
    assert passes(SIZE, running(overrides), definition())


def test_a_size_that_fargate_does_not_run_is_refused() -> None:
    (told,) = violations(SIZE, running({"Cpu": "2048", "Memory": "30720"}), definition())
    assert told == (
        "machine: Run may use a size that Fargate does not support: 2,048 CPU units support 4,096 to 16,384 MiB in "
        "steps of 1,024, not 30,720; change Cpu or Memory of its Overrides."
    )


def test_a_size_without_an_override_is_read_from_the_task_definition() -> None:
    (told,) = violations(SIZE, running({"Cpu": "8192"}), definition())
    assert "8,192 CPU units support 16,384 to 61,440 MiB in steps of 4,096, not 4,096" in told


def test_choices_by_different_conditions_may_meet() -> None:
    overrides = {"Cpu": chosen("2048", "4096"), "Memory": chosen("4096", "30720", "$large = false")}
    told = violations(SIZE, running(overrides), definition())
    assert len(told) == 2
    assert "not 30,720" in told[0]
    assert "4,096 CPU units support 8,192 to 30,720 MiB in steps of 1,024, not 4,096" in told[1]


@pytest.mark.parametrize(("memory", "passing"), [("7168", False), ("8192", True), ("9216", True)])
def test_an_override_is_not_below_the_definition(memory: str, passing: bool) -> None:
    assert passes(SIZE, running({"Memory": memory}), definition(memory="8 GB")) is passing


def test_an_override_below_the_definition_is_reported_with_both() -> None:
    (told,) = violations(SIZE, running({"Cpu": "2048", "Memory": "4096"}), definition(memory="8192"))
    assert told == (
        "machine: Run overrides Memory with 4,096 MiB, below the 8,192 of worker; raise it, or lower the task "
        "definition's."
    )
    (told,) = violations(SIZE, running({"Cpu": "1024"}), definition())
    assert "overrides Cpu with 1,024 CPU units, below the 2,048 of worker" in told


@pytest.mark.parametrize("value", ["{% $size %}", "{% $x ? '4096' : $y %}", "large", "8 TB", [], True])
def test_a_size_that_is_not_known_before_the_run_is_refused(value: Any) -> None:
    (told,) = violations(SIZE, running({"Memory": value}), definition())
    assert told.startswith(
        "machine: Run gives Memory no size that is known before the run; write MiB, as in 2048"
    )


def test_a_size_in_jsonpath_that_is_not_known_before_the_run_is_refused() -> None:
    assert "Run gives Cpu no size" in violations(SIZE, running({"Cpu.$": "$.cpu"}), definition())[0]


@pytest.mark.parametrize("overrides", ["{% $overrides %}", 5, []])
def test_overrides_that_only_a_run_knows_are_refused(overrides: Any) -> None:
    (told,) = violations(SIZE, running(overrides), definition())
    assert "Run computes its Overrides at run time" in told


@pytest.mark.parametrize(("memory", "passing"), [(4095, True), (4096, True), (4097, False)])
def test_a_container_has_the_task_s_memory_and_no_more(memory: int, passing: bool) -> None:
    about = running(of_container(memory))
    assert passes(SIZE, about, definition()) is passing
    if not passing:
        (told,) = violations(SIZE, about, definition())
        assert "Run may give monitor a Memory of 4,097 MiB, more than the task's 4,096; lower it" in told


@pytest.mark.parametrize(
    ("key", "size", "told"),
    [
        ("Cpu", 2048, None),
        ("Cpu", 2049, "a Cpu of 2,049 CPU units, more than the task's 2,048"),
        ("MemoryReservation", 4096, None),
        ("MemoryReservation", 4097, "a MemoryReservation of 4,097 MiB, more than the task's 4,096"),
    ],
)
def test_no_size_of_a_container_is_above_the_task_s(key: str, size: int, told: str | None) -> None:
    about = running({"ContainerOverrides": [{"Name": "monitor", key: size}]})
    assert passes(SIZE, about, definition()) is (told is None)
    assert all(told in violation for violation in violations(SIZE, about, definition()) if told)


def test_a_container_s_cpu_is_held_against_the_override_of_the_same_try() -> None:
    cpus = {"Cpu": chosen("2048", "4096"), "Memory": "8192"}
    containers = [{"Name": "monitor", "Cpu": chosen("2048", "4096")}]
    assert passes(SIZE, running({**cpus, "ContainerOverrides": containers}), definition())
    containers[0]["Cpu"] = "4096"
    assert not passes(SIZE, running({**cpus, "ContainerOverrides": containers}), definition())


def test_a_container_s_memory_is_held_against_the_override_of_the_same_try() -> None:
    grown = of_container(chosen("4096", "8192"), Memory=chosen("4096", "8192"))
    assert passes(SIZE, running(grown), definition())
    assert not passes(SIZE, running(of_container("8192", Memory=chosen("4096", "8192"))), definition())


def test_a_container_s_memory_that_is_not_known_is_refused() -> None:
    (told,) = violations(SIZE, running(of_container("{% $memory %}")), definition())
    assert "Run gives Memory of monitor no size" in told


def test_a_computed_task_definition_may_be_any_of_the_plan() -> None:
    small, large = definition("small", "256", "512"), definition("large", "4096", "8192")
    assert passes(SIZE, running({"Memory": "30720"}), small, large)
    assert not passes(SIZE, running({"Memory": "65536"}), small, large)
    assert not passes(SIZE, running({"Memory": "30720"}, TaskDefinition="small"), small, large)


def test_a_task_definition_that_is_not_in_the_plan_leaves_the_pair() -> None:
    adopted = {"TaskDefinition": "adopted"}
    assert passes(SIZE, running({"Cpu": "256", "Memory": "512"}, **adopted), definition())
    assert passes(SIZE, running({"Cpu": "256"}, **adopted), definition())
    assert not passes(SIZE, running({"Cpu": "256", "Memory": "4096"}, **adopted), definition())


@pytest.mark.parametrize("key", ["cpu", "memory", "requiresCompatibilities"])
def test_a_definition_that_is_not_known_is_reported_with_its_name(key: str) -> None:
    told = violations(SIZE, running({"Memory": "8192"}), definition(**{key: UNKNOWN}))
    assert f"machine: worker: {key} is not known" in told[0]


@pytest.mark.parametrize(
    ("about", "definition_"),
    [
        (machine({"States": {"Do": {"Type": "Pass"}}}), definition()),
        (running(None), definition()),
        (running({"ContainerOverrides": [{"Name": "monitor"}]}), definition()),
        (running({"ContainerOverrides": "{% $containers %}"}), definition()),
        (running({"Cpu": "3"}, LaunchType="EC2"), definition()),
        (running({"Cpu": "3"}), definition(requiresCompatibilities=["EC2"])),
    ],
)
def test_without_a_size_override_on_fargate_nothing_is_evaluated(
    about: Resource, definition_: Resource
) -> None:
    assert said(SIZE, about, definition_).outcome is Outcome.NOT_APPLICABLE


def test_every_violation_of_every_state_is_reported() -> None:
    states = {
        name: {
            "Type": "Task",
            "Resource": "arn:aws:states:::ecs:runTask",
            "Parameters": {"TaskDefinition": "worker", "Overrides": {"Cpu": "1024", "Memory": "nothing"}},
        }
        for name in ("One", "Two")
    }
    about = machine(json.loads(json.dumps({"StartAt": "One", "States": states})))
    assert len(violations(SIZE, about, definition())) == 4


@pytest.mark.parametrize("written", NONSENSE)
def test_nonsense_is_no_task(written: Any) -> None:
    assert said(SIZE, machine(written), definition()).outcome is Outcome.NOT_APPLICABLE
