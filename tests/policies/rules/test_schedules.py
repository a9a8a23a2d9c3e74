import json
from typing import Any

import pytest

from guardrails.aws.types import EVENT_TARGET, ROLE, SCHEDULE, SCHEDULE_GROUP
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

RECOVERS = rule("schedule-recovers-lost-starts")
SUBSTITUTED = rule("rule-input-not-substituted")
SCOPED = rule("schedule-role-scoped")
TRUSTED = rule("role-trusts-its-user")

QUEUE_ARN = "arn:aws:sqs:eu-west-1:111122223333:lost"
GROUP_ARN = "arn:aws:scheduler:eu-west-1:111122223333:schedule-group/tiles"
ROLE_ARN = "arn:aws:iam::111122223333:role/start"


def schedule(target: Any = None, retries: Any = 5, seconds: Any = 7_200, **properties: Any) -> Resource:
    return resource(
        SCHEDULE,
        "weekly",
        **{
            "groupName": "tiles",
            "target": {
                "arn": "arn:aws:states:eu-west-1:111122223333:stateMachine:tiles",
                "roleArn": ROLE_ARN,
                "deadLetterConfig": {"arn": QUEUE_ARN},
                "retryPolicy": {"maximumRetryAttempts": retries, "maximumEventAgeInSeconds": seconds},
                **(target or {}),
            },
            **properties,
        },
    )


# schedule-recovers-lost-starts


def test_a_schedule_with_retries_and_a_queue_passes() -> None:
    assert passes(RECOVERS, schedule())


def test_a_queue_that_is_not_known_yet_is_one() -> None:
    assert passes(RECOVERS, schedule({"deadLetterConfig": {"arn": UNKNOWN}}))


@pytest.mark.parametrize("config", [None, {}, {"arn": ""}, {"arn": None}])
def test_a_schedule_without_a_queue_is_refused(config: Any) -> None:
    (told,) = violations(RECOVERS, schedule({"deadLetterConfig": config}))
    assert "target.deadLetterConfig.arn" in told


@pytest.mark.parametrize(("retries", "enough"), [(0, False), (1, True), (2, True), (185.0, True)])
def test_a_start_is_tried_again(retries: float, enough: bool) -> None:
    assert passes(RECOVERS, schedule(retries=retries)) is enough


def test_too_few_retries_are_reported_with_the_limit() -> None:
    (told,) = violations(RECOVERS, schedule(retries=2), minRetryAttempts=3)
    assert "2 retries, less than 3" in told
    assert "raise target.retryPolicy.maximumRetryAttempts or lower minRetryAttempts" in told


@pytest.mark.parametrize(("seconds", "soon"), [(60, True), (21_600, True), (21_601, False), (86_400, False)])
def test_a_start_is_not_much_too_late(seconds: int, soon: bool) -> None:
    assert passes(RECOVERS, schedule(seconds=seconds)) is soon


def test_a_late_start_is_reported_with_the_limit() -> None:
    (told,) = violations(RECOVERS, schedule(seconds=7_201), maxEventAgeSeconds=7_200)
    assert "7,201 s late, more than 7,200 s" in told
    assert "raise maxEventAgeSeconds" in told


def test_all_that_is_missing_is_reported() -> None:
    told = violations(RECOVERS, schedule({"deadLetterConfig": None, "retryPolicy": None}))
    assert len(told) == 3
    assert "maximumRetryAttempts is missing" in told[1]
    assert "maximumEventAgeInSeconds is missing" in told[2]
    assert "86,400 s late" in told[2]


@pytest.mark.parametrize("which", ["retries", "seconds"])
def test_a_number_that_is_not_known_yet_is_refused(which: str) -> None:
    (told,) = violations(RECOVERS, schedule(**{which: UNKNOWN}))
    assert "is not known" in told


@pytest.mark.parametrize(
    "nonsense", [None, [], "x", 5, {"retryPolicy": []}, {"deadLetterConfig": 5}], ids=str
)
def test_a_target_may_be_any_json(nonsense: Any) -> None:
    told = violations(RECOVERS, resource(SCHEDULE, "weekly", target=nonsense))
    assert len(told) == 3


# rule-input-not-substituted


def target(**properties: Any) -> Resource:
    return resource(EVENT_TARGET, "start", arn="arn:aws:states:eu-west-1:1:stateMachine:tiles", **properties)


def test_an_input_without_keywords_passes() -> None:
    assert passes(SUBSTITUTED, target(input='{"regions": 5}'))
    transformed = {
        "inputPaths": {"at": "$.time"},
        "inputTemplate": '{"at": <at>, "rule": <aws.events.rule-name>}',
    }
    assert passes(SUBSTITUTED, target(inputTransformer=transformed))


