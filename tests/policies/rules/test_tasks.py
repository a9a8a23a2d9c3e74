import re
from typing import Any

import pytest

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import UNKNOWN
from guardrails.results import Outcome
from tests.policies.definitions import ACTIVITY, NONSENSE, TOKEN, container, definition, map_of, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

ATTEMPT = rule("task-attempt-bounded")
HEARTBEAT = rule("task-callback-heartbeat")

JOB = "arn:aws:states:::ecs:runTask.sync"


def one(**fields: Any) -> Any:
    return machine(definition(Work=task(**fields)))


def waiting(**fields: Any) -> Any:
    return machine(definition(Work=container(**fields)))


def declared(seconds: float) -> Any:
    return resource("my:index:Pipeline", "pipeline", bounds={"seconds": {"Work": seconds}})


def test_a_task_with_a_timeout_passes() -> None:
    assert passes(ATTEMPT, one())


@pytest.mark.parametrize(("seconds", "passing"), [(86_399, True), (86_400, True), (86_401, False)])
def test_an_attempt_may_take_the_limit_and_no_more(seconds: int, passing: bool) -> None:
    assert passes(ATTEMPT, one(TimeoutSeconds=seconds)) is passing


def test_a_longer_attempt_is_reported_with_its_limit() -> None:
    (told,) = violations(ATTEMPT, one(TimeoutSeconds=901), maxTaskTimeoutSeconds=900)
    assert told == (
        "machine: Work may take 901 s an attempt, more than 900 s; lower TimeoutSeconds or raise "
        "maxTaskTimeoutSeconds."
    )


def test_a_task_without_a_timeout_is_refused() -> None:
    (told,) = violations(ATTEMPT, one(TimeoutSeconds=None))
    assert "Work has no bound: it has no TimeoutSeconds" in told


@pytest.mark.parametrize("value", ["60", 0, 1.5, True, [], {}])
def test_a_timeout_that_aws_refuses_is_refused(value: Any) -> None:
    assert "TimeoutSeconds is not a whole number" in violations(ATTEMPT, one(TimeoutSeconds=value))[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"TimeoutSeconds": "{% $states.input.seconds %}"},
        {"TimeoutSeconds": None, "TimeoutSecondsPath": "$.seconds"},
        {"Resource": ACTIVITY},
    ],
)
def test_a_computed_timeout_is_refused_unless_its_bound_is_declared(fields: dict[str, Any]) -> None:
    assert "declare its bound" in violations(ATTEMPT, one(**fields))[0]
    pipeline = declared(900)
    inside = machine(definition(Work=task(**fields)), parent=pipeline)
    assert passes(ATTEMPT, inside, pipeline)
    assert (
        "901 s"
        in violations(
            ATTEMPT,
            machine(definition(Work=task(**fields)), parent=(much := declared(901))),
            much,
            maxTaskTimeoutSeconds=900,
        )[0]
    )


def test_a_declaration_does_not_replace_a_missing_timeout() -> None:
    pipeline = declared(900)
    assert violations(ATTEMPT, machine(definition(Work=task(TimeoutSeconds=None)), parent=pipeline), pipeline)


def test_every_task_is_reported_at_any_depth_even_if_unreachable() -> None:
    bare = task(TimeoutSeconds=None)
    parallel = {"Type": "Parallel", "Branches": [{"StartAt": "Deep", "States": {"Deep": bare}}], "End": True}
    told = violations(ATTEMPT, machine(definition(Each=map_of(bare), Both=parallel, Forgotten=bare)))
    assert sorted(message.split()[1] for message in told) == ["Deep", "Forgotten", "Item"]


def test_a_callback_with_a_heartbeat_and_its_token_passes() -> None:
    assert passes(HEARTBEAT, waiting())


@pytest.mark.parametrize(("beat", "passing"), [(59, False), (60, True), (61, True)])
def test_a_container_has_time_to_start_before_its_first_beat(beat: int, passing: bool) -> None:
    assert passes(HEARTBEAT, waiting(HeartbeatSeconds=beat)) is passing


def test_a_heartbeat_below_the_limit_is_reported_with_both() -> None:
    (told,) = violations(HEARTBEAT, waiting(HeartbeatSeconds=60), minHeartbeatSeconds=300)
    assert "60, less than the 300 s" in told
    assert "minHeartbeatSeconds" in told


