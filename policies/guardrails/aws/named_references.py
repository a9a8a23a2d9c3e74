"""The references by which resources name a log group, a queue, a topic or a machine as text, and where each must exist.

Sources: CloudWatch API reference, PutMetricAlarm; "Event patterns" of the Amazon EventBridge user guide; Amazon SNS
developer guide, "Dead-letter queues"; Amazon SQS developer guide, "Using dead-letter queues".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from guardrails.aws import types
from guardrails.aws.containers import containers_of
from guardrails.aws.event_patterns import alternatives, texts
from guardrails.aws.functions import ALARM_ACTIONS
from guardrails.aws.integrations import integration_of
from guardrails.aws.machines import machine_definition, states_of
from guardrails.aws.metrics import metrics_of
from guardrails.aws.references import resources_naming
from guardrails.aws.starts import started_by
from guardrails.aws.task_arguments import argument, only_text
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read_json, read_partly
from guardrails.rule import Subject


class Expected(StrEnum):
    """The evidence that a resource which is not in the plan does not exist."""

    IN_PLAN = "in the plan"
    """It belongs to the resource that names it, so that it is in the plan unless the limits name it."""
    WITH_OTHERS = "with others"
    """It is watched, and in the plan if the plan has other resources of its type."""
    UNLESS_NEAR = "unless near"
    """It may be shared by many stacks; only a name that is nearly one of the plan is a mistake."""


@dataclass(frozen=True)
class Reference:
    """A resource that another one names."""

    path: str
    value: Any
    """An ARN or a name, or `UNKNOWN`."""
    type: str
    expected: Expected = Expected.IN_PLAN
    is_arn: bool | None = None
    """True if it must be an ARN, False if it must be a name, or None if either is accepted."""


KINDS: Mapping[str, str] = {
    types.LOG_GROUP: "log group",
    types.QUEUE: "queue",
    types.TOPIC: "topic",
    types.STATE_MACHINE: "state machine",
    types.FUNCTION: "function",
    types.CLUSTER: "cluster",
    types.EVENT_RULE: "rule",
}
"""The types that are named, as messages call them."""

_PATHS: Mapping[str, tuple[str, str, Expected]] = {
    types.SCHEDULE: ("target.deadLetterConfig.arn", types.QUEUE, Expected.IN_PLAN),
    types.EVENT_TARGET: ("deadLetterConfig.arn", types.QUEUE, Expected.IN_PLAN),
    types.LOG_METRIC_FILTER: ("logGroupName", types.LOG_GROUP, Expected.UNLESS_NEAR),
}
_REDRIVING = (types.TOPIC_SUBSCRIPTION, types.QUEUE)
_REDRIVE = "redrivePolicy"

_DIMENSIONS: Mapping[tuple[str, str], tuple[str, bool]] = {
    ("AWS/SQS", "QueueName"): (types.QUEUE, False),
    ("AWS/SNS", "TopicName"): (types.TOPIC, False),
    ("AWS/States", "StateMachineArn"): (types.STATE_MACHINE, True),
    ("AWS/Lambda", "FunctionName"): (types.FUNCTION, False),
    ("AWS/ECS", "ClusterName"): (types.CLUSTER, False),
    ("AWS/Events", "RuleName"): (types.EVENT_RULE, False),
    ("AWS/Logs", "LogGroupName"): (types.LOG_GROUP, False),
}
"""The type of resource that a dimension names, by namespace and dimension, and True if by its ARN."""

_EVENT_FIELDS: Mapping[tuple[str, str], str] = {
    ("aws.states", "stateMachineArn"): types.STATE_MACHINE,
    ("aws.ecs", "clusterArn"): types.CLUSTER,
}
"""The type of resource whose ARN a field of an event's detail is, by source and field."""

_ARGUMENTS: Mapping[str, tuple[str, str]] = {
    "sns:publish": ("TopicArn", types.TOPIC),
    "sqs:sendMessage": ("QueueUrl", types.QUEUE),
}
"""The argument of a call that names a topic or a queue, with its type."""

NAMING = frozenset(
    {
        *_PATHS,
        *_REDRIVING,
        *(type_ for type_, _ in ALARM_ACTIONS),
        *(types.STATE_MACHINE, types.FUNCTION, types.TASK_DEFINITION, types.EVENT_RULE),
    }
)
"""The types of resources that name others."""