@pytest.mark.parametrize(
    "properties",
    [
        {"input": '{"at": "<aws.scheduler.scheduled-time>"}'},
        {"inputTransformer": {"inputTemplate": '{"at": "<aws.scheduler.execution-id>"}'}},
    ],
)
def test_a_keyword_of_the_other_service_is_refused(properties: dict[str, Any]) -> None:
    (told,) = violations(SUBSTITUTED, target(**properties))
    assert "only EventBridge Scheduler replaces" in told
    assert next(iter(properties)) in told


def test_each_input_is_reported() -> None:
    both = {
        "input": "<aws.scheduler.attempt-number>",
        "inputTransformer": {"inputTemplate": "<aws.scheduler.scheduled-time>"},
    }
    assert len(violations(SUBSTITUTED, target(**both))) == 2


def test_the_event_itself_is_no_input_of_its_own() -> None:
    judged = said(SUBSTITUTED, target())
    assert (judged.outcome, "without its own input" in judged.reason) == (Outcome.NOT_APPLICABLE, True)


@pytest.mark.parametrize("properties", [{"input": UNKNOWN}, {"inputTransformer": UNKNOWN}])
def test_an_input_that_is_not_known_yet_is_refused(properties: dict[str, Any]) -> None:
    (told,) = violations(SUBSTITUTED, target(**properties))
    assert "is not known" in told


# schedule-role-scoped


