from typing import Any

import pytest

from guardrails.aws.types import STATE_MACHINE
from guardrails.ledger import Outcome
from guardrails.plan import UNKNOWN
from tests.policies.definitions import NONSENSE, definition, map_of, retrier, task
from tests.policies.plans import breaches, machine, passes, resource, rule, said

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
        "events:putEvents",
        "sqs:sendMessage",
        "aws-sdk:sns:publish",
        "aws-sdk:eventbridge:putEvents",
        "aws-sdk:cloudwatch:putMetricData",
    ],
)
def test_whatever_only_tells_is_caught(called: str) -> None:
    (told,) = breaches(CAUGHT, telling(Resource=f"arn:aws:states:::{called}", Catch=None))
    assert "Tell has no Catch of States.ALL" in told


@pytest.mark.parametrize("retry", [None, [], [retrier(MaxAttempts=0)], {}])
def test_a_notification_that_is_not_retried_is_refused(retry: Any) -> None:
    (told,) = breaches(CAUGHT, telling(Retry=retry))
    assert "Tell is never tried again" in told
    assert "MaxAttempts" in told


@pytest.mark.parametrize(
    "catch",
    [None, [], [{"ErrorEquals": ["States.Timeout"], "Next": "Done"}], [{"ErrorEquals": ["States.ALL"]}], 3],
)
def test_a_notification_that_is_not_caught_is_refused(catch: Any) -> None:
    (told,) = breaches(CAUGHT, telling(Catch=catch))
    assert "no Catch of States.ALL" in told


def test_a_fault_in_telling_may_take_another_way_to_the_same_end() -> None:
    assert passes(
        CAUGHT, telling(Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Log"}, {**CATCH, "Next": "Log"}])
    )


def test_a_fault_in_telling_may_not_fail_the_run() -> None:
    (told,) = breaches(CAUGHT, telling(Catch=[{**CATCH, "Next": "Failed"}]))
    assert "goes on at Failed when it fails" in told


def test_telling_of_a_failure_goes_on_to_the_failure() -> None:
    assert passes(CAUGHT, telling(Next="Failed", Catch=[{**CATCH, "Next": "Failed"}]))


def test_every_notification_is_told_of_every_fault() -> None:
    bare = task(Resource=PUBLISH)
    assert len(breaches(CAUGHT, machine(definition(Each=map_of(bare, Next="Tell"), Tell=bare)))) == 4


@pytest.mark.parametrize("called", ["sqs:sendMessage.waitForTaskToken", "lambda:invoke"])
def test_what_hands_out_work_is_not_judged(called: str) -> None:
    about = machine(definition(Work=task(Resource=f"arn:aws:states:::{called}")))
    assert said(CAUGHT, about).outcome is Outcome.NOT_APPLICABLE


def test_a_definition_that_is_not_known_is_refused() -> None:
    assert "definition is not known" in breaches(CAUGHT, resource(STATE_MACHINE, definition=UNKNOWN))[0]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_judged_without_a_defect(nonsense: Any) -> None:
    assert not any("could not judge" in told for told in breaches(CAUGHT, machine(nonsense)))
