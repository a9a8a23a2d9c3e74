"""What the calls of a Task cost that run nothing: messages, objects, events, metrics."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from guardrails.aws.arguments import argument
from guardrails.aws.functions import functions_subscribed
from guardrails.aws.integrations import Integration
from guardrails.aws.links import meant_by, naming
from guardrails.aws.machines import State
from guardrails.aws.types import TOPIC, TOPIC_SUBSCRIPTION
from guardrails.cost.bill import Bill, bill_for, unknown_price, unknown_quantity
from guardrails.cost.lambdas import event_bill
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.run import Run
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_text

_LISTED: Any = json.loads((Path(__file__).parent / "data" / "calls.json").read_text(encoding="utf-8"))
_FREE = (
    *_LISTED["free"],
    *(
        f"{service}:{verb}"
        for service in _LISTED["free_verbs"]["of"]
        for verb in _LISTED["free_verbs"]["verbs"]
    ),
)

DELIVERIES = {
    "email": "sns_email_delivery",
    "email-json": "sns_email_delivery",
    "http": "sns_https_delivery",
    "https": "sns_https_delivery",
}
"""The prices of deliveries, by the protocol of a subscription."""
FREE_DELIVERIES = ("sqs", "lambda")
DELIVERY_ELSEHOW = "sns_delivery"
"""What is billed for any other, at a price that is not known here."""

_EVENTS = "events_custom_event"


def call_bill(run: Run, state: State, integration: Integration) -> Bill:
    """Return what one call costs, with what follows from it: the deliveries of a message."""
    table = run.table
    name = integration.name
    key = next((key for pattern, key in _LISTED["prices"].items() if fnmatchcase(name, pattern)), None)
    if key is None and any(fnmatchcase(name, pattern) for pattern in _FREE):
        return Bill()
    if key is None:
        return unknown_price(name, state.name, 1, f"the price of {name}, which the model does not know")
    call = _events(table, state) if key == _EVENTS else bill_for(table, key, state.name, 1)
    # Every request to SNS has the price of a message; deliveries follow from a message alone.
    return call if name != "sns:publish" else Bill.of([call, _deliveries(run, state)])


def _events(table: PriceTable, state: State) -> Bill:
    """Return what the events cost that one call sends."""
    entries = argument(state.arguments, "Entries")
    if isinstance(entries, list):
        return bill_for(table, _EVENTS, state.name, len(entries))
    return unknown_quantity(table, _EVENTS, state.name, f"how many events {state.name} sends at once")


def protocol_of(subscription: Resource) -> str:
    """Return how a subscription is delivered, or nothing where that is not known yet."""
    try:
        return read_text(subscription, "protocol") or ""
    except PropertyError:
        return ""


def _deliveries(run: Run, state: State) -> Bill:
    """Return what the deliveries of one message cost, to the dearest of the topics that it may go to."""
    plan = run.subject.plan
    topics = meant_by(plan, state.arguments, "TopicArn", TOPIC)
    if not topics:
        return unknown_quantity(
            run.table, "sns_email_delivery", state.name, "the subscribers of a topic not in the plan"
        )
    bills = [Bill.of(_delivery(run, one, state) for one in _subscribers(plan, topic)) for topic in topics]
    return max(bills, key=lambda bill: (bool(bill.unbounded), bill.total))


def _subscribers(plan: Plan, topic: Resource) -> Iterator[Resource]:
    yield from naming(plan, topic, "topic", TOPIC_SUBSCRIPTION)


def _delivery(run: Run, subscription: Resource, state: State) -> Bill:
    protocol = protocol_of(subscription)
    if protocol == "lambda":
        return _invocations(run, subscription, state)
    if protocol in FREE_DELIVERIES:
        return Bill()
    if protocol in DELIVERIES:
        return bill_for(run.table, DELIVERIES[protocol], state.name, 1)
    what = f"the price of a delivery by {protocol or 'a protocol that is not known yet'}"
    return unknown_price(DELIVERY_ELSEHOW, state.name, 1, what)


def _invocations(run: Run, subscription: Resource, state: State) -> Bill:
    """Return what the functions cost that a delivery invokes; the delivery itself is free."""
    plan = run.subject.plan
    functions = functions_subscribed(plan, subscription)
    if not functions:
        what = f"the function of {subscription.name}, which is not in the plan"
        return unknown_quantity(run.table, "lambda_x86_gb_second", state.name, what)
    return Bill.of(event_bill(run.table, plan, state.name, one, run.case) for one in functions)