def role(condition: Any, service: Any = "scheduler.amazonaws.com", **properties: Any) -> Resource:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    trust = {"assumeRolePolicy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    return resource(ROLE, "start-role", name="start", **{**trust, **properties})


OF_GROUP = {"StringEquals": {"aws:SourceArn": GROUP_ARN}}
OF_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
ANY_GROUP = "arn:aws:scheduler:*:*:schedule-group/*"


@pytest.mark.parametrize(
    "condition",
    [
        OF_GROUP,
        {"StringEquals": {"AWS:SourceArn": [GROUP_ARN], "aws:SourceAccount": "111122223333"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:111122223333:schedule-group/til*"}},
        {"ArnEquals": {"aws:SourceArn": [GROUP_ARN + "-of-others", GROUP_ARN]}},
    ],
    ids=str,
)
def test_a_role_for_named_groups_passes(condition: Any) -> None:
    assert passes(SCOPED, schedule(), role(condition))


@pytest.mark.parametrize(
    "condition",
    [
        OF_ACCOUNT,
        {"ForAnyValue:StringLike": {"aws:SourceAccount": ["1111*"]}},
        {"ArnLike": {"aws:SourceArn": ANY_GROUP}},
        {"ArnLike": {"aws:SourceArn": ANY_GROUP}, "StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"ArnLike": {"aws:SourceArn": [GROUP_ARN, ANY_GROUP]}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:eu-west-1:111122223333:*"}},
    ],
    ids=str,
)
def test_a_role_for_every_group_is_refused(condition: Any) -> None:
    (told,) = violations(SCOPED, schedule(), role(condition))
    assert "the schedules of every group may use the role start-role" in told
    assert "compare aws:SourceArn with the ARN of the schedule group" in told


@pytest.mark.parametrize(
    "condition",
    [
        None,
        {},
        {"StringEquals": {"aws:SourceArn": "*"}},
        {"StringNotEquals": {"aws:SourceAccount": "111122223333"}},
        {"Null": {"aws:SourceArn": "false"}},
        {"StringEquals": {"aws:PrincipalTag/team": "tiles"}},
    ],
    ids=str,
)
def test_a_role_for_any_source_is_refused(condition: Any) -> None:
    (told,) = violations(SCOPED, schedule(), role(condition))
    assert "start-role, because no condition of its trust policy names a source" in told
    assert "aws:SourceArn" in told


def test_a_role_for_a_single_schedule_is_refused() -> None:
    single = GROUP_ARN.replace("schedule-group/tiles", "schedule/tiles/weekly")
    trusting = role({"ArnLike": {"aws:SourceArn": single}})
    assert passes(SCOPED, schedule(), trusting)
    (told,) = violations(TRUSTED, schedule(), trusting)
    assert (
        "for the schedule group, which is the source that EventBridge Scheduler names, if it names one"
        in told
    )
    assert "111122223333" not in told


def test_a_role_for_another_group_is_refused() -> None:
    assert passes(SCOPED, schedule(groupName="other"), role(OF_GROUP))
    (told,) = violations(TRUSTED, schedule(groupName="other"), role(OF_GROUP))
    assert "it uses the role start-role, which does not let in scheduler.amazonaws.com" in told


PROVIDER = {"region": "eu-west-1", "allowedAccountIds": ["111122223333"]}


@pytest.mark.parametrize(
    ("condition", "trusted"),
    [
        (OF_GROUP, True),
        (OF_ACCOUNT, True),
        ({"ArnLike": {"aws:SourceArn": GROUP_ARN.replace("eu-west-1", "*")}}, True),
        ({"StringEquals": {"aws:SourceArn": GROUP_ARN.replace("eu-west-1", "us-east-1")}}, False),
        ({"StringEquals": {"aws:SourceArn": GROUP_ARN.replace("111122223333", "444455556666")}}, False),
        ({"StringEquals": {"aws:SourceArn": GROUP_ARN.replace("tiles", "t*")}}, False),
        ({"StringLike": {"aws:SourceArn": GROUP_ARN.replace("tiles", "t*")}}, True),
        ({"ArnNotEquals": {"aws:SourceArn": GROUP_ARN}}, False),
        ({"StringEquals": {"aws:SourceAccount": "444455556666"}}, False),
        ({"StringEquals": {"aws:SourceOrgID": "o-1"}}, True),
    ],
    ids=str,
)
def test_the_trust_of_a_schedule_is_evaluated_for_its_group(condition: Any, trusted: bool) -> None:
    about = schedule(provider=PROVIDER)
    assert passes(TRUSTED, about, role(condition)) is trusted


def test_a_group_that_is_not_known_yet_may_be_the_one_that_the_trust_names() -> None:
    group = resource(SCHEDULE_GROUP, "group", name="maps")
    unknown = schedule(groupName=UNKNOWN)
    assert passes(TRUSTED, unknown, role(OF_GROUP))
    named = schedule(groupName=UNKNOWN, sources={"groupName": (group,)})
    assert not passes(TRUSTED, named, group, role(OF_GROUP))


@pytest.mark.parametrize("action", ["sts:*", "sts:AssumeRole"])
def test_a_trust_policy_that_denies_is_refused(action: str) -> None:
    document = json.loads(role(OF_GROUP).properties["assumeRolePolicy"])
    allowed = document["Statement"]
    denied = {"Effect": "Deny", "Principal": "*", "Action": action}
    document["Statement"] = [*(allowed if isinstance(allowed, list) else [allowed]), denied]
    (told,) = violations(TRUSTED, schedule(), role(None, assumeRolePolicy=document))
    assert told.endswith("whose trust policy denies scheduler.amazonaws.com sts:AssumeRole; remove the Deny.")


def test_a_group_that_is_not_known_yet_is_one_of_its_own() -> None:
    assert passes(SCOPED, schedule(groupName=UNKNOWN), role(OF_GROUP))


@pytest.mark.parametrize("group", [None, "", "default"])
def test_the_group_of_all_schedules_is_refused(group: Any) -> None:
    group_arn = GROUP_ARN.replace("tiles", group or "default")
    told = violations(SCOPED, schedule(groupName=group), role({"StringEquals": {"aws:SourceArn": group_arn}}))
    assert len(told) == 1
    assert "in the group default" in told[0]
    assert "groupName" in told[0]


@pytest.mark.parametrize("service", ["events.amazonaws.com", []])
def test_a_role_that_the_service_may_not_assume_is_refused(service: Any) -> None:
    (told,) = violations(TRUSTED, schedule(), role(OF_GROUP, service))
    assert "does not let in scheduler.amazonaws.com" in told


def test_the_service_may_be_one_of_several() -> None:
    assert passes(SCOPED, schedule(), role(OF_GROUP, ["events.amazonaws.com", "scheduler.amazonaws.com"]))


def test_a_trust_policy_may_be_an_object() -> None:
    document = json.loads(role(OF_GROUP).properties["assumeRolePolicy"])
    assert passes(SCOPED, schedule(), role(None, assumeRolePolicy=document))


def test_a_trust_policy_that_is_not_known_yet_is_refused() -> None:
    (told,) = violations(SCOPED, schedule(), role(None, assumeRolePolicy=UNKNOWN))
    assert "assumeRolePolicy is not known" in told


def test_a_role_is_the_one_that_an_unknown_value_comes_from() -> None:
    open_to_all = role(None)
    unknown = schedule({"roleArn": UNKNOWN}, sources={"target": (open_to_all,)})
    assert violations(SCOPED, unknown, open_to_all)


def test_a_role_that_is_not_in_the_plan_is_not_evaluated() -> None:
    judged = said(SCOPED, schedule())
    assert (judged.outcome, "not in the plan" in judged.reason) == (Outcome.NOT_APPLICABLE, True)
    assert violations(SCOPED, schedule(groupName="default"))


@pytest.mark.parametrize(
    "document", ["", "5", "[]", "{}", '{"Statement": 5}', '{"Statement": [5, {"Effect": "Allow"}]}']
)
def test_a_trust_policy_may_be_any_json(document: str) -> None:
    (told,) = violations(SCOPED, schedule(), role(None, assumeRolePolicy=document))
    assert "defect" not in told
