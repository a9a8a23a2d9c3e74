"""The rule that the log groups and the queues that resources name by text exist."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from guardrails.aws.arns import unqualified
from guardrails.aws.containers import containers_of
from guardrails.aws.references import is_identified_by
from guardrails.aws.types import (
    EVENT_TARGET,
    FUNCTION,
    LOG_GROUP,
    QUEUE,
    SCHEDULE,
    STATE_MACHINE,
    TASK_DEFINITION,
)
from guardrails.properties import is_set, read_partly
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_NAMED = {
    STATE_MACHINE: ("loggingConfiguration.logDestination", LOG_GROUP, "log group"),
    SCHEDULE: ("target.deadLetterConfig.arn", QUEUE, "queue"),
    EVENT_TARGET: ("deadLetterConfig.arn", QUEUE, "queue"),
    FUNCTION: ("deadLetterConfig.targetArn", QUEUE, "queue"),
}
"""The property that names a log group or a queue, by type."""


def _nonexistent(subject: Subject) -> Iterator[str]:
    if not (named := _names(subject)):
        raise NotApplicableError("it names no log group and no queue")
    for path, name, type_, kind in named:
        if not isinstance(name, str):
            # It comes from a resource, which exists then.
            continue
        candidates = subject.plan.of_type(type_)
        if name in subject.limits["existElsewhere"]:
            continue
        if any(is_identified_by(candidate, name) for candidate in candidates):
            continue
        known = [text for one in candidates if isinstance(text := read_partly(one, "name"), str)]
        # A group or a queue whose name is not known yet may be the one that is meant.
        if len(known) < len(candidates):
            continue
        bare = _name_in(name)
        nearest = get_close_matches(bare, known, n=1)
        yield (
            f"{path} names the {kind} {bare}, which is not in the plan; "
            f"{f'write {nearest[0]}' if nearest else f'create the {kind}'}, or name it in existElsewhere."
        )


def _names(subject: Subject) -> list[tuple[str, Any, str, str]]:
    """Return the property, the name, the type and the kind of each log group or queue that a resource names."""
    resource = subject.resource
    if resource.type == TASK_DEFINITION:
        groups = map(_log_group, containers_of(subject))
        return [("awslogs-group", group, LOG_GROUP, "log group") for group in groups if group is not None]
    path, type_, kind = _NAMED[resource.type]
    name = read_partly(resource, path)
    is_topic = isinstance(name, str) and resource.type == FUNCTION and ":sqs:" not in name
    return [(path, name, type_, kind)] if is_set(resource, path) and not is_topic else []


def _log_group(container: Mapping[str, Any]) -> Any:
    """Return the log group of a container that must exist before the container starts, or None."""
    logs = container.get("logConfiguration")
    options = logs.get("options") if isinstance(logs, Mapping) else None
    if not isinstance(options, Mapping) or str(options.get("awslogs-create-group")).lower() == "true":
        return None
    return options.get("awslogs-group")


def _name_in(identifier: str) -> str:
    """Return the name of a log group or a queue in its ARN."""
    bare = unqualified(identifier)
    return bare.split(":", 6)[-1] if ":log-group:" in bare else bare.rpartition(":")[2]


RULES = (
    Rule(
        name="named-resource-exists",
        requirement="The log groups and queues that tasks, machines, schedules and functions name are in the plan.",
        rationale=(
            "ECS does not start a task whose log group does not exist, and a start that is sent to a queue that does "
            "not exist is lost a second time."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write the name of a log group or a queue of the plan, or name one of another stack in the limits.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
        scope=Scope.STACK,
        resource_types=frozenset({*_NAMED, TASK_DEFINITION}),
        evaluate=_nonexistent,
        limits=(
            Limit(
                key="existElsewhere",
                description="The log groups and queues outside of the plan, by name or by ARN as written.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
