from typing import Any

import pytest

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import UNKNOWN
from guardrails.results import Outcome
from tests.policies.definitions import CAPACITY, NONSENSE, container, definition, map_of, retrier, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

BOUNDED = rule("task-retries-bounded")
CAPACITY_RETRIED = rule("capacity-errors-retried")


def retried(*retriers: Any) -> Any:
    return machine(definition(Work=task(Retry=list(retriers))))


def started(*retriers: Any, **fields: Any) -> Any:
    return machine(definition(Work=container(Retry=list(retriers), **fields)))


def test_a_retrier_with_the_defaults_of_aws_passes() -> None:
    assert passes(BOUNDED, retried(retrier()))


@pytest.mark.parametrize(("attempts", "passing"), [(0, True), (5, True), (6, True), (7, False)])
def test_a_retrier_may_try_again_up_to_the_limit_and_no_more(attempts: int, passing: bool) -> None:
    assert passes(BOUNDED, retried(retrier(MaxAttempts=attempts))) is passing


# https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
def test_the_retrier_that_aws_recommends_for_lambda_passes() -> None:
    names = ("ServiceException", "AWSLambdaException", "SdkClientException", "TooManyRequestsException")
    recommended = retrier(
        *(f"Lambda.{name}" for name in names), IntervalSeconds=2, MaxAttempts=6, BackoffRate=2
    )
    assert passes(BOUNDED, retried(recommended))


def test_more_retries_are_reported_with_their_limit() -> None:
    (told,) = violations(BOUNDED, retried(retrier(MaxAttempts=4)), maxAttempts=3)
    assert told == (
        "machine: Work's retrier 1 has 4 retries, more than 3; lower MaxAttempts or raise maxAttempts."
    )


@pytest.mark.parametrize(("last", "passing"), [(1, True), (2, True), (3, False)])
def test_the_retriers_of_a_state_count_together(last: int, passing: bool) -> None:
    retriers = [retrier("A", MaxAttempts=5), retrier("B"), retrier("C", MaxAttempts=last)]
    assert passes(BOUNDED, retried(*retriers)) is passing


def test_too_many_retries_together_are_reported_with_their_sum() -> None:
    (told,) = violations(BOUNDED, retried(retrier("A"), retrier("B", MaxAttempts=4)), maxAttemptsOfState=6)
    assert "has 7 retries (3 + 4), more than 6" in told
    assert "maxAttemptsOfState" in told


@pytest.mark.parametrize(
    ("fields", "passing"),
    [
        ({"IntervalSeconds": 900}, True),
        ({"IntervalSeconds": 901}, False),
        ({"IntervalSeconds": 901, "MaxDelaySeconds": 3_600}, True),
        ({"IntervalSeconds": 901, "MaxDelaySeconds": 3_601}, False),
        ({"IntervalSeconds": 3_600, "MaxAttempts": 1}, True),
        ({"IntervalSeconds": 3_601, "MaxAttempts": 1}, False),
        ({"IntervalSeconds": 3_601, "MaxAttempts": 0}, True),
        ({"IntervalSeconds": 3_600, "BackoffRate": 1}, True),
    ],
)
def test_a_wait_may_reach_the_limit_and_no_more(fields: dict[str, Any], passing: bool) -> None:
    assert passes(BOUNDED, retried(retrier(**fields))) is passing


def test_a_longer_wait_is_reported_with_its_arithmetic() -> None:
    (told,) = violations(BOUNDED, retried(retrier(IntervalSeconds=30, BackoffRate=2.5)), maxDelaySeconds=100)
    assert "waits 187.5 s before its last retry (30 s, times 2.5 each), more than 100 s" in told
    assert "maxDelaySeconds" in told


def test_a_back_off_without_end_is_refused() -> None:
    (told,) = violations(BOUNDED, retried(retrier(MaxAttempts=99_999_999)))
    assert "grows without end; write MaxDelaySeconds" in told


@pytest.mark.parametrize(
    "retrier_",
    [
        {},
        {"ErrorEquals": "States.ALL"},
        retrier(MaxAttempts="3"),
        retrier(MaxAttempts="{% $n %}"),
        retrier(IntervalSeconds=0),
        retrier(BackoffRate=0.5),
        retrier(MaxDelaySeconds=0),
    ],
)
def test_a_retrier_with_unknown_fields_is_refused(retrier_: Any) -> None:
    (told,) = violations(BOUNDED, retried(retrier_))
    assert "Work's retrier 1 has no bound" in told


