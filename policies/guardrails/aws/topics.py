"""Topics of Amazon SNS: the publishers and the subscriptions that a plan shows."""

from functools import lru_cache

from guardrails.aws import types
from guardrails.aws.functions import ALARM_ACTIONS, callers
from guardrails.aws.integrations import calling_states
from guardrails.aws.references import resources_meant_by, resources_naming
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_text

_PUBLISHERS = (
    *ALARM_ACTIONS,
    (types.BUDGET, "notifications"),
    (types.EVENT_TARGET, "arn"),
    (types.SCHEDULE, "target.arn"),
    (types.BUCKET_NOTIFICATION, "topics"),
)
"""The resources other than state machines that publish to a topic, each with the property that names it."""


def is_published_to_by_machines(plan: Plan, topic: Resource) -> bool:
    """Return True if a state of a machine may publish to a topic."""
    return topic.urn in _published_to(plan)


# Cached, because each topic would look at each state otherwise.
@lru_cache(maxsize=16)
def _published_to(plan: Plan) -> frozenset[str]:
    """Return the URNs of the topics to which states of machines may publish."""
    return frozenset(
        topic.urn
        for state in calling_states(plan, "sns:publish")
        for topic in resources_meant_by(plan, state.arguments, "TopicArn", types.TOPIC)
    )


def is_published_to_by_others(plan: Plan, topic: Resource) -> bool:
    """Return True if an alarm, a budget, a rule, a schedule or a bucket publishes to a topic."""
    return topic.urn in callers(plan, _PUBLISHERS, types.TOPIC)


def subscriptions_of(plan: Plan, topic: Resource) -> list[Resource]:
    """Return the subscriptions of a topic."""
    return resources_naming(plan, topic, "topic", types.TOPIC_SUBSCRIPTION)


def protocol_of(subscription: Resource) -> str:
    """Return the protocol of a subscription, or an empty text if it is not known yet."""
    try:
        return read_text(subscription, "protocol") or ""
    except PropertyError:
        return ""
