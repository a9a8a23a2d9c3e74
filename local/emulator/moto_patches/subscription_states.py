"""States of subscriptions: confirmed, pending or deleted; in moto all are confirmed, and topics do not count them.

AWS: an e-mail or HTTP subscription is pending until its owner confirms it. Until then nothing is delivered to it, and
lists have `PendingConfirmation` in place of its ARN. GetTopicAttributes counts each state: SubscriptionsConfirmed,
SubscriptionsPending, SubscriptionsDeleted.
Here subscriptions are confirmed at once, as if the owner had followed the link; `POST /ccapi/subscriptions` makes them
pending, or confirms them.
Source: Amazon SNS API Reference, "GetTopicAttributes" and "ListSubscriptionsByTopic"; Amazon SNS Developer Guide,
"Email notifications".
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from moto.sns.models import SNSBackend, Subscription, sns_backends

from local.emulator.patch import replace

PENDING = "PendingConfirmation"
# Subscriptions of these protocols are confirmed at once.
_BY_THEMSELVES = {"application", "firehose", "lambda", "sms", "sqs"}


def apply() -> None:
    """Add the states of subscriptions."""
    replace(SNSBackend, "get_topic", _get_topic)
    replace(SNSBackend, "unsubscribe", _unsubscribe)
    replace(SNSBackend, "list_subscriptions", _listed)
    replace(SNSBackend, "list_subscriptions_by_topic", _listed)
    replace(SNSBackend, "get_subscription_attributes", _get_subscription_attributes)
    replace(Subscription, "publish", _publish)


def confirm(endpoint: str, *, confirmed: bool) -> int:
    """Confirm every subscription of an address, or make it pending, and return their number."""
    found = [
        subscription
        for backends in sns_backends.values()
        for backend in backends.values()
        for subscription in backend.subscriptions.values()
        if subscription.endpoint == endpoint and subscription.protocol not in _BY_THEMSELVES
    ]
    for subscription in found:
        subscription.attributes[PENDING] = "false" if confirmed else "true"
    return len(found)


def _is_pending(subscription: Any) -> bool:
    return str(subscription.attributes.get(PENDING)).lower() == "true"


def _get_topic(original: Callable[..., Any], self: Any, arn: str) -> Any:
    topic = original(self, arn)
    pending = [_is_pending(found) for found in self.subscriptions.values() if found.topic.arn == topic.arn]
    topic.subscriptions_pending = pending.count(True)
    # The name is moto's.
    topic.subscriptions_confimed = pending.count(False)
    return topic


def _unsubscribe(original: Callable[..., Any], self: Any, subscription_arn: str) -> None:
    if found := self.subscriptions.get(subscription_arn):
        found.topic.subscriptions_deleted += 1
    original(self, subscription_arn)


def _listed(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    subscriptions, token = original(self, *args, **kwargs)
    return _with_states(subscriptions), token


def _with_states(subscriptions: Sequence[Any]) -> list[Any]:
    shown = []
    for subscription in subscriptions:
        entry = copy.copy(subscription)
        if _is_pending(subscription):
            entry.arn = PENDING
        shown.append(entry)
    return shown


def _get_subscription_attributes(original: Callable[..., Any], self: Any, arn: str) -> Any:
    attributes = original(self, arn)
    pending = _is_pending(self.subscriptions[arn])
    return {
        **attributes,
        PENDING: str(pending).lower(),
        "ConfirmationWasAuthenticated": str(not pending).lower(),
    }


def _publish(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    if not _is_pending(self):
        original(self, *args, **kwargs)