def test_a_task_that_is_not_a_container_may_have_a_short_heartbeat() -> None:
    assert passes(
        HEARTBEAT, waiting(Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken", HeartbeatSeconds=5)
    )


@pytest.mark.parametrize(("beat", "passing"), [(899, True), (900, False), (901, False)])
def test_a_heartbeat_is_below_the_timeout(beat: int, passing: bool) -> None:
    assert passes(HEARTBEAT, waiting(HeartbeatSeconds=beat)) is passing


@pytest.mark.parametrize(("timeout", "passing"), [(2, True), (1, False)])
def test_a_heartbeat_of_a_second_is_one(timeout: int, passing: bool) -> None:
    queue = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    about = waiting(Resource=queue, HeartbeatSeconds=1, TimeoutSeconds=timeout)
    assert passes(HEARTBEAT, about) is passing


def test_a_heartbeat_is_evaluated_even_if_the_timeout_is_unknown() -> None:
    assert passes(HEARTBEAT, waiting(TimeoutSeconds="{% $seconds %}"))


@pytest.mark.parametrize("called", [{}, {"Resource": ACTIVITY}])
def test_a_callback_without_a_heartbeat_is_refused(called: dict[str, Any]) -> None:
    (told,) = violations(HEARTBEAT, waiting(HeartbeatSeconds=None, **called))
    assert "Work has no HeartbeatSeconds" in told


@pytest.mark.parametrize(
    "fields",
    [
        {"HeartbeatSeconds": "{% $beat %}"},
        {"HeartbeatSeconds": None, "HeartbeatSecondsPath": "$.beat"},
        {"HeartbeatSeconds": 0},
        {"HeartbeatSeconds": "60"},
    ],
)
def test_a_heartbeat_that_is_no_number_is_refused(fields: dict[str, Any]) -> None:
    (told,) = violations(HEARTBEAT, waiting(**fields))
    assert re.search("no (known|valid) heartbeat: HeartbeatSeconds", told)


@pytest.mark.parametrize(
    "resource_", [JOB, "arn:aws:states:::lambda:invoke", "arn:aws:states:::aws-sdk:s3:getObject"]
)
def test_a_heartbeat_without_a_callback_is_refused(resource_: str) -> None:
    (told,) = violations(HEARTBEAT, waiting(Resource=resource_, HeartbeatSeconds=60))
    assert "Work has HeartbeatSeconds, which has no effect" in told


@pytest.mark.parametrize(
    "arguments",
    [
        TOKEN,
        "{% {'token': $states.context.Task.Token} %}",
        {"Token.$": "$$.Task.Token"},
        {"Message.$": "States.Format('{}', $$.Task.Token)"},
        {"Deep": [{"Whole.$": "$$"}]},
        {"Task": "{% $states.context.Task %}"},
    ],
)
def test_a_token_that_is_handed_on_is_found(arguments: Any) -> None:
    assert passes(HEARTBEAT, waiting(Arguments=arguments))
    assert passes(HEARTBEAT, waiting(Arguments=None, Parameters=arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        None,
        {},
        {"Token": "$$.Task.Token"},
        {"Token": "$states.context.Task.Token"},
        {"Token.$": "$$.Execution.Id"},
        {"Name": "{% $states.context.Task.TokenOfAnother %}"},
        "{% $states.context.Execution.Id %}",
    ],
)
def test_a_token_that_is_passed_to_no_worker_is_refused(arguments: Any) -> None:
    (told,) = violations(HEARTBEAT, waiting(Arguments=arguments))
    assert "its arguments do not contain it" in told


def test_every_fault_of_a_callback_is_reported() -> None:
    told = violations(HEARTBEAT, waiting(HeartbeatSeconds=30, TimeoutSeconds=30, Arguments={}))
    assert len(told) == 3


def test_a_machine_without_callbacks_is_not_evaluated() -> None:
    assert said(HEARTBEAT, one()).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("asked", [ATTEMPT, HEARTBEAT])
def test_a_machine_without_tasks_is_not_evaluated(asked: Any) -> None:
    assert said(asked, machine(definition(Done={"Type": "Succeed"}))).reason == "the machine has no Task"


@pytest.mark.parametrize("asked", [ATTEMPT, HEARTBEAT])
def test_a_definition_that_is_not_known_is_refused(asked: Any) -> None:
    assert "definition is not known" in violations(asked, resource(STATE_MACHINE, definition=UNKNOWN))[0]


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("asked", [ATTEMPT, HEARTBEAT])
def test_nonsense_is_evaluated_without_an_exception(asked: Any, nonsense: Any) -> None:
    assert not any("the rule failed" in told for told in violations(asked, machine(nonsense)))


def test_the_timeout_of_a_function_does_not_bound_the_task_that_invokes_it() -> None:
    """Step Functions may wait on after the invocation has ended: only TimeoutSeconds ends an attempt."""
    reporter = resource("aws:lambda/function:Function", "reporter", name="reporter", timeout=60)
    invoke = {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "reporter"}}
    assert passes(ATTEMPT, one(**invoke, TimeoutSeconds=90), reporter)
    unbounded = machine(definition(Work={"Type": "Task", **invoke, "End": True}))
    (told,) = violations(ATTEMPT, unbounded, reporter)
    assert "TimeoutSeconds" in told
