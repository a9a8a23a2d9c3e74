import json
from typing import Any

import pytest

from guardrails.aws.types import EVENT_RULE, EVENT_TARGET
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import definition, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

MATCHES = rule("event-pattern-matches")
KEPT = rule("event-recovers-lost-starts")


def on(**pattern: Any) -> Resource:
    written = {key.replace("_", "-"): value for key, value in pattern.items()}
    return resource(EVENT_RULE, "stopped", eventPattern=json.dumps(written))


def of_task(**detail: Any) -> Resource:
    return on(source=["aws.ecs"], detail_type=["ECS Task State Change"], detail=detail)


def of_execution(**detail: Any) -> Resource:
    return on(source=["aws.states"], detail_type=["Step Functions Execution Status Change"], detail=detail)


@pytest.mark.parametrize(
    "about",
    [
        of_task(lastStatus=["STOPPED"], stopCode=["EssentialContainerExited"]),
        of_task(lastStatus=[{"anything-but": ["RUNING"]}], group=["family:x"]),
        of_task(lastStatus=[{"prefix": "STOP"}]),
        of_execution(status=["FAILED", "TIMED_OUT", "ABORTED"]),
        on(source=["aws.s3"], detail_type=["Object Created"], detail={"bucket": {"name": ["b"]}}),
        on(source=["aws.ecs"], detail_type=["AWS API Call via CloudTrail"]),
        on(source=["aws.ecs"]),
    ],
)
def test_a_pattern_of_values_that_exist_passes(about: Resource) -> None:
    assert passes(MATCHES, about)


@pytest.mark.parametrize(
    ("about", "remedy"),
    [
        (
            of_task(lastStatus=["STOPED"]),
            "no event has the lastStatus STOPED, so that the rule does not match",
        ),
        (of_task(lastStatus=["stopped"]), "write STOPPED"),
        (of_task(lastStatus=["FAILED", "STOPPED"]), "no event has the lastStatus FAILED"),
        (of_execution(status=["TIMEOUT"]), "write TIMED_OUT"),
        (on(source=["aws.ecs"], detail_type=["ECS Task Stopped"]), "with the detail-type ECS Task Stopped"),
        (on(source=["aws.s3"], detail_type=["Object created"]), "write Object Created"),
        (on(source=["aws.ecs"], detail={"lastStatus": ["DEAD"]}), "no event has the lastStatus DEAD"),
    ],
)
def test_a_pattern_of_other_values_is_refused(about: Resource, remedy: str) -> None:
    (told,) = violations(MATCHES, about)
    assert remedy in told


def test_a_new_type_of_event_may_be_named() -> None:
    about = on(source=["aws.ecs"], detail_type=["ECS Something New"])
    assert passes(MATCHES, about, otherDetailTypes=["ECS Something New"])


@pytest.mark.parametrize(
    "about",
    [
        on(source=["acme.tiles"], detail_type=["Any"]),
        resource(EVENT_RULE, scheduleExpression="rate(1 day)"),
        resource(EVENT_RULE, eventPattern=UNKNOWN),
    ],
)
def test_a_pattern_of_unlisted_or_unknown_events_is_not_evaluated(about: Resource) -> None:
    assert said(MATCHES, about).outcome is Outcome.NOT_APPLICABLE


def test_a_pattern_is_an_object() -> None:
    assert violations(MATCHES, resource(EVENT_RULE, eventPattern="[]"))


MACHINE_ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:tiles"
TILES = machine(definition(Work=task()), "tiles", arn=MACHINE_ARN)
QUEUE = {"deadLetterConfig": {"arn": "arn:aws:sqs:eu-west-1:111122223333:lost"}}


def target(**properties: Any) -> Resource:
    return resource(EVENT_TARGET, "target", **{"arn": MACHINE_ARN, **properties})


def test_an_event_that_is_kept_and_retried_passes() -> None:
    assert passes(KEPT, target(**QUEUE), TILES)
    assert passes(KEPT, target(deadLetterConfig={"arn": UNKNOWN}), TILES)
    assert passes(KEPT, target(**QUEUE, retryPolicy={"maximumRetryAttempts": 3}), TILES)


def test_an_event_that_is_lost_is_refused() -> None:
    (told,) = violations(KEPT, target(), TILES)
    assert told.startswith("target: an event that cannot start tiles is silently lost; name a queue")
    (told,) = violations(KEPT, target(**QUEUE, retryPolicy={"maximumRetryAttempts": 0}), TILES)
    assert "never retried" in told
    assert violations(KEPT, target(arn="cluster", ecsTarget={"taskDefinitionArn": "worker"}))


def test_an_event_to_anything_else_is_not_evaluated() -> None:
    assert (
        said(KEPT, target(arn="arn:aws:sns:eu-west-1:111122223333:news"), TILES).outcome
        is Outcome.NOT_APPLICABLE
    )