@pytest.mark.parametrize("retry", [{}, 1, [1]])
def test_retriers_that_are_no_list_of_objects_are_refused(retry: Any) -> None:
    (told,) = violations(BOUNDED, machine(definition(Work=task(Retry=retry))))
    assert "Retry is not a list of objects" in told


def test_every_fault_of_every_state_is_reported() -> None:
    much = [retrier("A", MaxAttempts=7, IntervalSeconds=3_601), retrier("B", MaxAttempts=5), {}]
    states = definition(Each=map_of(task(Retry=much), Retry=[retrier(MaxAttempts=7)]))
    told = violations(BOUNDED, machine(states))
    assert sorted(message.split()[1] for message in told) == ["Each's", "Item", "Item's", "Item's", "Item's"]


@pytest.mark.parametrize("states", [{"Work": task()}, {"Done": {"Type": "Succeed"}}])
def test_a_machine_without_retriers_is_not_evaluated(states: Any) -> None:
    assert said(BOUNDED, machine(definition(**states))).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    "retrier_",
    [
        CAPACITY,
        retrier("AmazonECS.Unknown"),
        retrier("ECS.ServerException", "AmazonECS.Unknown", MaxAttempts=1),
        retrier("States.TaskFailed"),
        retrier("States.ALL"),
        retrier(BackoffRate=1, JitterStrategy="FULL"),
    ],
)
def test_a_container_that_waits_for_capacity_passes(retrier_: Any) -> None:
    assert passes(CAPACITY_RETRIED, started(retrier_))
    assert passes(CAPACITY_RETRIED, started(retrier_, Resource="arn:aws-cn:states:::ecs:runTask.sync"))


@pytest.mark.parametrize("retriers", [[], [retrier("ECS.ServerException")], [retrier("States.Timeout")]])
def test_a_container_that_gives_up_without_capacity_is_refused(retriers: list[Any]) -> None:
    (told,) = violations(CAPACITY_RETRIED, started(*retriers))
    assert "Work does not retry AmazonECS.Unknown" in told


def test_the_first_retrier_that_answers_is_the_one_that_counts() -> None:
    (told,) = violations(CAPACITY_RETRIED, started(retrier("AmazonECS.Unknown", MaxAttempts=0), retrier()))
    assert "retries AmazonECS.Unknown 0 times" in told
    assert "MaxAttempts" in told


@pytest.mark.parametrize("fields", [{}, {"JitterStrategy": "NONE"}])
def test_containers_that_all_come_back_at_once_are_refused(fields: dict[str, Any]) -> None:
    (told,) = violations(CAPACITY_RETRIED, started(retrier(BackoffRate=1, IntervalSeconds=30, **fields)))
    assert "at a constant interval of 30 s" in told
    assert "BackoffRate" in told


def test_an_unreadable_retrier_is_left_to_the_rule_that_reports_it() -> None:
    assert passes(CAPACITY_RETRIED, started(retrier(MaxAttempts="3")))


@pytest.mark.parametrize(
    "resource_", ["arn:aws:states:::lambda:invoke", "arn:aws:states:::aws-sdk:ecs:runTask", None]
)
def test_a_task_that_raises_no_capacity_error_is_not_evaluated(resource_: Any) -> None:
    about = started(Resource=resource_)
    assert said(CAPACITY_RETRIED, about).reason == "no Task of the machine calls ecs:runTask"


@pytest.mark.parametrize("asked", [BOUNDED, CAPACITY_RETRIED])
def test_a_definition_that_is_not_known_is_refused(asked: Any) -> None:
    assert "definition is not known" in violations(asked, resource(STATE_MACHINE, definition=UNKNOWN))[0]


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("asked", [BOUNDED, CAPACITY_RETRIED])
def test_nonsense_is_evaluated_without_an_exception(asked: Any, nonsense: Any) -> None:
    assert not any("the rule failed" in told for told in violations(asked, machine(nonsense)))
