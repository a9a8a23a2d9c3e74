"""The service calls of the state machines, each with the permissions that its role needs.

Sources: "Integrating services with Step Functions" for the resources; "Actions, resources, and condition keys for AWS
services" for the permissions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.machines.asl import ChildExecutions, Integration, Permission, expression
from components.machines.expressions import jsonata
from components.settings.bounds import WORKERS_A_PAGE
from components.settings.names import Names

# ECS accepts overrides of at most 8,192 characters, so no worker has received a longer execution input. An
# input may have 256 KiB, which is the limit of a state or a variable.
INPUT_MAX_CHARACTERS = 8_192
UNREPORTED_METRIC = "NotificationsFailed"
CONTAINER = "monitor"
# The environment variables of a worker that identify its execution.
TASK_TOKEN, EXECUTION = "TASK_TOKEN", "EXECUTION"
# The log stream of a task in the workers' log group. Source: Amazon ECS Developer Guide, "Send Amazon ECS
# logs to CloudWatch", option awslogs-stream-prefix.
LOG_STREAM_PREFIX = "worker"
_LAST_SUCCESS = "state/last-success.json"
# Escaped as JSON in the state's result, the beginning of a plan has up to twice as many bytes.
PLAN_BYTES_READ = 100_000


def _resource(names: Names, call: str) -> str:
    return f"arn:{names.partition}:states:::{call}"


def read_run_settings(names: Names) -> Integration:
    """Read the parameter with the run settings, which stay fixed for a run."""
    return Integration(
        _resource(names, "aws-sdk:ssm:getParameter"),
        {"Name": names.run_settings},
        (Permission(("ssm:GetParameter",), (names.run_settings_arn,)),),
    )


RUN_SETTINGS = "$parse($states.result.Parameter.Value)"
"""JSONata for the value of that parameter."""


@dataclass(frozen=True, kw_only=True)
class RunScope:
    """JSONata for the facts of a run, as the states of its execution read them."""

    settings: str = "$settings"
    run_id: str = "$run_id"
    input: str = "$input"
    execution: str = "$states.context.Execution.Id"


OF_CHILD_EXECUTION = RunScope(
    settings="$states.input.settings",
    run_id="$states.input.run_id",
    input="$states.input.input",
    execution="$states.input.execution",
)
"""The facts of a run as the states of a child execution read them, which has no variables and an ARN of its own."""
# Only the settings that a worker needs, since each event in a child's log contains them.
SELECT_FOR_CHILD = {
    "run_id": expression("$run_id"),
    "execution": expression("$states.context.Execution.Id"),
    "input": expression("$input.{'enable_scraping': enable_scraping, 'force_refresh': force_refresh}"),
    "settings": expression(
        "$settings.{'cluster': cluster, 'taskDefinition': taskDefinition, 'subnets': [subnets],"
        " 'securityGroups': [securityGroups], 'assignPublicIp': assignPublicIp, 'unitPrices': unitPrices}"
    ),
}
"""The part of an `ItemSelector` from which a child execution reads these facts."""


def shard_executions(names: Names) -> ChildExecutions:
    """Return the child executions that process shards, and the permissions to start and stop them.

    Source: AWS Step Functions Developer Guide, "IAM policies for using Distributed Map states". It names the machine's
    own executions for the second permission, and child executions only for a redrive, which is not supported.
    """
    machine, children = (
        names.arn("states", f"execution:{name}:*") for name in (names.machine, names.shard_machine)
    )
    return ChildExecutions(
        names.shard_label,
        (
            Permission(("states:StartExecution",), (names.machine_arn,)),
            Permission(("states:DescribeExecution", "states:StopExecution"), (machine, children)),
        ),
    )


def run_worker(
    names: Names,
    *,
    command: str,
    environment: Mapping[str, str],
    capacity_provider: str,
    size: Mapping[str, str] | None = None,
    execute_command: bool = False,
    scope: RunScope | None = None,
) -> Integration:
    """Start a worker on Fargate and wait for an answer with the state's task token.

    The values of the environment and the size may be expressions. The network and the task definition
    revision are created with the stack, so they come from the run settings in the `scope`.
    """
    scope = scope or RunScope()
    variables = {
        TASK_TOKEN: expression("$states.context.Task.Token"),
        EXECUTION: expression(scope.execution),
        **environment,
    }
    overrides: dict[str, Any] = {
        "ContainerOverrides": [
            {
                "Name": CONTAINER,
                "Command": [command],
                "Environment": [{"Name": name, "Value": value} for name, value in variables.items()],
            }
        ],
        **(size or {}),
    }
    arguments = {
        "Cluster": expression(f"{scope.settings}.cluster"),
        "TaskDefinition": expression(f"{scope.settings}.taskDefinition"),
        "Group": expression(worker_group(names, scope)),
        "CapacityProviderStrategy": [{"CapacityProvider": capacity_provider, "Weight": 1}],
        "PropagateTags": "TASK_DEFINITION",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": expression(f"[{scope.settings}.subnets]"),
                "SecurityGroups": expression(f"[{scope.settings}.securityGroups]"),
                "AssignPublicIp": expression(f"{scope.settings}.assignPublicIp"),
            }
        },
        "Overrides": overrides,
        **({"EnableExecuteCommand": True} if execute_command else {}),
    }
    return Integration(
        _resource(names, "ecs:runTask.waitForTaskToken"),
        arguments,
        (
            Permission(
                ("ecs:RunTask",),
                (names.arn("ecs", f"task-definition/{names.worker_family}:*"),),
                _in_our_cluster(names),
            ),
            Permission(
                ("ecs:TagResource",),
                (_tasks(names),),
                (("StringEquals", "ecs:CreateAction", "RunTask"),),
            ),
            Permission(
                ("iam:PassRole",),
                (names.role_arn("worker"), names.role_arn("worker-start")),
                (("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com"),),
            ),
        ),
    )


READ_JSON = "$parse($states.result.Body).($type($) = 'string' ? $parse($) : $)"
"""JSONata for the JSON of an object that a machine wrote; it may be a string that contains JSON."""


def write_claim(names: Names, key: str, condition: Mapping[str, str]) -> Integration:
    """Write the variable `claim` under a condition of S3; `key` is a JSONata expression."""
    return Integration(
        _resource(names, "aws-sdk:s3:putObject"),
        {
            "Bucket": names.bucket("cache"),
            "Key": expression(key),
            "Body": expression("$claim"),
            "ContentType": "application/json",
            **condition,
        },
        (Permission(("s3:PutObject",), (_claims(names),)), use_of_the_key(names)),
    )


def read_claim(names: Names, key: str) -> Integration:
    """Read the beginning of a claim, which has some hundred bytes; `key` is a JSONata expression.

    The whole of a large object in its place would not fit into a state, which ends the execution without a message.
    """
    return Integration(
        _resource(names, "aws-sdk:s3:getObject"),
        {"Bucket": names.bucket("cache"), "Key": expression(key), "Range": "bytes=0-9999"},
        (
            Permission(("s3:GetObject",), (_claims(names),)),
            # Without this permission, S3 answers 403 instead of 404 for a claim that does not exist.
            Permission(("s3:ListBucket",), (names.bucket_arn("cache"),)),
            use_of_the_key(names),
        ),
    )


def _claims(names: Names) -> str:
    return f"{names.bucket_arn('cache')}/claims/*"


def read_plan(names: Names) -> Integration:
    """Read the beginning of the plan that validation wrote; the whole of a large plan does not fit into a state."""
    return Integration(
        _resource(names, "aws-sdk:s3:getObject"),
        {
            "Bucket": names.bucket("cache"),
            "Key": expression("'runs/' & $run_id & '/plan.json'"),
            "Range": f"bytes=0-{PLAN_BYTES_READ - 1}",
        },
        (Permission(("s3:GetObject",), (f"{names.bucket_arn('cache')}/runs/*",)), use_of_the_key(names)),
    )


def record_success(names: Names) -> Integration:
    """Write the last success: its time, and the name, duration and cost of the last full success.

    The variable `last` holds the previous record.
    """
    return Integration(
        _resource(names, "aws-sdk:s3:putObject"),
        {
            "Bucket": names.bucket("cache"),
            "Key": _LAST_SUCCESS,
            "Body": expression(jsonata("last_success_record")),
            "ContentType": "application/json",
        },
        (Permission(("s3:PutObject",), (_last_success(names),)), use_of_the_key(names)),
    )


def read_last_success(names: Names) -> Integration:
    """Read the record of the last success: its run, time and duration."""
    return Integration(
        _resource(names, "aws-sdk:s3:getObject"),
        {"Bucket": names.bucket("cache"), "Key": _LAST_SUCCESS},
        (
            Permission(("s3:GetObject",), (_last_success(names),)),
            # Without this permission, S3 answers 403 instead of 404 for an object that does not exist yet.
            Permission(("s3:ListBucket",), (names.bucket_arn("cache"),)),
            use_of_the_key(names),
        ),
    )


def last_success_uri(names: Names) -> str:
    """Return JSONata for the URI of the last success record."""
    return f"'s3://{names.bucket('cache')}/{_LAST_SUCCESS}'"


def claim_uri(names: Names, key: str) -> str:
    """Return JSONata for the URI of a claim; `key` is a JSONata expression."""
    return f"'s3://{names.bucket('cache')}/' & ({key})"


def _last_success(names: Names) -> str:
    return f"{names.bucket_arn('cache')}/{_LAST_SUCCESS}"


def read_schedule(names: Names) -> Integration:
    """Read the state of the schedule that starts the runs."""
    arn = names.arn("scheduler", f"schedule/{names.schedule_group}/{names.schedule}")
    return Integration(
        _resource(names, "aws-sdk:scheduler:getSchedule"),
        {"GroupName": names.schedule_group, "Name": names.schedule},
        (Permission(("scheduler:GetSchedule",), (arn,)),),
    )


def fail_worker(names: Names, answer: str) -> Integration:
    """Fail a task token of the stack's machines on behalf of its worker; `answer` is JSONata for the arguments."""
    return Integration(
        _resource(names, "aws-sdk:sfn:sendTaskFailure"),
        expression(answer),
        (Permission(("states:SendTaskFailure",), names.token_machine_arns),),
    )


