import json
from typing import Any

import pytest

from guardrails.aws.types import TASK_DEFINITION
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import NONSENSE
from tests.policies.plans import machine, passes, resource, rule, said, violations

NAMES = rule("override-names-container")


def definition(family: str = "worker", *containers: str) -> Resource:
    written = json.dumps([{"name": name} for name in containers or ("monitor",)])
    return resource(TASK_DEFINITION, family, family=family, containerDefinitions=written)


def running(*names: Any, call: str = "ecs:runTask.waitForTaskToken", **arguments: Any) -> Resource:
    overrides = {"ContainerOverrides": [{"Name": name, "Command": ["work"]} for name in names]}
    given = {"TaskDefinition": "{% $settings.taskDefinition %}", "Overrides": overrides}
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "Arguments": given | arguments}
    return machine(
        {"StartAt": "Map", "States": {"Map": {"Type": "Map", "ItemProcessor": {"States": {"Run": state}}}}}
    )


@pytest.mark.parametrize("call", ["ecs:runTask", "ecs:runTask.sync", "aws-sdk:ecs:runTask"])
def test_an_override_of_a_container_that_is_there_passes(call: str) -> None:
    assert passes(NAMES, running("monitor", call=call), definition())


def test_an_override_of_a_container_that_is_not_there_is_refused() -> None:
    (told,) = violations(NAMES, running("monitor"), definition("worker", "cloudclearing-monitor", "proxy"))
    assert told == (
        "machine: Run overrides the container monitor, and worker has cloudclearing-monitor, proxy; write the same "
        "name in Overrides and in containerDefinitions."
    )


def test_every_wrong_name_is_reported_once() -> None:
    assert len(violations(NAMES, running("a", "a", "b", "monitor"), definition())) == 2


def test_each_text_of_a_choice_has_to_be_there() -> None:
    chosen = "{% $x ? 'monitor' : 'proxy' %}"
    assert passes(NAMES, running(chosen), definition("worker", "monitor", "proxy"))
    (told,) = violations(NAMES, running(chosen), definition())
    assert "overrides the container proxy" in told


@pytest.mark.parametrize("name", ["{% $name %}", None, [], {}])
def test_a_name_that_only_a_run_knows_is_refused(name: Any) -> None:
    (told,) = violations(NAMES, running("monitor", name), definition())
    assert "Run has no Name in container override 2" in told


def test_a_name_in_jsonpath_that_only_a_run_knows_is_refused() -> None:
    overrides = {"ContainerOverrides": [{"Name.$": "$.name"}]}
    assert "no Name" in violations(NAMES, running(Overrides=overrides), definition())[0]


@pytest.mark.parametrize(
    "overrides",
    [
        "{% $overrides %}",
        {"ContainerOverrides": "{% $overrides %}"},
        {"ContainerOverrides.$": "$.overrides"},
        {"ContainerOverrides": [5]},
        5,
    ],
)
def test_overrides_that_only_a_run_knows_are_refused(overrides: Any) -> None:
    (told,) = violations(NAMES, running(Overrides=overrides), definition())
    assert "Run computes its ContainerOverrides at run time" in told


def test_a_computed_task_definition_may_be_any_of_the_plan() -> None:
    one, other = definition("one", "a"), definition("other", "b", "c")
    assert passes(NAMES, running("b", "c"), one, other)
    (told,) = violations(NAMES, running("a", "b", "c"), one, other)
    assert "overrides the container a, and other has b, c" in told


def test_a_task_definition_that_is_named_is_the_one() -> None:
    one, other = definition("one", "a"), definition("other", "b")
    assert passes(NAMES, running("b", TaskDefinition="other:3"), one, other)
    arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/one"
    assert "and one has a" in violations(NAMES, running("b", TaskDefinition=arn), one, other)[0]


@pytest.mark.parametrize(
    ("about", "others", "reason"),
    [
        (machine({"States": {"Do": {"Type": "Pass"}}}), [], "no Task"),
        (machine({"States": {"Do": {"Type": "Task", "Resource": "x"}}}), [], "runs a task"),
        (running(Overrides=None), [definition()], "overrides a container"),
        (running(Overrides={"Cpu": "1024"}), [definition()], "overrides a container"),
        (running("monitor"), [], "not in the plan"),
        (running("monitor", TaskDefinition="adopted"), [definition()], "not in the plan"),
    ],
)
def test_without_an_override_nothing_is_evaluated(
    about: Resource, others: list[Resource], reason: str
) -> None:
    assessment = said(NAMES, about, *others)
    assert assessment.outcome is Outcome.NOT_APPLICABLE
    assert reason in assessment.reason


@pytest.mark.parametrize("containers", [UNKNOWN, "no JSON", "{}", None])
def test_unreadable_containers_are_reported_with_their_task_definition(containers: Any) -> None:
    about = resource(TASK_DEFINITION, "worker", family="worker", containerDefinitions=containers)
    assert "machine: worker: containerDefinitions " in violations(NAMES, running("monitor"), about)[0]


def test_containers_without_names_are_reported() -> None:
    about = resource(TASK_DEFINITION, "worker", family="worker", containerDefinitions='[{"name": 5}, {}]')
    assert "worker has no container with a name" in violations(NAMES, running("monitor"), about)[0]


@pytest.mark.parametrize("written", NONSENSE)
def test_nonsense_is_no_task(written: Any) -> None:
    assert said(NAMES, machine(written), definition()).outcome is Outcome.NOT_APPLICABLE
