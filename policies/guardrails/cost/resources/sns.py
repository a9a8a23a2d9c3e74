"""The cost of SNS: deliveries by protocol, and messages that no state machine publishes.

Source: https://aws.amazon.com/sns/pricing/
"""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.functions import functions_subscribed
from guardrails.aws.topics import is_published_to_by_machines, protocol_of, subscriptions_of
from guardrails.aws.types import TOPIC, TOPIC_SUBSCRIPTION
from guardrails.cost.bill import Bill, Case, bill_for, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.lambda_functions import event_bill, unknown_invocations
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import UNKNOWN, Plan, Resource

_EMAIL = ("email", "email-json")
_DELIVERIES = {
    **dict.fromkeys(_EMAIL, "sns_email_delivery"),
    "http": "sns_https_delivery",
    "https": "sns_https_delivery",
}
"""The prices of deliveries, by the protocol of a subscription."""
_FIFO = ("sns_fifo_publish", "sns_fifo_publish_gb")
"""The prices of messages to a FIFO topic, which is billed by requests and by payload."""
_LARGEST_MESSAGE_GB = Decimal(256) / (1_024 * 1_024)
"""The size of the largest message, 256 KB: https://docs.aws.amazon.com/general/latest/gr/sns.html"""

_FREE_PROTOCOLS = ("sqs", "lambda")
_OTHER_DELIVERY = "sns_delivery"
"""The key of a delivery by any other protocol, which the price table does not have."""


def unknown_deliveries(table: PriceTable, name: str, what: str) -> Bill:
    """Return the bill of deliveries by a topic that is not in the plan."""
    return unknown_quantity(table, "sns_email_delivery", name, what)


def sms_bill(table: PriceTable, name: str) -> Bill:
    """Return the bill of a message to a telephone, whose price depends on the country and the operator."""
    price = unknown_price(_OTHER_DELIVERY, name, 1, "the price of a delivery by SMS")
    return Bill.of([publish_bill(table, name, Case.EXPECTED, to_fifo=False), price])


def publish_bill(table: PriceTable, name: str, case: Case, *, to_fifo: bool) -> Bill:
    """Return the bill of one message without its deliveries; at worst a message to a FIFO topic is as large as any."""
    if not to_fifo:
        return bill_for(table, "sns_publish", name, 1)
    return _of_fifo(table, name, case, "publish")


def _of_fifo(table: PriceTable, name: str, case: Case, work: str) -> Bill:
    request = bill_for(table, f"sns_fifo_{work}", name, 1)
    size = bill_for(table, f"sns_fifo_{work}_gb", name, _LARGEST_MESSAGE_GB)
    return Bill.of([request, size if case is Case.WORST else size.depending_on("the size of its message")])


def message_bill(table: PriceTable, plan: Plan, name: str, topic: Resource, case: Case) -> Bill:
    """Return the bill of one message to a topic and of all its deliveries; `name` is the name on its lines."""
    to_fifo = is_fifo(topic)
    message = publish_bill(table, name, case, to_fifo=to_fifo)
    deliveries = (
        _delivery(table, plan, name, subscription, case, of_fifo=to_fifo)
        for subscription in subscriptions_of(plan, topic)
    )
    return Bill.of([message, *deliveries])


def is_fifo(resource: Resource) -> bool:
    """Return True if a topic or a queue is a FIFO one, or may be one."""
    return any(resource.properties.get(key) in (True, UNKNOWN) for key in ("fifoTopic", "fifoQueue"))


def _delivery(
    table: PriceTable, plan: Plan, name: str, subscription: Resource, case: Case, *, of_fifo: bool
) -> Bill:
    protocol = protocol_of(subscription)
    if protocol == "lambda":
        return _invocations(table, plan, name, subscription, case)
    if protocol in _FREE_PROTOCOLS:
        return _of_fifo(table, name, case, "delivery") if of_fifo else Bill()
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
    for key in _FIFO if is_fifo(topic) else ("sns_publish",):
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
