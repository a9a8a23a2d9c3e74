import json
from typing import Any

import pytest

from guardrails.aws.types import BUCKET, BUCKET_NOTIFICATION, EVENT_RULE, EVENT_TARGET
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


@pytest.mark.parametrize(
    ("detail", "part"),
    [
        ({"lastStatus": "STOPPED"}, "detail.lastStatus is neither a list nor an object"),
        ({"lastStatus": []}, "detail.lastStatus is an empty list"),
        ({"lastStatus": {}}, "detail.lastStatus is empty"),
        ({"lastStatus": [["STOPPED"]]}, "detail.lastStatus has a list within its list"),
        ({"group": {"prefix": "tiles/"}}, "detail.group.prefix is neither a list nor an object"),
        ({"group": [{"starts-with": "x"}]}, "the filter starts-with, which EventBridge does not have"),
        ({"group": [{"prefix": "x", "suffix": "y"}]}, "an object with 2 filters"),
        ({"group": [{"prefix": 1}]}, "a filter prefix with a value that EventBridge does not take"),
        ({"group": [{"prefix": {"wildcard": "x"}}]}, "a filter prefix with a value"),
        ({"group": [{"wildcard": "a**b"}]}, "a filter wildcard with a value"),
        ({"group": [{"anything-but": []}]}, "a filter anything-but with a value"),
        ({"group": [{"anything-but": ["a", 1]}]}, "a filter anything-but with a value"),
        ({"group": [{"anything-but": {"exists": True}}]}, "a filter anything-but with a value"),
        ({"group": [{"exists": "true"}]}, "a filter exists with a value"),
        ({"cpu": [{"numeric": ["=>", 5]}]}, "a filter numeric with a value"),
        ({"cpu": [{"numeric": [">", "5"]}]}, "a filter numeric with a value"),
        ({"connectivity": [{"cidr": "10.0.0.0/99"}]}, "a filter cidr with a value"),
        ({"$or": [{"group": ["x"]}]}, "detail.$or is not a list of two or more objects"),
        ({"$or": [{"group": "x"}, {"group": ["y"]}]}, "detail.group is neither a list nor an object"),
    ],
)
def test_a_pattern_that_aws_rejects_is_refused(detail: dict[str, Any], part: str) -> None:
    (told,) = violations(MATCHES, of_task(**detail))
    assert part in told
    assert violations(MATCHES, on(source=["acme.tiles"], detail=detail)), "the source does not matter"


@pytest.mark.parametrize(
    "detail",
    [
        {"lastStatus": [{"prefix": "STOP"}], "stopCode": [{"suffix": "Interruption"}]},
        {"lastStatus": [{"equals-ignore-case": "stopped"}]},
        {"lastStatus": [{"prefix": {"equals-ignore-case": "stop"}}]},
        {"lastStatus": [{"wildcard": "*PED"}]},
        {"lastStatus": [{"anything-but": {"prefix": "PRO"}}], "launchType": [{"anything-but": "EC2"}]},
        {"stopCode": [{"exists": True}], "startedBy": [{"exists": False}]},
        {"noSuchField": [{"exists": False}]},
        {"containers": {"exitCode": [{"anything-but": 0}], "name": ["tiler"]}},
        {"containers": {"exitCode": [{"numeric": [">", 0, "<=", 255]}]}},
        {"overrides": {"containerOverrides": {"name": ["tiler"]}}},
        {"$or": [{"lastStatus": ["STOPPED"]}, {"$or": [{"group": ["x"]}, {"stopCode": ["UserInitiated"]}]}]},
    ],
)
def test_a_filter_that_matches_an_event_passes(detail: dict[str, Any]) -> None:
    assert passes(MATCHES, of_task(**detail))


