"""What the calls of a Task cost that run nothing: messages, objects, events, metrics."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from guardrails.aws.integrations import Integration
from guardrails.aws.links import meant_by, naming
from guardrails.aws.machines import State
from guardrails.aws.types import TOPIC, TOPIC_SUBSCRIPTION
from guardrails.cost.line import Bill, billed, depends, unpriced
from guardrails.cost.prices.table import PriceTable
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

_DELIVERIES = {
    "email": "sns_email_delivery",
    "email-json": "sns_email_delivery",
    "http": "sns_https_delivery",
    "https": "sns_https_delivery",
}
_FREE_DELIVERIES = ("sqs", "lambda", "firehose")


def call_bill(table: PriceTable, plan: Plan, state: State, integration: Integration) -> Bill:
    """Return what one call costs, with what follows from it: the deliveries of a message."""
    name = integration.name
    key = next((key for pattern, key in _LISTED["prices"].items() if fnmatchcase(name, pattern)), None)
    if key is None and any(fnmatchcase(name, pattern) for pattern in _FREE):
        return Bill()
    if key is None:
        return unpriced(name, state.name, 1, f"the price of {name}, which the model does not know")
    call = billed(table, key, state.name, 1)
    return call if key != "sns_publish" else Bill.of([call, _deliveries(table, plan, state)])


def _deliveries(table: PriceTable, plan: Plan, state: State) -> Bill:
    """Return what the deliveries of one message cost, to the dearest of the topics that it may go to."""
    topics = meant_by(plan, state.arguments, "TopicArn", TOPIC)
    if not topics:
        return depends(table, "sns_email_delivery", state.name, "the subscribers of a topic not in the plan")
    bills = [Bill.of(_delivery(table, one, state) for one in _subscribers(plan, topic)) for topic in topics]
    return max(bills, key=lambda bill: (bool(bill.unbounded), bill.total))


def _subscribers(plan: Plan, topic: Resource) -> Iterator[Resource]:
    yield from naming(plan, topic, "topic", TOPIC_SUBSCRIPTION)


def _delivery(table: PriceTable, subscription: Resource, state: State) -> Bill:
    try:
        protocol = read_text(subscription, "protocol") or ""
    except PropertyError:
        protocol = ""
    if protocol in _FREE_DELIVERIES:
        return Bill()
    if protocol in _DELIVERIES:
        return billed(table, _DELIVERIES[protocol], state.name, 1)
    what = f"the price of a delivery by {protocol or 'a protocol that is not known yet'}"
    return unpriced("sns_delivery", state.name, 1, what)
