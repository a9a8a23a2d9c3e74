import json
from typing import Any

import pytest

from guardrails.aws.types import (
    EVENT_RULE,
    EVENT_TARGET,
    FUNCTION,
    LOG_GROUP,
    QUEUE,
    ROLE,
    ROLE_POLICY,
    SCHEDULE,
    STATE_MACHINE,
    TASK_DEFINITION,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import container, definition
from tests.policies.plans import passes, resource, rule, said, violations

ALLOWS = rule("role-allows-its-user")
TRUSTS = rule("role-trusts-its-user")

ACCOUNT = "111122223333"
MACHINE_ARN = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:tiles"
QUEUE_ARN = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:lost"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/its"
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/tiler:1"
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def allow(*actions: str, on: Any = "*", **fields: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **fields}


def role(*statements: Any, policy: Any = None, **properties: Any) -> tuple[Resource, Resource]:
    written = policy or json.dumps({"Statement": statements})
    its = resource(ROLE, "its-role", name="its", **properties)
    return its, resource(ROLE_POLICY, "its-policy", role="its", policy=written)


def schedule(**target: Any) -> Resource:
    target = {"arn": MACHINE_ARN, "roleArn": ROLE_ARN, **target}
    return resource(SCHEDULE, "weekly", scheduleExpression="rate(7 days)", target=target)


def task(**properties: Any) -> Resource:
    containers = [{"name": "tiler", "image": IMAGE}]
    roles = {"executionRoleArn": ROLE_ARN}
    return resource(
        TASK_DEFINITION,
        "task",
        family="tiler",
        **{**roles, "containerDefinitions": json.dumps(containers), **properties},
    )


def tiles(work: dict[str, Any]) -> Resource:
    return resource(STATE_MACHINE, "tiles", name="tiles", definition=json.dumps(definition(Work=work)))


TILES = tiles(container())
LOST = resource(QUEUE, "lost", name="lost")
STARTS = allow("states:StartExecution", on=MACHINE_ARN)
SENDS = allow("sqs:SendMessage", on=QUEUE_ARN)


def test_a_schedule_whose_role_may_start_the_machine_and_send_to_the_dlq_passes() -> None:
    about = schedule(deadLetterConfig={"arn": QUEUE_ARN})
    assert passes(ALLOWS, about, TILES, LOST, *role(STARTS, SENDS))


def test_a_schedule_that_may_not_start_its_machine_is_refused() -> None:
    (told,) = violations(ALLOWS, schedule(), TILES, *role(SENDS))
    assert told == (
        "weekly: the start of tiles: needs states:StartExecution on tiles, and none of the 1 statements of the role "
        "its-role allows it; add it to one of its policies."
    )


def test_a_lost_start_needs_the_queue_and_its_key() -> None:
    about = schedule(deadLetterConfig={"arn": QUEUE_ARN})
    (told,) = violations(ALLOWS, about, TILES, LOST, *role(STARTS))
    assert "its dead-letter queue lost: needs sqs:SendMessage on lost" in told
    encrypted = resource(QUEUE, "lost", name="lost", kmsMasterKeyId=UNKNOWN)
    (told,) = violations(ALLOWS, about, TILES, encrypted, *role(STARTS, SENDS))
    assert "the key of lost: needs kms:GenerateDataKey, kms:Decrypt" in told or "kms:Decrypt" in told
    key = allow("kms:Decrypt", "kms:GenerateDataKey*")
    assert passes(ALLOWS, about, TILES, encrypted, *role(STARTS, SENDS, key))


def test_a_machine_with_an_unknown_arn_is_compared_by_its_name() -> None:
    its, policy = role(allow("states:StartExecution", on=MACHINE_ARN.replace("tiles", "maps")))
    about = resource(
        SCHEDULE,
        "weekly",
        scheduleExpression="rate(7 days)",
        sources={"target": (TILES, its)},
        target={"arn": UNKNOWN, "roleArn": UNKNOWN},
    )
    (told,) = violations(ALLOWS, about, TILES, its, policy)
    assert "allows it only on other resources" in told
    assert passes(ALLOWS, about, TILES, *role(STARTS))


def test_a_policy_that_is_not_known_yet_is_not_evaluated() -> None:
    evaluation = said(ALLOWS, schedule(), TILES, *role(policy=UNKNOWN))
    assert (evaluation.outcome, evaluation.reason) == (
        Outcome.NOT_APPLICABLE,
        "the policies of the role its-role are not known yet",
    )


def test_a_condition_on_the_context_of_a_request_is_not_a_missing_permission() -> None:
    conditional = {**STARTS, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    assert passes(ALLOWS, schedule(), TILES, *role(conditional))


def test_a_policy_outside_of_the_plan_may_allow_the_call() -> None:
    managed = {"managedPolicyArns": ["arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess"]}
    (told,) = violations(ALLOWS, schedule(), TILES, *role(SENDS, **managed))
    assert "may not allow 1 action that its user needs" in told
    assert "because policies outside of the plan cannot be read (AWSStepFunctionsFullAccess)" in told


def test_a_boundary_in_the_plan_limits_the_role() -> None:
    boundary = resource(
        "aws:iam/policy:Policy", "limit", name="limit", policy=json.dumps({"Statement": [SENDS]})
    )
    its = role(STARTS, permissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/limit")
    (told,) = violations(ALLOWS, schedule(), TILES, boundary, *its)
    assert (
        "the permissions boundary limit of the role its-role does not allow it; add it to the boundary"
        in told
    )
    elsewhere = role(STARTS, permissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/team")
    assert passes(ALLOWS, schedule(), TILES, *elsewhere)


def test_a_statement_without_a_resource_is_named() -> None:
    without = {"Effect": "Allow", "Action": "states:*"}
    (told,) = violations(ALLOWS, schedule(), TILES, *role(without))
    assert "the statement of the policy its-policy that allows it has no Resource; write Resource" in told


def test_a_target_that_starts_a_machine_has_a_role() -> None:
    target = resource(EVENT_TARGET, "target", rule="rule", arn=MACHINE_ARN)
    (told,) = violations(ALLOWS, target, TILES)
    assert told == ("target: it has no roleArn, which the start of tiles needs; name a role that allows it.")
    assert passes(
        ALLOWS, resource(EVENT_TARGET, "target", arn=MACHINE_ARN, roleArn=ROLE_ARN), TILES, *role(STARTS)
    )


def test_a_task_that_a_schedule_starts_gets_its_roles() -> None:
    about = schedule(
        arn=f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/c", ecsParameters={"taskDefinitionArn": "tiler"}
    )
    (told,) = violations(ALLOWS, about, task(), *role(allow("ecs:RunTask")))
    assert "the task task: needs iam:PassRole on its" in told
    passes_on = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    allowed = allow("ecs:RunTask"), allow("iam:PassRole", on=ROLE_ARN, Condition=passes_on)
    assert passes(ALLOWS, about, task(), *role(*allowed))
    elsewhere = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    wrong = allow("ecs:RunTask"), allow("iam:PassRole", on=ROLE_ARN, Condition=elsewhere)
    assert "add ecs-tasks to iam:PassedToService" in violations(ALLOWS, about, task(), *role(*wrong))[0]


def test_a_start_role_pulls_logs_and_reads_secrets() -> None:
    assert passes(ALLOWS, task(), *role(SENDS, managedPolicyArns=[EXECUTION_POLICY]))
    secret = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:token-a1b2c3"
    logs = {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/ecs/tiler", "awslogs-create-group": "true"},
    }
    full = json.dumps(
        [
            {
                "name": "tiler",
                "image": IMAGE,
                "logConfiguration": logs,
                "secrets": [
                    {"name": "TOKEN", "valueFrom": f"{secret}:token::"},
                    {"name": "PLACE", "valueFrom": "/tiles/place"},
                ],
            }
        ]
    )
    told = " ".join(
        violations(
            ALLOWS, task(containerDefinitions=full), *role(SENDS, managedPolicyArns=[EXECUTION_POLICY])
        )
    )
    for needed in (
        "logs:CreateLogGroup on *",
        "secretsmanager:GetSecretValue on token-a1b2c3",
        "ssm:GetParameters on place",
    ):
        assert needed.split(" ", 1)[0] in told
    others = allow("logs:CreateLogGroup"), allow("secretsmanager:*", on=secret), allow("ssm:GetParameters")
    assert passes(
        ALLOWS, task(containerDefinitions=full), *role(*others, managedPolicyArns=[EXECUTION_POLICY])
    )


def test_a_public_image_needs_no_permission() -> None:
    public = json.dumps([{"name": "web", "image": "public.ecr.aws/nginx/nginx:1.27"}])
    assert said(ALLOWS, task(containerDefinitions=public), *role(SENDS)).outcome is Outcome.NOT_APPLICABLE


def test_a_task_answers_the_tokens_of_its_machine() -> None:
    work = container()
    work["Arguments"] = {**work["Arguments"], "TaskDefinition": "tiler"}
    waiting = tiles(work)
    about = task(containerDefinitions="[]", taskRoleArn=ROLE_ARN)
    answers = ("states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat")
    assert passes(ALLOWS, about, waiting, *role(allow(*answers, on=MACHINE_ARN)))
    (told,) = violations(ALLOWS, about, waiting, *role(allow(*answers[:2], on=MACHINE_ARN)))
    assert "the token of Work: needs states:SendTaskHeartbeat on tiles" in told


def test_the_role_of_a_function_must_allow_its_logs_traces_and_dead_letters() -> None:
    group = resource(LOG_GROUP, "logs", name="/aws/lambda/report")
    about = resource(
        FUNCTION,
        "report",
        name="report",
        role=ROLE_ARN,
        deadLetterConfig={"targetArn": QUEUE_ARN},
        tracingConfig={"mode": "Active"},
    )
    told = " ".join(violations(ALLOWS, about, LOST, group, *role(allow("s3:GetObject"))))
    for action in ("sqs:SendMessage", "logs:PutLogEvents", "xray:PutTraceSegments"):
        assert action in told
    written = allow("logs:CreateLogStream", "logs:PutLogEvents", "xray:Put*")
    assert passes(ALLOWS, about, LOST, group, *role(SENDS, written))


def trusting(service: str, **fields: Any) -> tuple[Resource, Resource]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}, **fields}
    return role(STARTS, assumeRolePolicy=json.dumps({"Statement": [statement]}))


@pytest.mark.parametrize(
    ("user", "service"),
    [
        (resource(STATE_MACHINE, "it", name="tiles", roleArn=ROLE_ARN), "states.amazonaws.com"),
        (resource(EVENT_TARGET, "it", arn=MACHINE_ARN, roleArn=ROLE_ARN), "events.amazonaws.com"),
        (resource(TASK_DEFINITION, "it", taskRoleArn=ROLE_ARN), "ecs-tasks.amazonaws.com"),
        (resource(FUNCTION, "it", role=ROLE_ARN), "lambda.amazonaws.com"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_role_lets_in_the_service_that_uses_it(user: Resource, service: str) -> None:
    assert passes(TRUSTS, user, *trusting(service))
    (told,) = violations(TRUSTS, user, *trusting("ec2.amazonaws.com"))
    assert f"it uses the role its-role, which does not let in {service}" in told
    unknown = role(STARTS, assumeRolePolicy=UNKNOWN)
    assert said(TRUSTS, user, *unknown).outcome is Outcome.NOT_APPLICABLE


def test_a_role_for_another_machine_does_not_serve_this_one() -> None:
    user = resource(STATE_MACHINE, "it", name="tiles", roleArn=ROLE_ARN)
    source = {"Condition": {"ArnLike": {"aws:SourceArn": MACHINE_ARN}}}
    assert passes(TRUSTS, user, *trusting("states.amazonaws.com", **source))
    other = {"Condition": {"ArnLike": {"aws:SourceArn": MACHINE_ARN.replace("tiles", "maps")}}}
    assert violations(TRUSTS, user, *trusting("states.amazonaws.com", **other))


@pytest.mark.parametrize(
    ("arn", "trusted"),
    [
        (f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*", True),
        (f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/c", True),
        (f"arn:aws:ecs:us-east-1:{ACCOUNT}:*", False),
        ("arn:aws:ecs:eu-west-1:444455556666:*", False),
    ],
)
def test_a_task_role_is_assumed_for_tasks_of_its_region_and_account(arn: str, trusted: bool) -> None:
    provider = {"region": "eu-west-1", "allowedAccountIds": [ACCOUNT]}
    user = resource(TASK_DEFINITION, "task", provider=provider, taskRoleArn=ROLE_ARN)
    source = {"Condition": {"ArnLike": {"aws:SourceArn": arn}}}
    assert passes(TRUSTS, user, *trusting("ecs-tasks.amazonaws.com", **source)) is trusted
    elsewhere = resource(TASK_DEFINITION, "task", taskRoleArn=ROLE_ARN)
    assert passes(TRUSTS, elsewhere, *trusting("ecs-tasks.amazonaws.com", **source))


def test_the_role_of_a_rule_is_assumed_for_that_rule() -> None:
    uploaded = resource(EVENT_RULE, "uploaded", name="uploaded")
    user = resource(EVENT_TARGET, "target", rule="uploaded", arn=MACHINE_ARN, roleArn=ROLE_ARN)

    def trusted(user: Resource, rule: str) -> bool:
        arn = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/{rule}"
        source = {"Condition": {"ArnLike": {"aws:SourceArn": arn}}}
        return passes(TRUSTS, user, uploaded, *trusting("events.amazonaws.com", **source))

    assert trusted(user, "uploaded")
    assert trusted(user, "up*")
    assert not trusted(user, "maps")
    on_a_bus = resource(
        EVENT_TARGET, "target", rule="uploaded", eventBusName="own", arn=MACHINE_ARN, roleArn=ROLE_ARN
    )
    assert trusted(on_a_bus, "own/uploaded")
