"""The check of the roles, by AWS's own simulation of their policies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.doctor.check import Context, Finding, error_code, fail, ok, unknown
from reporter.words import count

_SIMULATION = "SimulatePrincipalPolicy"


@dataclass(frozen=True)
class Need:
    """The calls that a role has to be allowed on a resource."""

    actions: tuple[str, ...]
    resource: str
    context: Mapping[str, str]


@dataclass(frozen=True)
class Role:
    """A role with the calls without which a run or a message fails."""

    part: str
    arn: str
    needs: tuple[Need, ...]


def check_roles(context: Context) -> Finding:
    """Find roles that are missing, or may not make a call that a run needs."""
    roles = list(_roles(context))
    calls = sum(len(need.actions) for role in roles for need in role.needs)
    seen = f"{count(len(roles), 'role')}, {count(calls, 'call')}"
    missing = [role.part for role in roles if not _exists(context, role.arn)]
    if missing:
        return fail(f"{seen}; missing: {', '.join(missing)}", "Deploy the stack again.", context.up)
    if context.stack.is_local:
        return unknown(
            f"{seen}: all roles exist; the local AWS has no {_SIMULATION}", "Only an account can answer it."
        )
    denied = [text for role in roles for text in _denied(context, role)]
    if denied:
        return fail(
            f"{seen}; denied: {'; '.join(denied)}",
            "Deploy the stack again; if that does not help, the permissions boundary or a policy of the organization "
            "denies it.",
            context.up,
        )
    return ok(f"{seen} allowed")


def _exists(context: Context, arn: str) -> bool:
    iam = context.stack.client("iam")
    try:
        iam.get_role(RoleName=arn.rpartition("/")[2])
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def _denied(context: Context, role: Role) -> Iterator[str]:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as in cli.stack

    iam = context.stack.client("iam")
    for need in role.needs:
        entries = [
            {"ContextKeyName": key, "ContextKeyType": _type(key), "ContextKeyValues": [value]}
            for key, value in need.context.items()
        ]
        try:
            answer = iam.simulate_principal_policy(
                PolicySourceArn=role.arn,
                ActionNames=list(need.actions),
                ResourceArns=[need.resource],
                ContextEntries=entries,
            )
        except ClientError as error:
            if error_code(error) == "NoSuchEntity":
                yield f"the role of {role.part} does not exist"
                return
            raise
        for result in answer["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                yield f"{role.part}: {result['EvalActionName']} on {need.resource}"


def _type(key: str) -> str:
    return "stringList" if key == "kms:ResourceAliases" else "string"


def _roles(context: Context) -> Iterator[Role]:
    """Yield the roles of the stack with what they need most; the policies of components/ are their full list."""
    stack, names = context.stack, context.names
    states = stack.client("stepfunctions")
    machine, watch = stack["step_functions_state_machine_arn"], stack["watch_state_machine_arn"]
    definition = stack.client("ecs").describe_task_definition(
        taskDefinition=stack["ecs_task_definition_arn"]
    )["taskDefinition"]
    reports, cache = (
        f"arn:{names.partition}:s3:::{stack[f's3_{what}_bucket']}" for what in ("reports", "cache")
    )
    reporter = names.arn("lambda", f"function:{stack['reporter_function_name']}")
    function: Any = stack.client("lambda").get_function_configuration(
        FunctionName=stack["reporter_function_name"]
    )
    key = Need(
        ("kms:Decrypt", "kms:GenerateDataKey"),
        names.arn("kms", f"key/{stack['kms_key_id']}"),
        {"kms:ResourceAliases": names.key_alias},
    )
    in_cluster = {"ecs:cluster": stack["ecs_cluster_arn"]}
    passed = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    yield Role(
        "the state machine",
        states.describe_state_machine(stateMachineArn=machine)["roleArn"],
        (
            Need(("ssm:GetParameter",), names.arn("ssm", f"parameter{stack['run_settings_parameter']}"), {}),
            Need(("s3:GetObject", "s3:PutObject"), f"{cache}/claims/active", {}),
            Need(("ecs:RunTask",), definition["taskDefinitionArn"], in_cluster),
            Need(("iam:PassRole",), definition["taskRoleArn"], passed),
            Need(("iam:PassRole",), definition["executionRoleArn"], passed),
            Need(("lambda:InvokeFunction",), reporter, {}),
            Need(("cloudwatch:PutMetricData",), "*", {"cloudwatch:namespace": names.metric_namespace}),
            key,
        ),
    )
    yield Role(
        "the watch machine",
        states.describe_state_machine(stateMachineArn=watch)["roleArn"],
        (
            Need(("states:SendTaskFailure",), machine, {}),
            Need(("states:DescribeExecution",), f"{machine.replace(':stateMachine:', ':execution:')}:x", {}),
            Need(("lambda:InvokeFunction",), reporter, {}),
        ),
    )
    yield Role(
        "the worker",
        definition["taskRoleArn"],
        (
            Need(("s3:GetObject", "s3:PutObject"), f"{reports}/weekly/x/summary.json", {}),
            Need(("s3:GetObject", "s3:PutObject"), f"{cache}/runs/x/plan.json", {}),
            Need(
                ("states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"), machine, {}
            ),
            key,
        ),
    )
    yield Role(
        "the start of workers",
        definition["executionRoleArn"],
        (
            Need(("ecr:GetAuthorizationToken",), "*", {}),
            Need(
                ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
                names.arn("ecr", f"repository/{stack['ecr_repository_url'].partition('/')[2]}"),
                {},
            ),
            Need(
                ("logs:CreateLogStream", "logs:PutLogEvents"),
                names.arn("logs", f"log-group:{stack['worker_log_group']}:log-stream:x"),
                {},
            ),
        ),
    )
    yield Role(
        "the reporter",
        function["Role"],
        (
            *(Need(("sns:Publish",), arn, {}) for arn in sorted(context.reporter.email_topic_arns)),
            Need(("s3:GetObject", "s3:PutObject"), f"{cache}/reported/x", {}),
            key,
        ),
    )
    target = stack.client("scheduler").get_schedule(
        Name=stack["eventbridge_schedule_name"], GroupName=stack["eventbridge_schedule_group"]
    )["Target"]
    yield Role(
        "the schedule",
        target["RoleArn"],
        (
            Need(("states:StartExecution",), machine, {}),
            Need(("sqs:SendMessage",), target["DeadLetterConfig"]["Arn"], {}),
        ),
    )
