"""The ARNs of resources, built from their names if AWS has not created them yet."""

from collections.abc import Mapping

from guardrails.aws import types
from guardrails.aws.references import resources_named_by
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read_partly, read_text

_TEMPLATES: Mapping[str, tuple[str, str]] = {
    types.STATE_MACHINE: ("arn:*:states:*:*:stateMachine:", "name"),
    types.FUNCTION: ("arn:*:lambda:*:*:function:", "name"),
    types.TOPIC: ("arn:*:sns:*:*:", "name"),
    types.QUEUE: ("arn:*:sqs:*:*:", "name"),
    types.LOG_GROUP: ("arn:*:logs:*:*:log-group:", "name"),
    types.ECR_REPOSITORY: ("arn:*:ecr:*:*:repository/", "name"),
    types.TASK_DEFINITION: ("arn:*:ecs:*:*:task-definition/", "family"),
    types.EVENT_RULE: ("arn:*:events:*:*:rule/", "name"),
    types.METRIC_ALARM: ("arn:*:cloudwatch:*:*:alarm:", "name"),
    types.COMPOSITE_ALARM: ("arn:*:cloudwatch:*:*:alarm:", "alarmName"),
    types.BUCKET: ("arn:*:s3:::", "bucket"),
}
"""The beginning of the ARN of each type, and the property with the rest; * stands for what is not known."""


def arn_of(resource: Resource) -> str | None:
    """Return the ARN of a resource, with * for unknown parts, or None if not even its name is known."""
    try:
        if arn := read_text(resource, "arn"):
            return arn
    except PropertyError:
        pass
    try:
        if resource.type == types.ROLE:
            name = read_text(resource, "name")
            return f"arn:*:iam::*:role{read_text(resource, 'path') or '/'}{name}" if name else None
        prefix, path = _TEMPLATES.get(resource.type, ("", "name"))
        name = read_text(resource, path) if prefix else None
    except PropertyError:
        return None
    return f"{prefix}{name}" if name else None


def only_arn(plan: Plan, resource: Resource, path: str, type_: str) -> str | None:
    """Return the ARN that a property holds, built from the resource that it names if it is not known yet.

    None if it is not known, or may be one of several.
    """
    try:
        return read_text(resource, path)
    except UnknownPropertyError:
        named = resources_named_by(plan, resource, path, type_)
    return arn_of(named[0]) if len(named) == 1 else None


def is_elsewhere(resource: Resource, identifier: str) -> bool:
    """Return True if an identifier is an ARN of another region or account than that of a resource.

    What is not known, such as the region of the provider, may be the same.
    """
    if not identifier.startswith("arn:"):
        return False
    region, account = (*identifier.split(":"), "", "", "", "", "")[3:5]
    own = read_partly(resource, "region") or resource.provider.get("region")
    accounts = resource.provider.get("allowedAccountIds")
    return (isinstance(own, str) and region not in ("", own)) or (
        isinstance(accounts, list | tuple)
        and all(isinstance(each, str) for each in accounts)
        and account not in ("", *accounts)
    )
