"""States that count the stack's e-mail addresses without a subscription, or with an unconfirmed one.

SNS sends no mail to an address before its owner has followed the link in the confirmation mail. It deletes a
subscription that is not confirmed within 48 hours, or whose owner unsubscribes. A publish succeeds in all of
these cases, even to a topic without subscribers. Source: Amazon SNS Developer Guide, "Email notifications"
and "Subscribing to an Amazon SNS topic".
"""

from components.machines import errors
from components.machines.asl import State, call, catch, choice, expression
from components.machines.integrations import list_subscriptions, publish_metrics
from components.settings.names import Names
from components.settings.notifications import Notifications

MISSING_METRIC = "SubscriptionsMissing"
"""The metric of the number of configured addresses without a confirmed subscription."""

FIRST = "ListFailureSubscriptions"
_CHECK, _PUBLISH = "CheckSubscriptions", "PublishSubscriptions"


def count_subscriptions(
    names: Names, notifications: Notifications, *, failure: str, next_state: str
) -> dict[str, State]:
    """Return the states that count the missing subscriptions of each topic, and publish the metric if there are any.

    They count addresses and do not name them: more people can read a definition than may know the addresses.
    If a call fails, no metric is published, and the variable `failure` keeps the error.
    """
    catches = [catch(next_state, assign={failure: expression(errors.CAUGHT)})]
    metrics = ((MISSING_METRIC, "$missing", "Count"),)
    addresses = {
        "failure": notifications.failure_emails,
        "success": notifications.success_emails,
        "alarms": notifications.alarm_emails,
    }
    # Settings demand an address for failures, so that the first state is always there.
    used = [topic for topic, emails in addresses.items() if emails]
    following = [*map(_list_state, used[1:]), _CHECK]
    lists = {
        _list_state(topic): call(
            list_subscriptions(names, topic),
            catches=catches,
            assign={"missing": expression(f"{before}{_missing(len(addresses[topic]))}")},
            next_state=then,
        )
        for topic, before, then in zip(used, ["", *["$missing + "] * len(following)], following, strict=False)
    }
    return {
        **lists,
        # A metric is billed for each hour in which it has a value.
        _CHECK: choice([("$missing > 0", _PUBLISH)], default=next_state),
        _PUBLISH: call(publish_metrics(names, metrics), catches=catches, next_state=next_state),
    }


def _list_state(topic: str) -> str:
    return f"List{topic.capitalize()}Subscriptions"


# Instead of an ARN, a subscription that is not confirmed has one of the words PendingConfirmation and Deleted.
_CONFIRMED = "$count($states.result.Subscriptions[$contains(Protocol&SubscriptionArn, 'emailarn')])"


def _missing(expected: int) -> str:
    return f"$max([0, {expected} - {_CONFIRMED}])"
