"""The source that a service names when it assumes the role of a resource.

Sources: "Cross-service confused deputy prevention" in the guides of Step Functions, EventBridge
(https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html) and EventBridge
Scheduler (https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html), which
names the schedule group, and "Amazon ECS task IAM role"
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html), which names a task.
"""

from guardrails.aws import types
from guardrails.aws.provider import account_of
from guardrails.aws.references import resources_named_by
from guardrails.aws.resource_arns import arn_of, located
from guardrails.plan import Plan, Resource
from guardrails.properties import is_set, read_partly

_DEFAULT_GROUP = "default"


def source_of(plan: Plan, user: Resource) -> dict[str, tuple[str, ...]]:
    """Return the context keys of a service's request for the role of a resource, as far as they are known."""
    arn, account = _arn(plan, user), account_of(user)
    return {
        **({"aws:sourcearn": (arn,)} if arn else {}),
        **({"aws:sourceaccount": (account,)} if account else {}),
    }


def _arn(plan: Plan, user: Resource) -> str | None:
    match user.type:
        case types.STATE_MACHINE:
            return arn_of(user)
        case types.SCHEDULE:
            return _of_group(plan, user)
        case types.EVENT_TARGET if not is_set(user, "eventBusName"):
            # On an event bus of its own, a rule's ARN also holds the name of the bus.
            rules = resources_named_by(plan, user, "rule", types.EVENT_RULE)
            return arn_of(rules[0]) if len(rules) == 1 else None
        case types.TASK_DEFINITION:
            return located("arn:*:ecs:*:*:*", user)
    return None


def _of_group(plan: Plan, schedule: Resource) -> str | None:
    name = read_partly(schedule, "groupName") or _DEFAULT_GROUP
    if isinstance(name, str):
        return located(f"arn:*:scheduler:*:*:schedule-group/{name}", schedule)
    groups = resources_named_by(plan, schedule, "groupName", types.SCHEDULE_GROUP)
    known = arn_of(groups[0]) if len(groups) == 1 else None
    return known or located("arn:*:scheduler:*:*:schedule-group/*", schedule)