def references_of(subject: Subject) -> list[Reference]:
    """Return the resources that a resource names."""
    resource = subject.resource
    match resource.type:
        case types.TASK_DEFINITION:
            groups = map(_log_group, containers_of(subject))
            found = [Reference("awslogs-group", group, types.LOG_GROUP) for group in groups]
        case types.STATE_MACHINE:
            path = "loggingConfiguration.logDestination"
            found = [Reference(path, read_partly(resource, path), types.LOG_GROUP), *_of_states(resource)]
        case types.FUNCTION:
            found = [_of_function(resource)]
        case types.EVENT_RULE:
            found = list(_of_pattern(subject.plan, resource))
        case types.METRIC_ALARM | types.COMPOSITE_ALARM:
            found = [*_of_actions(resource), *_of_metrics(resource)]
        case types.TOPIC_SUBSCRIPTION | types.QUEUE:
            found = [_of_redrive_policy(resource)]
        case _:
            path, type_, expected = _PATHS[resource.type]
            found = [Reference(path, read_partly(resource, path), type_, expected)]
    return [reference for reference in found if reference.value not in (None, "")]


def _log_group(container: Mapping[str, Any]) -> Any:
    """Return the log group of a container that must exist before the container starts, or None."""
    logs = container.get("logConfiguration")
    options = logs.get("options") if isinstance(logs, Mapping) else None
    if not isinstance(options, Mapping) or str(options.get("awslogs-create-group")).lower() == "true":
        return None
    return options.get("awslogs-group")


def _of_function(function: Resource) -> Reference:
    path = "deadLetterConfig.targetArn"
    target = read_partly(function, path)
    if isinstance(target, str) and ":sqs:" not in target:
        return Reference(path, target, types.TOPIC, Expected.UNLESS_NEAR)
    return Reference(path, target, types.QUEUE)


def _of_redrive_policy(resource: Resource) -> Reference:
    """Return the queue that a subscription or a queue sends to what it cannot deliver."""
    if read_partly(resource, _REDRIVE) is UNKNOWN:
        return Reference(_REDRIVE, UNKNOWN, types.QUEUE)
    try:
        written = read_json(resource, _REDRIVE)
    except PropertyError:
        written = None
    arn = written.get("deadLetterTargetArn") if isinstance(written, Mapping) else None
    return Reference(_REDRIVE, arn, types.QUEUE)


def _of_states(machine: Resource) -> Iterator[Reference]:
    try:
        states = list(states_of(machine_definition(machine)))
    except PropertyError:
        # The rules on the definition report it.
        return
    for state in states:
        integration = integration_of(state)
        key, type_ = _ARGUMENTS.get(integration.name if integration else "", ("", ""))
        if type_:
            named = only_text(argument(state.arguments, key))
            yield Reference(f"{key} of {state.name}", named, type_, Expected.UNLESS_NEAR)


def _of_actions(alarm: Resource) -> Iterator[Reference]:
    for path in dict.fromkeys(path for _, path in ALARM_ACTIONS):
        actions = read_partly(alarm, path)
        for action in actions if isinstance(actions, list | tuple) else ():
            if action is UNKNOWN or (isinstance(action, str) and ":sns:" in action):
                yield Reference(path, action, types.TOPIC, Expected.UNLESS_NEAR)


def _of_metrics(alarm: Resource) -> Iterator[Reference]:
    for metric in metrics_of(alarm):
        for name, value in metric.dimensions.items() if isinstance(metric.dimensions, Mapping) else ():
            type_, is_arn = _DIMENSIONS.get((metric.namespace, name), ("", False))
            if type_:
                yield Reference(name, value, type_, Expected.WITH_OTHERS, is_arn)


def _of_pattern(plan: Plan, rule: Resource) -> Iterator[Reference]:
    """Yield the machines and clusters whose events a rule matches.

    A rule that starts a machine of the plan may wait for a machine of another stack.
    """
    targets = resources_naming(plan, rule, "rule", types.EVENT_TARGET)
    try:
        pattern = read_json(rule, "eventPattern")
        if any(started_by(plan, target, "arn", "input") for target in targets):
            return
    except PropertyError:
        # The pattern is not known yet, or `event-pattern-matches` reports it.
        return
    for alternative in alternatives(pattern) if isinstance(pattern, Mapping) else ():
        detail = alternative.get("detail")
        for fields in alternatives(detail) if isinstance(detail, Mapping) else ():
            yield from _in_detail(texts(alternative.get("source")), fields)


def _in_detail(sources: Iterable[str], detail: Mapping[str, Any]) -> Iterator[Reference]:
    for source in sources:
        for key, values in detail.items():
            if type_ := _EVENT_FIELDS.get((source, key)):
                for value in texts(values):
                    yield Reference(f"detail.{key}", value, type_, Expected.WITH_OTHERS, is_arn=True)