def describe_execution(names: Names, arn: str, *machines: str) -> Integration:
    """Describe an execution of some of the stack's machines; `arn` is a JSONata expression."""
    return Integration(
        _resource(names, "aws-sdk:sfn:describeExecution"),
        {"ExecutionArn": expression(arn)},
        (
            Permission(
                ("states:DescribeExecution",),
                tuple(names.arn("states", f"execution:{machine}:*") for machine in machines),
            ),
        ),
    )


def first_page_of_workers(names: Names) -> dict[str, Any]:
    """Return the request for the first page of running workers of any run; adding a token requests a later page.

    ECS lists by family and not by group. A page is small enough for its workers' descriptions to fit into a
    state.
    """
    # ECS lists running tasks unless `DesiredStatus` names others.
    return {"Cluster": names.cluster_arn, "Family": names.worker_family, "MaxResults": WORKERS_A_PAGE}


def list_workers(names: Names, query: str) -> Integration:
    """List workers; `query` is JSONata for the request."""
    return Integration(
        _resource(names, "aws-sdk:ecs:listTasks"),
        expression(query),
        # The permission can only be limited to container instances, and Fargate has none.
        (Permission(("ecs:ListTasks",), ("*",), _in_our_cluster(names)),),
    )


def describe_workers(names: Names, arns: str) -> Integration:
    """Describe workers; `arns` is a JSONata expression."""
    return Integration(
        _resource(names, "aws-sdk:ecs:describeTasks"),
        {"Cluster": names.cluster_arn, "Tasks": expression(arns)},
        (Permission(("ecs:DescribeTasks",), (_tasks(names),), _in_our_cluster(names)),),
    )


