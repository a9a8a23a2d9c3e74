"""The cost of SQS queues: requests. Source: https://aws.amazon.com/sqs/pricing/."""

from collections.abc import Iterator

from guardrails.aws.types import QUEUE
from guardrails.cost.bill import Bill, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource


def _queue(table: PriceTable, _: Plan, queue: Resource) -> Iterator[Bill]:
    key = "sqs_fifo_request" if queue.properties.get("fifoQueue") is True else "sqs_standard_request"
    yield unknown_quantity(table, key, queue.name, "how many messages go through it")


PRICING = Pricing(fixed={QUEUE: _queue}, usage={QUEUE: ("data_out_gb", "kms_request")})
