"""The roles that resources use: the property that names the role, its service, and the calls that the user makes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from guardrails.aws import types
from guardrails.aws.calls import CLUSTER_KEY, Call, use_of_key
from guardrails.aws.functions import log_groups_of
from guardrails.aws.integrations import PASSING_ON, RUN_TASK, integration_of
from guardrails.aws.machines import machine_definition, states_of
from guardrails.aws.references import resources_meant_by, resources_named_by, resources_naming
from guardrails.aws.resource_arns import arn_of, located, only_arn
from guardrails.aws.starts import started_by
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, is_set, read_json, read_partly

ECS_TASKS = "ecs-tasks.amazonaws.com"

_IMAGE_IN_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)")
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_RUN = "ecs:RunTask"
_WRITE_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
_IN_A_NETWORK = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")
_TRACE = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_READ_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")

_TARGETS = {
    types.STATE_MACHINE: "states:StartExecution",
    types.FUNCTION: "lambda:InvokeFunction",
    types.TOPIC: "sns:Publish",
    types.QUEUE: "sqs:SendMessage",
}
"""The action on a target, by its type."""

_WITH_ROLE = {types.EVENT_TARGET: (types.STATE_MACHINE,), types.SCHEDULE: tuple(_TARGETS)}
"""The targets that need a role; a rule sends to the others by their own policies."""


@dataclass(frozen=True)
class RoleUse:
    """The use of a role by a resource."""

    path: str
    """The property that names the role."""
    service: str
    """The service that assumes the role."""
    calls: tuple[Call, ...] = ()
    """The calls that the user makes with the role, as far as the plan shows them."""


def role_uses(plan: Plan, user: Resource) -> list[RoleUse]:
    """Return the uses of roles by a resource.

    Raises:
        PropertyError: if a property that determines the calls is not valid.
    """
    match user.type:
        case types.STATE_MACHINE:
            # The rule `machine-role-allows-calls` evaluates its calls.
            return [RoleUse("roleArn", "states.amazonaws.com")]
        case types.SCHEDULE:
            lost = _of_dead_letters(plan, user, "target.deadLetterConfig.arn")
            calls = (*_of_starter(plan, user, "target.arn", "target."), *lost)
            return [RoleUse("target.roleArn", "scheduler.amazonaws.com", calls)]
        case types.EVENT_TARGET:
            return [RoleUse("roleArn", "events.amazonaws.com", tuple(_of_starter(plan, user, "arn", "")))]
        case types.TASK_DEFINITION:
            return [
                RoleUse("executionRoleArn", ECS_TASKS, tuple(_of_task_start(user))),
                RoleUse("taskRoleArn", ECS_TASKS, tuple(_of_answers(plan, user))),
            ]
        case types.FUNCTION:
            return [RoleUse("role", "lambda.amazonaws.com", tuple(_of_function(plan, user)))]
    return []


_PATHS = (
    (types.FUNCTION, "role"),
    (types.STATE_MACHINE, "roleArn"),
    (types.SCHEDULE, "target.roleArn"),
    (types.EVENT_TARGET, "roleArn"),
    (types.TASK_DEFINITION, "taskRoleArn"),
    (types.TASK_DEFINITION, "executionRoleArn"),
)
"""The types that use a role, each with the property that names it."""

USERS = frozenset(type_ for type_, _ in _PATHS)
"""The types that use a role."""


def users_of(plan: Plan, role: Resource) -> list[Resource]:
    """Return the resources of a plan that use a role."""
    users = (user for type_, path in _PATHS for user in resources_naming(plan, role, path, type_))
    return list(dict.fromkeys(users))


def _of_starter(plan: Plan, starter: Resource, path: str, prefix: str) -> Iterator[Call]:
    """Yield the calls of a schedule or a rule's target that start its target."""
    request = f"{prefix}input"
    with suppress(PropertyError):
        machines = started_by(plan, starter, path, request)
        yield from _on(machines, "states:StartExecution", "the start of {}")
        if machines:
            return
    for ecs in ("target.ecsParameters", "ecsTarget"):
        if is_set(starter, ecs):
            cluster = read_partly(starter, path)
            context = ((CLUSTER_KEY, (cluster,)),) if isinstance(cluster, str) else ()
            for call in _of_task_run(plan, starter, f"{ecs}.taskDefinitionArn"):
                yield replace(call, context=context) if call.action == _RUN else call
            return
    arn = read_partly(starter, path)
    for type_ in _WITH_ROLE[starter.type]:
        is_dead_letter = type_ == types.QUEUE and not isinstance(arn, str)
        # An unknown target comes from the same resources as its dead-letter queue.
        targets = [] if is_dead_letter else resources_named_by(plan, starter, path, type_)
        yield from _on(targets, _TARGETS[type_], "its target {}")
        for target in targets:
            yield from use_of_key(plan, target, f"the key of {target.name}")


def _of_task_run(plan: Plan, starter: Resource, path: str) -> Iterator[Call]:
    definitions = resources_named_by(plan, starter, path, types.TASK_DEFINITION)
    yield from _on(definitions, _RUN, "the task {}")
    for definition in definitions:
        for role in ("executionRoleArn", "taskRoleArn"):
            if is_set(definition, role):
                arn = only_arn(plan, definition, role, types.ROLE)
                yield Call(PASSING_ON, f"the task {definition.name}", arn, ECS_TASKS)


