import json
from typing import Any

import pytest

from guardrails.aws.types import FUNCTION, ROLE, ROLE_POLICY, SCHEDULE, STATE_MACHINE, TASK_DEFINITION
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

NAMED = rule("role-names-resources")

TASK = resource(TASK_DEFINITION, "task", family="tiler", taskRoleArn="its")
EVERYTHING = (
    "*",
    "arn:aws:sns:*:*:*",
    "arn:aws:sns:eu-west-1:111122223333:*",
    ["arn:aws:sns:::a", "*"],
    "arn:aws:s3:::*/*",
)


def allow(*actions: str, on: Any = "*", **fields: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **fields}


def role(*statements: Any, policy: Any = None, **properties: Any) -> tuple[Resource, Resource]:
    written = policy or json.dumps({"Version": "2012-10-17", "Statement": statements})
    its = resource(ROLE, "its-role", name="its", **properties)
    return its, resource(ROLE_POLICY, "its-policy", role="its", policy=written)


def given(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize("on", EVERYTHING)
@pytest.mark.parametrize(
    "action",
    ["*", "sns:*", "sns:Publish", "s3:GetObject", "s3:Get*", "kms:Decrypt", "sqs:ReceiveMessage", "rds-*:*"],
)
def test_a_change_or_a_read_of_data_on_every_resource_is_refused(action: str, on: Any) -> None:
    (told,) = violations(NAMED, *role(allow(action, on=on)), TASK)
    assert told == (
        f"its-role: the policy its-policy allows {action} on every resource; name the resources in Resource, or limit "
        "the statement to some by a condition, or name the actions in acceptedActions."
    )
    assert passes(NAMED, *role(allow(action, on=on)), TASK, acceptedActions=[action])


@pytest.mark.parametrize(
    "actions",
    [
        ("ecr:GetAuthorizationToken", "ecr:BatchGetImage", "logs:CreateLogStream", "logs:PutLogEvents"),
        ("ecs:ListTasks", "ecs:DescribeTasks", "states:SendTaskSuccess", "states:SendTask*"),
        ("cloudwatch:PutMetricData", "xray:PutTraceSegments", "xray:GetSamplingRules"),
        ("ec2:Describe*", "ec2:CreateNetworkInterface", "glue:GetTable", "s3:ListAllMyBuckets"),
        ("ssmmessages:OpenDataChannel", "logs:DescribeLogGroups", "logs:CreateLogDelivery", "logs:Describe*"),
        ("bedrock:InvokeModel", "polly:SynthesizeSpeech"),
    ],
)
def test_an_action_without_resources_passes_and_so_does_a_read_of_a_description(
    actions: tuple[str, ...],
) -> None:
    assert passes(NAMED, *role(allow(*actions)), TASK)


@pytest.mark.parametrize(
    "on",
    [
        "arn:aws:sns:*:*:news-*",
        "arn:aws:kms:eu-west-1:111122223333:key/*",
        "arn:aws:s3:::tiles/*",
        "arn:aws:s3:::tiles-*/*",
        "arn:aws:ecs:*:*:task/tiles/*",
        [],
    ],
)
def test_a_name_or_a_kind_of_a_resource_passes(on: Any) -> None:
    assert passes(NAMED, *role(allow("sns:*", "kms:Decrypt", on=on)), TASK)


@pytest.mark.parametrize("on", ["*", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:*"])
def test_every_role_is_passed_to_no_service(on: str) -> None:
    to_ecs = given("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com")
    (told,) = violations(NAMED, *role(allow("iam:PassRole", on=on, **to_ecs)), TASK)
    assert "allows iam:PassRole on every resource" in told
    assert passes(NAMED, *role(allow("iam:PassRole", on="arn:aws:iam::111122223333:role/tiles-*")), TASK)


@pytest.mark.parametrize(
    ("condition", "passing"),
    [
        (given("ArnEquals", "ecs:cluster", "arn:aws:ecs:eu-west-1:111122223333:cluster/tiles"), True),
        (given("StringEquals", "aws:ResourceTag/Project", "maps"), True),
        (given("StringEquals", "kms:ViaService", "sqs.eu-west-1.amazonaws.com"), True),
        (given("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/tiles"), True),
        (given("ForAllValues:StringEquals", "kms:ResourceAliases", "alias/tiles"), False),
        (given("StringEqualsIfExists", "ecs:cluster", "tiles"), False),
        (given("ArnNotEquals", "ecs:cluster", "tiles"), False),
        (given("ArnLike", "ecs:cluster", "*"), False),
        (given("Bool", "aws:SecureTransport", "true"), False),
        (given("StringEquals", "aws:RequestedRegion", "eu-west-1"), False),
        (given("Resembles", "ecs:cluster", "tiles"), False),
    ],
)
def test_a_condition_may_limit_the_resources(condition: dict[str, Any], passing: bool) -> None:
    assert passes(NAMED, *role(allow("ecs:StopTask", "kms:Decrypt", **condition)), TASK) is passing


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"},
        {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "NotResource": "arn:aws:s3:::tiles"},
    ],
)
def test_everything_but_some_actions_is_refused(statement: dict[str, Any]) -> None:
    (told,) = violations(NAMED, *role(statement), TASK)
    assert "allows everything except iam:*, sts:* on every resource; write Action" in told
    assert passes(NAMED, *role({**statement, "Effect": "Deny"}), TASK)


@pytest.mark.parametrize("policy", ["AdministratorAccess", "PowerUserAccess", "AmazonS3FullAccess"])
def test_a_policy_of_aws_for_every_action_of_a_service_is_refused(policy: str) -> None:
    its = role(managedPolicyArns=[f"arn:aws:iam::aws:policy/{policy}"])
    (told,) = violations(NAMED, *its, TASK)
    assert f"the policy {policy}, which AWS manages" in told
    assert passes(NAMED, *its, TASK, acceptedPolicies=[policy])
    # Another rule reports every policy outside of the plan for these users.
    assert passes(NAMED, *its, resource(FUNCTION, "reporter", role="its"))


def test_a_policy_of_aws_for_a_role_of_a_service_passes() -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    assert passes(NAMED, *role(managedPolicyArns=[arn]), TASK)


@pytest.mark.parametrize(
    "user",
    [
        resource(SCHEDULE, "weekly", target={"roleArn": "its"}),
        resource(STATE_MACHINE, "machine", roleArn="its"),
        resource(TASK_DEFINITION, "task", executionRoleArn="its"),
    ],
)
def test_the_role_of_every_user_is_evaluated(user: Resource) -> None:
    assert violations(NAMED, *role(allow("sqs:*")), user)


def test_a_role_that_nothing_of_the_plan_uses_is_not_evaluated() -> None:
    evaluation = said(NAMED, *role(allow("*")))
    assert evaluation.outcome is Outcome.NOT_APPLICABLE
    assert evaluation.reason == "no machine, schedule, rule, task or function of the plan uses it"


def test_a_policy_that_is_not_known_yet_is_not_evaluated() -> None:
    evaluation = said(NAMED, *role(policy=UNKNOWN), TASK)
    assert (evaluation.outcome, evaluation.reason) == (
        Outcome.NOT_APPLICABLE,
        "its policies are not known yet",
    )