def stop_worker(names: Names, arn: str, *, reason: str) -> Integration:
    """Stop a worker; `arn` is a JSONata expression."""
    return Integration(
        _resource(names, "aws-sdk:ecs:stopTask"),
        {"Cluster": names.cluster_arn, "Task": expression(arn), "Reason": reason},
        (Permission(("ecs:StopTask",), (_tasks(names),), _in_our_cluster(names)),),
    )


def _tasks(names: Names) -> str:
    return names.arn("ecs", f"task/{names.cluster}/*")


def _in_our_cluster(names: Names) -> tuple[tuple[str, str, str], ...]:
    return (("ArnEquals", "ecs:cluster", names.cluster_arn),)


def worker_group(names: Names, scope: RunScope | None = None) -> str:
    """Return JSONata for the task group of a run's workers."""
    return f"('{names.task_group}/' & {(scope or RunScope()).run_id})"


def publish_metrics(names: Names, metrics: Sequence[tuple[str, str, str]]) -> Integration:
    """Publish metrics as (name, value as JSONata, unit), for the stack's environment."""
    data = [
        {
            "MetricName": name,
            "Value": expression(value),
            "Unit": unit,
            "Dimensions": [{"Name": "Environment", "Value": names.environment}],
        }
        for name, value, unit in metrics
    ]
    return Integration(
        _resource(names, "aws-sdk:cloudwatch:putMetricData"),
        {"Namespace": names.metric_namespace, "MetricData": data},
        (
            Permission(
                ("cloudwatch:PutMetricData",),
                # Metrics have no ARN; only their namespace can limit the permission.
                ("*",),
                (("StringEquals", "cloudwatch:namespace", names.metric_namespace),),
            ),
        ),
    )


