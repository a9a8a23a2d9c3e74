"""The messages that AWS services deliver in their own name, so that the receiver's policy must let them in.

Sources: "Resource-based policies for Amazon EventBridge"
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html), "Example cases for Amazon SNS
access control", "Subscribing an Amazon SQS queue to an Amazon SNS topic", "Granting permissions to publish event
notification messages to a destination" of Amazon S3, and "Creating an Amazon SNS topic for budget notifications".
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from guardrails.aws import types
from guardrails.aws.functions import ALARM_ACTIONS, names
from guardrails.aws.references import is_identified_by, resources_named_by, resources_naming
from guardrails.aws.resource_arns import arn_of
from guardrails.aws.roles import policy_of
from guardrails.iam.document import Policy, parse
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import (
    PropertyError,
    UnknownPropertyError,
    is_set,
    read_json,
    read_partly,
    read_text,
)

ALARMS, BUDGETS, EVENTS, S3, SNS = (
    f"{name}.amazonaws.com" for name in ("cloudwatch", "budgets", "events", "s3", "sns")
)
LAMBDA_ALARMS = "lambda.alarms.cloudwatch.amazonaws.com"

_ACTIONS = {
    types.TOPIC: "sns:Publish",
    types.QUEUE: "sqs:SendMessage",
    types.FUNCTION: "lambda:InvokeFunction",
}
"""The action of a delivery, by the type of the receiver."""

RECEIVERS = frozenset(_ACTIONS)

_SENDERS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    types.TOPIC: (
        *((type_, path, ALARMS) for type_, path in ALARM_ACTIONS),
        (types.BUDGET, "notifications", BUDGETS),
        (types.EVENT_TARGET, "arn", EVENTS),
        (types.BUCKET_NOTIFICATION, "topics", S3),
    ),
    types.QUEUE: (
        (types.EVENT_TARGET, "arn", EVENTS),
        (types.EVENT_TARGET, "deadLetterConfig", EVENTS),
        (types.TOPIC_SUBSCRIPTION, "endpoint", SNS),
        (types.TOPIC_SUBSCRIPTION, "redrivePolicy", SNS),
        (types.BUCKET_NOTIFICATION, "queues", S3),
    ),
    types.FUNCTION: (
        *((type_, path, LAMBDA_ALARMS) for type_, path in ALARM_ACTIONS),
        (types.EVENT_TARGET, "arn", EVENTS),
        (types.BUCKET_NOTIFICATION, "lambdaFunctions", S3),
    ),
}
"""The senders to each type of receiver: their type, the property that names the receiver, and their service.

The rule `subscription-may-invoke-function` evaluates the deliveries of topics to functions.
"""

_SOURCES = {
    types.EVENT_TARGET: (("rule", types.EVENT_RULE),),
    types.TOPIC_SUBSCRIPTION: (("topic", types.TOPIC),),
    types.BUCKET_NOTIFICATION: (("bucket", types.BUCKET),),
}
"""The property that names the source of a delivery, if that is not the sender itself."""


@dataclass(frozen=True)
class Delivery:
    """A delivery by a service."""

    sender: Resource
    service: str
    action: str
    source_arn: str | None
    """The ARN of the alarm, rule, topic or bucket, with * for unknown parts."""

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """The known context of the request."""
        source = {"aws:sourcearn": (self.source_arn,)} if self.source_arn else {}
        # Only SNS's own default policy uses this key, which holds the account of the alarm.
        owner = {} if self.service == ALARMS else {"aws:sourceowner": ()}
        return {"aws:securetransport": ("true",), **source, **owner}


def deliveries_to(plan: Plan, receiver: Resource) -> list[Delivery]:
    """Return the deliveries of the plan's resources to a topic, a queue or a function."""
    action = _ACTIONS[receiver.type]
    return [
        Delivery(sender, service, action, _source_arn(plan, sender))
        for type_, path, service in _SENDERS[receiver.type]
        for sender in plan.of_type(type_)
        if _sends_to(sender, path, receiver)
    ]


def policies_of(plan: Plan, receiver: Resource) -> tuple[Policy, ...]:
    """Return the policies of a topic, a queue or a function.

    Raises:
        UnknownPropertyError: if one of them is not known yet.
        PropertyError: if one of them is not a policy.
    """
    if receiver.type == types.FUNCTION:
        permissions = resources_naming(plan, receiver, "function", types.FUNCTION_PERMISSION)
        return tuple(map(permission_policy, permissions))
    type_, path = (
        (types.TOPIC_POLICY, "arn") if receiver.type == types.TOPIC else (types.QUEUE_POLICY, "queueUrl")
    )
    written = resources_naming(plan, receiver, path, type_)
    own = [receiver] if is_set(receiver, "policy") else []
    if receiver.type == types.TOPIC and not written and not own:
        return (_TOPIC_DEFAULT,)
    return tuple(policy_of(resource, "policy") for resource in [*written, *own])


