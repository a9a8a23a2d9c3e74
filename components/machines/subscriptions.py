"""States that count the addresses of the stack that nothing is mailed to: not confirmed yet, or not subscribed.

SNS mails nothing to an address before its owner has followed the link in the confirmation mail, deletes a
subscription that was not confirmed within 48 hours, and one whose owner unsubscribes. None of it fails a publish: to a
topic without subscribers SNS publishes as well. Source: Amazon SNS Developer Guide, "Email notifications" and
"Subscribing to an Amazon SNS topic".
"""

from components.machines import errors
from components.machines.asl import State, call, catch, choice, expression
from components.machines.integrations import list_subscriptions, publish_metrics
from components.settings.names import Names
from components.settings.notifications import Notifications

MISSING_METRIC = "SubscriptionsMissing"
"""The addresses of the settings without a confirmed subscription."""

FIRST = "ListFailureSubscriptions"
_PUBLISH = "PublishSubscriptions"


def count_subscriptions(
    names: Names, notifications: Notifications, *, failure: str, next_state: str
) -> dict[str, State]:
    """Return the states that count the missing subscriptions of both topics and publish the metric if there are any.

    Addresses are counted, not named: a definition can be read by more people than may know them. Where a call fails,
    nothing is published, and what failed is kept in the variable `failure`.
    """
    catches = [catch(next_state, assign={failure: expression(errors.CAUGHT)})]
    metrics = ((MISSING_METRIC, "$missing", "Count"),)
    list_failure, list_success, check = FIRST, "ListSuccessSubscriptions", "CheckSubscriptions"
    told_of_failures = len(notifications.failure_emails) + len(notifications.alarm_emails)
    told_of_success = len(notifications.success_emails)
    return {
        list_failure: call(
            list_subscriptions(names, "failure"),
            catches=catches,
            assign={"missing": expression(_missing(told_of_failures))},
            next_state=list_success,
        ),
        list_success: call(
            list_subscriptions(names, "success"),
            catches=catches,
            assign={"missing": expression(f"$missing + {_missing(told_of_success)}")},
            next_state=check,
        ),
        # A metric is billed for each hour in which it has a value.
        check: choice([("$missing > 0", _PUBLISH)], default=next_state),
        _PUBLISH: call(publish_metrics(names, metrics), catches=catches, next_state=next_state),
    }


# In place of an ARN, a subscription has one of the words PendingConfirmation and Deleted.
_CONFIRMED = "$count($states.result.Subscriptions[Protocol = 'email' and $contains(SubscriptionArn, ':')])"


def _missing(expected: int) -> str:
    return f"$max([0, {expected} - {_CONFIRMED}])"
