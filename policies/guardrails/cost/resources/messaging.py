"""What messages cost that no run of a machine is known to send: of topics, event buses and queues.

Source: https://aws.amazon.com/sns/pricing/, https://aws.amazon.com/eventbridge/pricing/, https://aws.amazon.com/sqs/pricing/
"""

from collections.abc import Iterator

from guardrails.aws import types
from guardrails.aws.integrations import calling_states
from guardrails.aws.links import meant_by
from guardrails.cost.bill import Bill, unknown_quantity
from guardrails.cost.calls import DELIVERIES, DELIVERY_ELSEHOW, FREE_DELIVERIES, protocol_of
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource

_PEOPLE = ("email", "email-json")
"""How people are told, who get few messages."""


def _topic(table: PriceTable, plan: Plan, topic: Resource) -> Iterator[Bill]:
    if not is_published_to_by_machines(plan, topic):
        yield unknown_quantity(table, "sns_publish", topic.name, "how many messages are published to it")


def _subscription(table: PriceTable, _: Plan, subscription: Resource) -> Iterator[Bill]:
    protocol = protocol_of(subscription)
    if protocol not in (*FREE_DELIVERIES, *_PEOPLE):
        key = DELIVERIES.get(protocol, DELIVERY_ELSEHOW)
        yield unknown_quantity(table, key, subscription.name, "how many messages its topic gets")


def _event_bus(table: PriceTable, _: Plan, bus: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "events_custom_event", bus.name, "how many events are sent to it")


def _queue(table: PriceTable, _: Plan, queue: Resource) -> Iterator[Bill]:
    key = "sqs_fifo_request" if queue.properties.get("fifoQueue") is True else "sqs_standard_request"
    yield unknown_quantity(table, key, queue.name, "how many messages go through it")


def is_published_to_by_machines(plan: Plan, topic: Resource) -> bool:
    """Tell whether a machine may publish to a topic, with whose runs the messages are counted."""
    return any(
        topic in meant_by(plan, state.arguments, "TopicArn", types.TOPIC)
        for state in calling_states(plan, "sns:publish")
    )


PRICED: Pricing = {
    types.QUEUE: _queue,
    types.TOPIC: _topic,
    types.TOPIC_SUBSCRIPTION: _subscription,
    "aws:cloudwatch/eventBus:EventBus": _event_bus,
}
