"""The cost of SNS: deliveries by protocol, and messages that no state machine publishes.

Source: https://aws.amazon.com/sns/pricing/
"""

from collections.abc import Iterator

from guardrails.aws.functions import functions_subscribed
from guardrails.aws.topics import is_published_to_by_machines, protocol_of, subscriptions_of
from guardrails.aws.types import TOPIC, TOPIC_SUBSCRIPTION
from guardrails.cost.bill import Bill, Case, bill_for, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.lambda_functions import event_bill, unknown_invocations
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly

_EMAIL = ("email", "email-json")
_DELIVERIES = {
    **dict.fromkeys(_EMAIL, "sns_email_delivery"),
    "http": "sns_https_delivery",
    "https": "sns_https_delivery",
}
"""The prices of deliveries, by the protocol of a subscription."""
_FIFO = ("sns_fifo_publish", "sns_fifo_publish_gb")
"""The prices of messages to a FIFO topic, which is billed by requests and by payload."""

_FREE_PROTOCOLS = ("sqs", "lambda")
_OTHER_DELIVERY = "sns_delivery"
"""The key of a delivery by any other protocol, which the price table does not have."""


def unknown_deliveries(table: PriceTable, name: str, what: str) -> Bill:
    """Return the bill of deliveries by a topic that is not in the plan."""
    return unknown_quantity(table, "sns_email_delivery", name, what)


def deliveries_bill(table: PriceTable, plan: Plan, name: str, topic: Resource, case: Case) -> Bill:
    """Return the bill of all deliveries of one message to a topic; `name` is the name on its lines."""
    return Bill.of(
        _delivery(table, plan, name, subscription, case) for subscription in subscriptions_of(plan, topic)
    )


def _delivery(table: PriceTable, plan: Plan, name: str, subscription: Resource, case: Case) -> Bill:
    protocol = protocol_of(subscription)
    if protocol == "lambda":
        return _invocations(table, plan, name, subscription, case)
    if protocol in _FREE_PROTOCOLS:
        return Bill()
    if protocol in _DELIVERIES:
        return bill_for(table, _DELIVERIES[protocol], name, 1)
    what = f"the price of a delivery by {protocol or 'a protocol that is not known yet'}"
    return unknown_price(_OTHER_DELIVERY, name, 1, what)


def _invocations(table: PriceTable, plan: Plan, name: str, subscription: Resource, case: Case) -> Bill:
    """Return the bill of the functions that a delivery invokes; the delivery itself is free."""
    functions = functions_subscribed(plan, subscription)
    if not functions:
        what = f"the function of {subscription.name}, which is not in the plan"
        return unknown_invocations(table, name, what)
    return Bill.of(event_bill(table, plan, name, function, case) for function in functions)


def _topic(table: PriceTable, plan: Plan, topic: Resource) -> Iterator[Bill]:
    if is_published_to_by_machines(plan, topic):
        return
    what = "how many messages are published to it"
    for key in _FIFO if read_partly(topic, "fifoTopic") is True else ("sns_publish",):
        yield unknown_quantity(table, key, topic.name, what)


def _subscription(table: PriceTable, _: Plan, subscription: Resource) -> Iterator[Bill]:
    """Yield the deliveries of a subscription, except by e-mail, which carries few messages."""
    protocol = protocol_of(subscription)
    if protocol not in (*_FREE_PROTOCOLS, *_EMAIL):
        key = _DELIVERIES.get(protocol, _OTHER_DELIVERY)
        yield unknown_quantity(table, key, subscription.name, "how many messages its topic gets")


PRICING = Pricing(
    fixed={TOPIC: _topic, TOPIC_SUBSCRIPTION: _subscription},
    usage=dict.fromkeys((TOPIC, TOPIC_SUBSCRIPTION), ("sns_", "data_out_gb")),
)
