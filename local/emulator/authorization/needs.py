"""The permissions that a request needs: its actions, each with a resource and the context keys that AWS sets.

Source: Service Authorization Reference, "Actions, resources, and condition keys" of each service
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

Context = Mapping[str, tuple[str, ...]]
_NOTHING: Context = MappingProxyType({})


@dataclass(frozen=True)
class Need:
    """One permission that a request needs."""

    action: str
    """E.g. `sns:Publish`."""
    resource: str | None
    """The resource's ARN, `*` for an action without a resource, or None if it is not known."""
    context: Context = field(default_factory=lambda: _NOTHING, compare=False)
    chooses_answer: bool = False
    """True if the permission only chooses between two errors, so that its absence is no refusal of a request."""


class Call(Protocol):
    """A request to a service."""

    region: str
    account: str

    @property
    def name(self) -> str:
        """The service and the operation, e.g. `sns:Publish`."""
        ...

    def get(self, parameter: str) -> Any:
        """Return a parameter of the request, or None."""
        ...


Build = Callable[[Call], Iterator[Need]]

# Operations whose action has another name.
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:HeadObject": "s3:GetObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
}
# The prefixes of services in actions, where they differ from botocore's names.
_PREFIXES = {"stepfunctions": "states"}


def needs_of(call: Call) -> tuple[Need, ...]:
    """Return the permissions that a request needs; a service that is not in the table has an unknown resource."""
    service, _, operation = call.name.partition(":")
    name = f"{_PREFIXES.get(service, service)}:{operation}"
    build = _BUILDERS.get(name) or _BUILDERS.get(name.partition(":")[0] + ":*")
    if build is None:
        return (Need(action_of(name), None),)
    return tuple(build(call))


def action_of(name: str) -> str:
    """Return the action of an operation."""
    return _ACTIONS.get(name, name)


def _arn(call: Call, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{call.region}:{call.account}:{resource}"


def _one(
    action: str, resource: Callable[[Call], str | None], context: Callable[[Call], Context] | None = None
) -> Build:
    def build(call: Call) -> Iterator[Need]:
        yield Need(action, resource(call), context(call) if context else _NOTHING)

    return build


def _named(parameter: str) -> Callable[[Call], str | None]:
    """Return a function that reads the ARN in a parameter."""

    def read(call: Call) -> str | None:
        value = call.get(parameter)
        return value if isinstance(value, str) and value.startswith("arn:") else None

    return read


def _machine_or_map_run(call: Call) -> str | None:
    return _named("mapRunArn")(call) or _named("stateMachineArn")(call)


def _anything(_: Call) -> str:
    return "*"


def _s3(call: Call) -> Iterator[Need]:
    bucket, key = call.get("Bucket"), call.get("Key")
    prefix = call.get("prefix")
    action = action_of(call.name)
    if not bucket:
        yield Need(action, "*")
    elif action in ("s3:ListBucket", "s3:ListBucketVersions"):
        yield Need(action, f"arn:aws:s3:::{bucket}", {"s3:prefix": () if prefix is None else (str(prefix),)})
    elif key:
        yield Need(action, f"arn:aws:s3:::{bucket}/{key}")
        if action == "s3:GetObject" and call.get("isMissing"):
            # Without the permission to list, S3 answers 403 in place of 404; a request for one object has no prefix.
            # Source: Amazon S3 API Reference, "GetObject", on permissions.
            yield Need("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": ()}, chooses_answer=True)
    else:
        yield Need(action, f"arn:aws:s3:::{bucket}")


def _log_stream(call: Call) -> str | None:
    group = call.get("logGroupName")
    stream = call.get("logStreamName") or ""
    return _arn(call, "logs", f"log-group:{group}:log-stream:{stream}") if group else None


def _queue(call: Call) -> str | None:
    url = call.get("QueueUrl")
    return _arn(call, "sqs", str(url).rpartition("/")[2]) if url else None


def _parameter(call: Call) -> str | None:
    name = call.get("Name")
    return _arn(call, "ssm", f"parameter/{str(name).lstrip('/')}") if name else None


def _cluster(call: Call) -> Context:
    cluster = call.get("cluster") or "default"
    return {"ecs:cluster": (cluster if ":" in cluster else _arn(call, "ecs", f"cluster/{cluster}"),)}