def publish_outcome(names: Names, outcome: str = "$outcome") -> Integration:
    """Publish an outcome as JSON to the failure topic, because the reporter failed; `outcome` is a JSONata
    expression."""
    arn = names.topic_arn("failure")
    return Integration(
        _resource(names, "sns:publish"),
        {
            "TopicArn": arn,
            "Subject": f"{names.project} {names.environment}: the reporter failed, the outcome is below"[:99],
            "Message": expression(f"$string({outcome})"),
        },
        (Permission(("sns:Publish",), (arn,)), use_of_the_key(names)),
    )


def bounded_input(execution_input: str) -> str:
    """Return JSONata for the input, or null if it is too long for a worker; `execution_input` is a JSONata
    expression."""
    return f"($length($string({execution_input})) > {INPUT_MAX_CHARACTERS} ? null : {execution_input})"


def report(names: Names, payload: Mapping[str, Any]) -> Integration:
    """Invoke the reporter with a payload whose values may be expressions, and wait for its answer."""
    return Integration(
        _resource(names, "lambda:invoke"),
        {"FunctionName": names.reporter_arn, "Payload": dict(payload)},
        (Permission(("lambda:InvokeFunction",), (names.reporter_arn,)),),
    )


def list_subscriptions(names: Names, topic: str) -> Integration:
    """List the first 100 subscriptions of one of the stack's topics; settings allow at most 20."""
    arn = names.topic_arn(topic)
    return Integration(
        _resource(names, "aws-sdk:sns:listSubscriptionsByTopic"),
        {"TopicArn": arn},
        (Permission(("sns:ListSubscriptionsByTopic",), (arn,)),),
    )


def use_of_the_key(names: Names) -> Permission:
    """Return the permission to encrypt and decrypt with the stack's key, identified by its alias.

    The key's ARN is known only after the key is created. Source: "Use aliases to control access to KMS keys".
    """
    return Permission(
        ("kms:Decrypt", "kms:GenerateDataKey"),
        (names.arn("kms", "key/*"),),
        (("ForAnyValue:StringEquals", "kms:ResourceAliases", names.key_alias),),
    )
