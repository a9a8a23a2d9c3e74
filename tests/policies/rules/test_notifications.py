from typing import Any

import pytest

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import UNKNOWN
from guardrails.results import Outcome
from tests.policies.definitions import NONSENSE, definition, map_of, retrier, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

CAUGHT = rule("notification-failure-caught")

PUBLISH = "arn:aws:states:::sns:publish"
CATCH = {"ErrorEquals": ["States.ALL"], "Next": "Done"}


def telling(**fields: Any) -> Any:
    told = {"Resource": PUBLISH, "Next": "Done", "Retry": [retrier()], "Catch": [CATCH], **fields}
    return machine(
        definition(Tell=task(**told), Done={"Type": "Succeed"}, Failed={"Type": "Fail"}, Log={"Type": "Pass"})
    )


def test_a_notification_that_is_retried_and_caught_passes() -> None:
    assert passes(CAUGHT, telling())


@pytest.mark.parametrize(
    "called",
    [
        "sns:publish",
        "aws-sdk:sns:publish",
        "aws-sdk:sesv2:sendEmail",
        "aws-sdk:cloudwatch:putMetricData",
    ],
)
def test_every_notification_is_caught(called: str) -> None:
    (told,) = violations(CAUGHT, telling(Resource=f"arn:aws:states:::{called}", Catch=None))
    assert "Tell has no Catch of States.ALL" in told


@pytest.mark.parametrize("retry", [None, [], [retrier(MaxAttempts=0)], {}])
def test_a_notification_that_is_not_retried_is_refused(retry: Any) -> None:
    (told,) = violations(CAUGHT, telling(Retry=retry))
    assert "Tell is never retried" in told
    assert "MaxAttempts" in told


@pytest.mark.parametrize(
    "catch",
    [None, [], [{"ErrorEquals": ["States.Timeout"], "Next": "Done"}], [{"ErrorEquals": ["States.ALL"]}], 3],
)
def test_a_notification_that_is_not_caught_is_refused(catch: Any) -> None:
    (told,) = violations(CAUGHT, telling(Catch=catch))
    assert "no Catch of States.ALL" in told


def test_a_failed_notification_may_take_another_path_to_the_same_end() -> None:
    assert passes(
        CAUGHT, telling(Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Log"}, {**CATCH, "Next": "Log"}])
    )


def test_a_fault_in_telling_may_not_fail_the_run() -> None:
    (told,) = violations(CAUGHT, telling(Catch=[{**CATCH, "Next": "Failed"}]))
    assert "continues with Failed when it fails" in told


def after(**states: Any) -> Any:
    """Report, and continue at Done, or at the first of these states if that fails."""
    told = task(
        Resource=PUBLISH, Next="Done", Retry=[retrier()], Catch=[{**CATCH, "Next": next(iter(states))}]
    )
    ends = {"Done": {"Type": "Succeed"}, "Failed": {"Type": "Fail"}, "Worse": {"Type": "Fail"}}
    return machine(definition(Tell=told, **states, **ends))


def test_a_fault_in_telling_may_not_fail_the_run_by_a_detour() -> None:
    again = task(Next="Failed", Catch=[{**CATCH, "Next": "Worse"}])
    (told,) = violations(CAUGHT, after(Again=again))
    assert told == (
        "machine: Tell continues with Again when it fails, from where it can only reach Failed, Worse, so that a "
        "failed notification fails the run; let its Catch continue with the Task's own Next."
    )


@pytest.mark.parametrize(
    "states",
    [
        {"Again": task(Next="Failed", Catch=[CATCH])},
        {"Again": task(Catch=[{**CATCH, "Next": "Failed"}])},
        {
            "Ask": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $a %}", "Next": "Failed"}],
                "Default": "Done",
            }
        },
        {"Log": {"Type": "Pass", "Next": "Nowhere"}},
        {"Rest": {"Type": "Wait", "Seconds": 1, "Next": "Rest"}},
    ],
)
def test_a_detour_with_another_or_an_unknown_end_passes(states: Any) -> None:
    assert passes(CAUGHT, after(**states))


def test_a_catch_of_one_error_may_not_fail_the_run_either() -> None:
    (told,) = violations(
        CAUGHT, telling(Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Failed"}, CATCH])
    )
    assert "continues with Failed when it fails" in told


def test_a_stack_names_the_messages_whose_fault_may_fail_the_run() -> None:
    bare = machine(definition(Order=task(Resource=PUBLISH, Next="Tell"), Tell=task(Resource=PUBLISH)))
    assert all("Tell" in told for told in violations(CAUGHT, bare, mayFailRun=["Order"]))
    exempt = said(CAUGHT, bare, mayFailRun=["Order", "Tell"])
    assert exempt.outcome is Outcome.NOT_APPLICABLE
    assert "except those in mayFailRun" in exempt.reason


def test_a_notification_of_a_failure_continues_to_the_fail_state() -> None:
    assert passes(CAUGHT, telling(Next="Failed", Catch=[{**CATCH, "Next": "Failed"}]))


def test_every_fault_of_every_notification_is_reported() -> None:
    bare = task(Resource=PUBLISH)
    assert len(violations(CAUGHT, machine(definition(Each=map_of(bare, Next="Tell"), Tell=bare)))) == 4


@pytest.mark.parametrize(
    "called",
    [
        "lambda:invoke",
        "sns:publish.waitForTaskToken",
        "events:putEvents",
        "sqs:sendMessage",
        "aws-sdk:eventbridge:putEvents",
    ],
)
def test_a_task_that_passes_on_work_is_not_evaluated(called: str) -> None:
    about = machine(definition(Work=task(Resource=f"arn:aws:states:::{called}")))
    assert said(CAUGHT, about).outcome is Outcome.NOT_APPLICABLE


def test_a_definition_that_is_not_known_is_refused() -> None:
    assert "definition is not known" in violations(CAUGHT, resource(STATE_MACHINE, definition=UNKNOWN))[0]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_evaluated_without_an_exception(nonsense: Any) -> None:
    assert not any("the rule failed" in told for told in violations(CAUGHT, machine(nonsense)))