_TOPIC_DEFAULT = parse(
    "the default policy",
    {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "sns:Publish",
            "Resource": "*",
            "Condition": {"StringEquals": {"AWS:SourceOwner": "the topic's account"}},
        }
    },
)
"""SNS's policy of a topic without one: its own account, with its alarms, may publish."""


_SOURCE_CONDITIONS = (
    ("ArnLike", "aws:SourceArn", "sourceArn"),
    ("StringEquals", "aws:SourceAccount", "sourceAccount"),
    ("StringEquals", "aws:PrincipalOrgID", "principalOrgId"),
)
"""The conditions of a function's permission: operator, key, and the property with the value."""


def permission_policy(permission: Resource) -> Policy:
    """Return the statement that a permission adds to its function's policy."""
    principal = read_text(permission, "principal")
    source: dict[str, Any] = {}
    for operator, key, path in _SOURCE_CONDITIONS:
        value = read_partly(permission, path)
        if isinstance(value, str) and value:
            source.setdefault(operator, {})[key] = value
    return parse(
        permission.name,
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": principal}
                if principal and "." in principal
                else {"AWS": principal or []},
                "Action": read_text(permission, "action") or [],
                "Resource": "*",
                "Condition": source,
            }
        },
    )


def has_unknown_source(permission: Resource) -> bool:
    """Return True if a function's permission is limited to a source that is not known yet."""
    return any(read_partly(permission, path) is UNKNOWN for _, _, path in _SOURCE_CONDITIONS)


def _sends_to(sender: Resource, path: str, receiver: Resource) -> bool:
    if path == "redrivePolicy":
        return redrives_to(sender, receiver)
    if sender.type == types.EVENT_TARGET and path == "deadLetterConfig":
        return receiver in _named(sender, "deadLetterConfig.arn", receiver)
    return names(sender, path, receiver)


def _named(sender: Resource, path: str, receiver: Resource) -> list[Resource]:
    return resources_named_by(Plan.of([receiver]), sender, path, receiver.type)


def redrives_to(subscription: Resource, queue: Resource) -> bool:
    """Return True if a subscription, or a queue, names a queue in its `redrivePolicy`."""
    try:
        written = read_json(subscription, "redrivePolicy")
    except UnknownPropertyError:
        return queue.urn in subscription.sources.get("redrivePolicy", ())
    except PropertyError:
        return False
    arn = written.get("deadLetterTargetArn") if isinstance(written, Mapping) else None
    return isinstance(arn, str) and is_identified_by(queue, arn)


def _source_arn(plan: Plan, sender: Resource) -> str | None:
    for path, type_ in _SOURCES.get(sender.type, ()):
        # On an event bus of its own, a rule's ARN also holds the name of the bus.
        sources = [] if is_set(sender, "eventBusName") else resources_named_by(plan, sender, path, type_)
        return arn_of(sources[0]) if len(sources) == 1 else None
    return arn_of(sender)


def keys_of(plan: Plan, resource: Resource, path: str) -> list[Resource]:
    """Return the KMS keys of the plan that a property names, directly or by an alias."""
    keys = resources_named_by(plan, resource, path, types.KEY)
    for alias in plan.of_type(types.KEY_ALIAS):
        if alias in resources_named_by(plan, resource, path, types.KEY_ALIAS) or _is_alias(
            resource, path, alias
        ):
            keys += resources_named_by(plan, alias, "targetKeyId", types.KEY)
    return list(dict.fromkeys(keys))


def _is_alias(resource: Resource, path: str, alias: Resource) -> bool:
    named = read_partly(resource, path)
    name = read_partly(alias, "name")
    return isinstance(named, str) and isinstance(name, str) and (named == name or named.endswith(f":{name}"))


def key_policies_of(plan: Plan, key: Resource) -> tuple[Policy, ...]:
    """Return the policies of a KMS key; without one, only the account's own policies count, and no service is let in.

    Raises:
        UnknownPropertyError: if the policy is not known yet.
        PropertyError: if it is not a policy.
    """
    written = resources_naming(plan, key, "keyId", types.KEY_POLICY)
    own = [key] if is_set(key, "policy") else []
    return tuple(policy_of(resource, "policy") for resource in [*written, *own])


def services_sending_to(plan: Plan, receiver: Resource) -> Iterator[tuple[str, str]]:
    """Yield each service that delivers to a topic or a queue, with the name of one sender."""
    seen: set[str] = set()
    with suppress(PropertyError):
        for delivery in deliveries_to(plan, receiver):
            if delivery.service not in seen:
                seen.add(delivery.service)
                yield delivery.service, delivery.sender.name
