"""Lambda functions: their callers, the retries of asynchronous events, and their log groups.

Source: "Invoking a Lambda function asynchronously" (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from guardrails.aws.integrations import calling_states
from guardrails.aws.machines import State
from guardrails.aws.references import (
    is_identified_by,
    resources_identified_by,
    resources_meant_by,
    resources_named_by,
    resources_naming,
)
from guardrails.aws.types import (
    BUCKET_NOTIFICATION,
    COMPOSITE_ALARM,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_EVENT_CONFIG,
    LOG_GROUP,
    METRIC_ALARM,
    SCHEDULE,
    TOPIC_SUBSCRIPTION,
)
from guardrails.plan import Plan, Resource
from guardrails.properties import (
    PropertyError,
    UnknownPropertyError,
    is_set,
    read,
    read_number,
    read_text,
)

DEFAULT_MEMORY_MIB = 128
DEFAULT_TIMEOUT_SECONDS = 3
DEFAULT_RETRIES = 2
"""The retries of an event that a function fails, unless an event invoke config sets another number."""

ALARM_ACTIONS = tuple(
    (alarm, actions)
    for alarm in (METRIC_ALARM, COMPOSITE_ALARM)
    for actions in ("alarmActions", "okActions", "insufficientDataActions")
)
"""The types of alarms, each with the properties that name what it notifies."""

_ASYNCHRONOUS = (
    (TOPIC_SUBSCRIPTION, "endpoint"),
    (SCHEDULE, "target.arn"),
    (EVENT_TARGET, "arn"),
    (BUCKET_NOTIFICATION, "lambdaFunctions"),
    *ALARM_ACTIONS,
)
"""The resources that make AWS invoke a function asynchronously, each with the property that names the function."""

_ARN_FIELDS = 7
"""The number of fields of a function's ARN; an eighth field names a version or an alias."""


def asynchronous_callers(plan: Plan, function: Resource) -> list[Resource]:
    """Return the subscriptions, schedules, targets, notifications and alarms that invoke a function asynchronously."""
    return list(callers(plan, _ASYNCHRONOUS, FUNCTION).get(function.urn, ()))


# Cached, because each function would look at each caller otherwise.
@lru_cache(maxsize=64)
def callers(
    plan: Plan, properties: tuple[tuple[str, str], ...], type_: str
) -> Mapping[str, Sequence[Resource]]:
    """Return the resources that hold ARNs in some properties, by the URN of each resource of a type that they name."""
    found: dict[str, dict[Resource, None]] = {}
    for caller_type, path in properties:
        for caller in plan.of_type(caller_type):
            for named in _named_in(plan, caller, path, type_):
                found.setdefault(named.urn, {})[caller] = None
    return {urn: tuple(of) for urn, of in found.items()}


def _named_in(plan: Plan, caller: Resource, path: str, type_: str) -> list[Resource]:
    """Return the resources of a type whose ARN a property, or a part of it, holds."""
    try:
        value = read(caller, path)
    except UnknownPropertyError:
        return resources_named_by(plan, caller, path, type_)
    return [
        resource
        for text in _texts(value)
        for resource in resources_identified_by(plan, [":".join(text.split(":")[:_ARN_FIELDS])], type_)
        if is_arn_of(text, resource)
    ]


def names(caller: Resource, path: str, resource: Resource) -> bool:
    """Return True if a property, or a part of it, holds a resource's ARN; a value that is not known comes from it."""
    try:
        value = read(caller, path)
    except UnknownPropertyError:
        return resource.urn in caller.sources.get(path.partition(".")[0], ())
    return any(is_arn_of(text, resource) for text in _texts(value))


def is_arn_of(text: str, resource: Resource) -> bool:
    """Return True if a text is the ARN of a resource, or of a version or an alias of a function."""
    fields = text.split(":")
    # A queue may be called as the function is.
    is_same_service = fields[0] == "arn" and fields[2:3] == [resource.type.split(":")[1].partition("/")[0]]
    return is_same_service and is_identified_by(resource, ":".join(fields[:_ARN_FIELDS]))


def functions_subscribed(plan: Plan, subscription: Resource) -> list[Resource]:
    """Return the functions of the plan that a subscription delivers to."""
    return _named_in(plan, subscription, "endpoint", FUNCTION)


def functions_invoked(plan: Plan, state: State) -> list[Resource]:
    """Return the functions of the plan that a Task with `lambda:invoke`, or with a function's ARN, may invoke."""
    if state.resource.split(":", 3)[2:3] == ["lambda"]:
        return [function for function in plan.of_type(FUNCTION) if is_arn_of(state.resource, function)]
    return resources_meant_by(plan, state.arguments, "FunctionName", FUNCTION)


def is_invoked_by_machines(plan: Plan, function: Resource) -> bool:
    """Return True if a Task of a state machine in the plan may invoke a function."""
    return function.urn in _invoked(plan)


@lru_cache(maxsize=16)
def _invoked(plan: Plan) -> frozenset[str]:
    """Return the URNs of the functions that state machines may invoke."""
    states = calling_states(plan, "lambda:invoke")
    return frozenset(function.urn for state in states for function in functions_invoked(plan, state))


def event_configs(plan: Plan, function: Resource) -> list[Resource]:
    """Return the event invoke configs of a function."""
    return resources_naming(plan, function, "functionName", FUNCTION_EVENT_CONFIG)


def attempts_of_event(plan: Plan, function: Resource) -> int:
    """Return how often AWS invokes a function at most for one event; a number that is not known is the default."""
    retries = []
    for config in event_configs(plan, function):
        try:
            written = read_number(config, "maximumRetryAttempts")
        except PropertyError:
            written = None
        # AWS takes 0, 1 or 2.
        retries.append(next((count for count in range(DEFAULT_RETRIES) if count == written), DEFAULT_RETRIES))
    return 1 + max(retries, default=DEFAULT_RETRIES)


def log_groups_of(plan: Plan, function: Resource) -> list[Resource]:
    """Return the log groups of the plan that a function logs to.

    Raises:
        UnknownPropertyError: if the function's name, and with it that of its log group, is not known yet.
    """
    if is_set(function, "loggingConfig.logGroup"):
        return resources_named_by(plan, function, "loggingConfig.logGroup", LOG_GROUP)
    by_source = [group for group in plan.of_type(LOG_GROUP) if _is_named_after(group, function)]
    name = None if by_source else read_text(function, "name")
    return by_source or [
        group for group in plan.of_type(LOG_GROUP) if _is_called(group, f"/aws/lambda/{name}")
    ]


def _is_named_after(group: Resource, function: Resource) -> bool:
    """Return True if a log group's name is computed from a function, and is not known yet."""
    try:
        read(group, "name")
    except UnknownPropertyError:
        return function.urn in group.sources.get("name", ())
    return False


def _is_called(group: Resource, name: str) -> bool:
    try:
        return bool(read(group, "name") == name)
    except UnknownPropertyError:
        return False


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, also those in its lists and objects."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
