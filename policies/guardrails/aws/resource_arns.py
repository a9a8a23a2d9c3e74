"""The ARNs of resources, built from their names and their providers if AWS has not created them yet."""

from collections.abc import Mapping

from guardrails.aws import types
from guardrails.aws.provider import account_of, partition_of, region_of
from guardrails.aws.references import resources_named_by
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read_text

_TEMPLATES: Mapping[str, tuple[str, str]] = {
    types.STATE_MACHINE: ("arn:*:states:*:*:stateMachine:", "name"),
    types.FUNCTION: ("arn:*:lambda:*:*:function:", "name"),
    types.TOPIC: ("arn:*:sns:*:*:", "name"),
    types.QUEUE: ("arn:*:sqs:*:*:", "name"),
    types.LOG_GROUP: ("arn:*:logs:*:*:log-group:", "name"),
    types.ECR_REPOSITORY: ("arn:*:ecr:*:*:repository/", "name"),
    types.TASK_DEFINITION: ("arn:*:ecs:*:*:task-definition/", "family"),
    types.CLUSTER: ("arn:*:ecs:*:*:cluster/", "name"),
    types.EVENT_RULE: ("arn:*:events:*:*:rule/", "name"),
    types.SCHEDULE_GROUP: ("arn:*:scheduler:*:*:schedule-group/", "name"),
    types.METRIC_ALARM: ("arn:*:cloudwatch:*:*:alarm:", "name"),
    types.COMPOSITE_ALARM: ("arn:*:cloudwatch:*:*:alarm:", "alarmName"),
    types.BUCKET: ("arn:*:s3:::", "bucket"),
}
"""The beginning of the ARN of each type, and the property with the rest; * stands for what is not known."""


def arn_of(resource: Resource) -> str | None:
    """Return the ARN of a resource, with * for unknown parts, or None if not even its name is known.

    Its region and its account are those of its provider.
    """
    try:
        if arn := read_text(resource, "arn"):
            return arn
    except PropertyError:
        pass
    if resource.type == types.KEY:
        # AWS chooses the id of a key.
        return located("arn:*:kms:*:*:key/*", resource)
    try:
        if resource.type == types.ROLE:
            prefix, path = f"arn:*:iam::*:role{read_text(resource, 'path') or '/'}", "name"
        else:
            prefix, path = _TEMPLATES.get(resource.type, ("", "name"))
        name = read_text(resource, path) if prefix else None
    except PropertyError:
        return None
    return located(f"{prefix}{name}", resource) if name else None


def located(arn: str, resource: Resource) -> str:
    """Return an ARN in which the partition, the region and the account are those of a resource, where they are *."""
    region, account = region_of(resource), account_of(resource)
    own = ("arn", partition_of(region), "*", region or "*", account or "*")
    fields = arn.split(":", 5)
    return ":".join(
        (*(its if field == "*" else field for field, its in zip(fields, own, strict=False)), *fields[5:])
    )


def only_arn(plan: Plan, resource: Resource, path: str, type_: str) -> str | None:
    """Return the ARN that a property holds, built from the resource that it names if it is not known yet.

    None if it is not known, or may be one of several.
    """
    try:
        return read_text(resource, path)
    except UnknownPropertyError:
        named = resources_named_by(plan, resource, path, type_)
    return arn_of(named[0]) if len(named) == 1 else None