def _task(call: Call) -> Iterator[Need]:
    """Yield the need of a call on tasks, which are named by ARN or by id."""
    cluster = _cluster(call)["ecs:cluster"][0].rpartition("/")[2]
    written = call.get("task") or call.get("tasks") or []
    for task in [written] if isinstance(written, str) else written:
        arn = task if ":" in task else _arn(call, "ecs", f"task/{cluster}/{task}")
        yield Need(action_of(call.name), arn, _cluster(call))


def _run_task(call: Call) -> Iterator[Need]:
    definition = str(call.get("taskDefinition") or "")
    arn = (
        definition
        if ":task-definition/" in definition
        else _arn(call, "ecs", f"task-definition/{definition}")
    )
    yield Need("ecs:RunTask", arn, _cluster(call))
    if call.get("propagateTags") or call.get("tags"):
        cluster = _cluster(call)["ecs:cluster"][0].rpartition("/")[2]
        # The task's id is chosen after the request is allowed.
        yield Need(
            "ecs:TagResource", _arn(call, "ecs", f"task/{cluster}/*"), {"ecs:createaction": ("RunTask",)}
        )
    for role in call.get("passedRoles") or ():
        yield Need("iam:PassRole", role, {"iam:passedtoservice": ("ecs-tasks.amazonaws.com",)})


def _metric_data(call: Call) -> Context:
    namespace = call.get("Namespace")
    return {"cloudwatch:namespace": (namespace,)} if namespace else {}


def _schedule(call: Call) -> str | None:
    name = call.get("Name")
    return _arn(call, "scheduler", f"schedule/{call.get('groupName') or 'default'}/{name}") if name else None


_BUILDERS: Mapping[str, Build] = {
    "s3:*": _s3,
    "states:StartExecution": _one("states:StartExecution", _named("stateMachineArn")),
    "states:ListExecutions": _one("states:ListExecutions", _machine_or_map_run),
    "states:DescribeMapRun": _one("states:DescribeMapRun", _named("mapRunArn")),
    "states:DescribeStateMachine": _one("states:DescribeStateMachine", _named("stateMachineArn")),
    **{
        f"states:{operation}": _one(f"states:{operation}", _named("executionArn"))
        for operation in (
            "DescribeExecution",
            "StopExecution",
            "GetExecutionHistory",
            "RedriveExecution",
            "ListMapRuns",
        )
    },
    # The token is the machine's, whatever the request's other parameters are.
    **{
        f"states:SendTask{answer}": _one(f"states:SendTask{answer}", _named("machineOfToken"))
        for answer in ("Success", "Failure", "Heartbeat")
    },
    **{
        f"logs:{operation}": _one(f"logs:{operation}", _log_stream)
        for operation in (
            "CreateLogStream",
            "PutLogEvents",
            "GetLogEvents",
            "FilterLogEvents",
            "DescribeLogStreams",
        )
    },
    **{
        f"sns:{operation}": _one(action_of(f"sns:{operation}"), _named("TopicArn"))
        for operation in ("Publish", "PublishBatch", "GetTopicAttributes", "ListSubscriptionsByTopic")
    },
    **{
        f"sqs:{operation}": _one(action_of(f"sqs:{operation}"), _queue)
        for operation in (
            "SendMessage",
            "SendMessageBatch",
            "ReceiveMessage",
            "DeleteMessage",
            "GetQueueAttributes",
        )
    },
    "secretsmanager:GetSecretValue": _one("secretsmanager:GetSecretValue", _named("secretArn")),
    "ssm:GetParameter": _one("ssm:GetParameter", _parameter),
    "cloudwatch:PutMetricData": _one("cloudwatch:PutMetricData", _anything, _metric_data),
    "cloudwatch:GetMetricData": _one("cloudwatch:GetMetricData", _anything),
    # A request by a prefix concerns all alarms.
    "cloudwatch:DescribeAlarms": _one(
        "cloudwatch:DescribeAlarms", lambda call: _arn(call, "cloudwatch", "alarm:*")
    ),
    "cloudwatch:GetMetricStatistics": _one("cloudwatch:GetMetricStatistics", _anything),
    "lambda:Invoke": _one("lambda:InvokeFunction", _named("functionArn")),
    "scheduler:GetSchedule": _one("scheduler:GetSchedule", _schedule),
    "ecs:RunTask": _run_task,
    "ecs:StopTask": _task,
    "ecs:DescribeTasks": _task,
    # A list has no resource of its own; its cluster is a condition.
    "ecs:ListTasks": _one("ecs:ListTasks", _anything, _cluster),
}