def _of_dead_letters(plan: Plan, sender: Resource, path: str) -> Iterator[Call]:
    """Yield the calls that send to a dead-letter queue with the sender's role."""
    if not is_set(sender, path):
        return
    queues = resources_named_by(plan, sender, path, types.QUEUE)
    arn = read_partly(sender, path)
    if not queues and isinstance(arn, str) and ":sqs:" in arn:
        yield Call("sqs:SendMessage", "its dead-letter queue", arn)
    yield from _on(queues, "sqs:SendMessage", "its dead-letter queue {}")
    for queue in queues:
        yield from use_of_key(plan, queue, f"the key of {queue.name}")


def _of_task_start(task: Resource) -> Iterator[Call]:
    """Yield the calls by which ECS starts a task: its image, its logs and its secrets."""
    for container in _containers(task):
        yield from _of_pull(task, container.get("image"))
        yield from _of_log(task, container.get("logConfiguration"))
        for secret in _listed(container.get("secrets")):
            yield from _of_secret(task, secret)


def _of_pull(task: Resource, image: Any) -> Iterator[Call]:
    found = _IMAGE_IN_ECR.match(image) if isinstance(image, str) else None
    if found is None:
        return
    account, region, name = found.groups()
    yield Call("ecr:GetAuthorizationToken", f"the image {name}", "*")
    arn = located(f"arn:*:ecr:{region}:{account}:repository/{name}", task)
    for action in _PULL:
        yield Call(action, f"the image {name}", arn)


def _of_log(task: Resource, configuration: Any) -> Iterator[Call]:
    options = configuration.get("options") if isinstance(configuration, Mapping) else None
    if not isinstance(options, Mapping) or configuration.get("logDriver") != "awslogs":
        return
    group = options.get("awslogs-group")
    region = options.get("awslogs-region", "*")
    if not isinstance(group, str):
        return
    arn = located(f"arn:*:logs:{region}:*:log-group:{group}:*", task)
    creates = ("logs:CreateLogGroup",) if options.get("awslogs-create-group") == "true" else ()
    for action in (*creates, *_WRITE_LOGS):
        yield Call(action, f"the log group {group}", arn)


def _of_secret(task: Resource, secret: Mapping[str, Any]) -> Iterator[Call]:
    source, name = secret.get("valueFrom"), secret.get("name", "")
    if not isinstance(source, str):
        return
    if ":secretsmanager:" in source:
        # After the ARN may stand a key of the secret, a stage and a version.
        yield Call("secretsmanager:GetSecretValue", f"the secret {name}", ":".join(source.split(":")[:7]))
    else:
        arn = source if source.startswith("arn:") else f"arn:*:ssm:*:*:parameter/{source.lstrip('/')}"
        yield Call("ssm:GetParameters", f"the parameter {name}", located(arn, task))


def _of_answers(plan: Plan, task: Resource) -> Iterator[Call]:
    """Yield the calls by which a task answers the tokens that machines give to it."""
    for machine in plan.of_type(types.STATE_MACHINE):
        with suppress(PropertyError):
            for state in states_of(machine_definition(machine)):
                integration = integration_of(state)
                if integration is None or integration.name != RUN_TASK or not state.waits_for_token:
                    continue
                # A definition that is computed at run time may be any of several.
                if resources_meant_by(plan, state.arguments, "TaskDefinition", types.TASK_DEFINITION) != [
                    task
                ]:
                    continue
                beat = ("states:SendTaskHeartbeat",) if "HeartbeatSeconds" in state.fields else ()
                for action in ("states:SendTaskSuccess", "states:SendTaskFailure", *beat):
                    yield Call(action, f"the token of {state.name}", arn_of(machine))


def _of_function(plan: Plan, function: Resource) -> Iterator[Call]:
    yield from _of_dead_letters(plan, function, "deadLetterConfig.targetArn")
    for topic in resources_named_by(plan, function, "deadLetterConfig.targetArn", types.TOPIC):
        yield Call("sns:Publish", f"its dead-letter topic {topic.name}", arn_of(topic))
    with suppress(PropertyError):
        groups = log_groups_of(plan, function)
        for group in groups:
            arn = arn_of(group)
            for action in _WRITE_LOGS:
                yield Call(action, f"its log group {group.name}", arn and f"{arn}:*")
    if read_partly(function, "tracingConfig.mode") == "Active":
        for action in _TRACE:
            yield Call(action, "its traces", "*")
    if is_set(function, "vpcConfig.subnetIds"):
        for action in _IN_A_NETWORK:
            yield Call(action, "its network", "*")
    for mapping in resources_naming(plan, function, "functionName", types.EVENT_SOURCE_MAPPING):
        for queue in resources_named_by(plan, mapping, "eventSourceArn", types.QUEUE):
            for action in _READ_QUEUE:
                yield Call(action, f"the messages of {queue.name}", arn_of(queue))


def _on(resources: Iterable[Resource], action: str, caller: str) -> Iterator[Call]:
    for resource in resources:
        yield Call(action, caller.format(resource.name), arn_of(resource))


def _containers(task: Resource) -> list[Mapping[str, Any]]:
    """Return the containers of a task definition, none if they cannot be read, which another rule reports."""
    with suppress(PropertyError):
        return _listed(read_json(task, "containerDefinitions"))
    return []


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