@pytest.mark.parametrize(
    ("detail", "remedy"),
    [
        ({"lastStatus": [{"suffix": "ED "}]}, "no event has the lastStatus suffix ED "),
        ({"lastStatus": [{"wildcard": "STOPED*"}]}, "write STOPPED"),
        ({"lastStatus": [{"anything-but": {"wildcard": "*"}}]}, "no event has the lastStatus anything-but"),
        ({"lastStatus": [{"numeric": ["=", 1]}]}, "no event has the lastStatus numeric"),
        ({"lastStatus": [None]}, "no event has the lastStatus None"),
        ({"group": {"name": ["x"]}}, "group is a value and has no fields"),
        ({"containers": ["tiler"]}, "containers is an object"),
        ({"containers": {"exitcode": [1]}}, "no event has the field exitcode in its detail"),
        ({"$or": [{"lastStatus": ["STOPPED"]}, {"stopcode": ["x"]}]}, "write stopCode"),
    ],
)
def test_a_filter_that_matches_no_event_is_refused(detail: dict[str, Any], remedy: str) -> None:
    (told,) = violations(MATCHES, of_task(**detail))
    assert remedy in told


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        ({"source": ["aws.ec"]}, "no AWS service sends events from aws.ec"),
        ({"source": ["aws.stepfunctions"]}, "write aws.states"),
        ({"source": ["aws.ecs"], "detailType": ["ECS Task State Change"]}, "write detail-type"),
        ({"source": ["acme.tiles"], "details": {"a": ["b"]}}, "write detail"),
        ({"source": ["aws.ecs"], "detail-type": [{"prefix": "ECS task"}]}, "the detail-type prefix ECS task"),
        ({"$or": [{"source": ["aws.ec"]}, {"source": ["acme.tiles"]}]}, "from aws.ec"),
    ],
)
def test_a_wrong_source_or_field_of_an_event_is_refused(pattern: dict[str, Any], remedy: str) -> None:
    (told,) = violations(MATCHES, resource(EVENT_RULE, eventPattern=json.dumps(pattern)))
    assert remedy in told


def test_sources_and_fields_may_be_named_in_the_limits() -> None:
    assert passes(MATCHES, of_task(newField=["x"]), otherFields=["newField"])
    new = on(source=["aws.ecx"])
    assert violations(MATCHES, new)
    assert said(MATCHES, new, otherSources=["aws.ecx"]).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("source", [["aws.ecs", "acme.tiles"], ["aws.mars-rover"], [{"prefix": "aws."}]])
def test_events_of_sources_that_are_not_listed_may_have_any_type(source: list[Any]) -> None:
    about = on(source=source, detail_type=["Tile Done"])
    assert said(MATCHES, about).outcome is Outcome.NOT_APPLICABLE


def test_the_words_of_several_types_are_compared_together() -> None:
    both = ["ECS Task State Change", "ECS Service Action"]
    assert passes(MATCHES, on(source=["aws.ecs"], detail_type=both, detail={"eventName": ["x"]}))
    assert violations(MATCHES, on(source=["aws.ecs"], detail_type=both, detail={"lastStatus": ["x"]}))


def uploaded_to(bucket: str, detail_type: str = "Object Created") -> Resource:
    return on(source=["aws.s3"], detail_type=[detail_type], detail={"bucket": {"name": [bucket]}})


def test_a_bucket_must_send_its_events_to_eventbridge() -> None:
    bucket = resource(BUCKET, "uploads", bucket="tiles-uploads")
    (told,) = violations(MATCHES, uploaded_to("tiles-uploads"), bucket)
    assert "the bucket uploads sends no events to EventBridge" in told
    for value in (True, UNKNOWN):
        on_ = resource(BUCKET_NOTIFICATION, "on", bucket="tiles-uploads", eventbridge=value)
        assert passes(MATCHES, uploaded_to("tiles-uploads"), bucket, on_)
    off = resource(BUCKET_NOTIFICATION, "on", bucket="tiles-uploads", eventbridge=False)
    assert violations(MATCHES, uploaded_to("tiles-uploads"), bucket, off)
    assert passes(MATCHES, uploaded_to("of-another-stack"), bucket)
    by_trail = uploaded_to("tiles-uploads", "AWS API Call via CloudTrail")
    assert passes(MATCHES, by_trail, bucket)
