"""The cost of Kinesis data streams: shards or streams by the hour, and data.

Source: https://aws.amazon.com/kinesis/data-streams/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly, read_quantity

_STREAM = "aws:kinesis/stream:Stream"
_CONSUMER = "aws:kinesis/streamConsumer:StreamConsumer"
_INCLUDED_HOURS = 24


def _stream(table: PriceTable, _: Plan, stream: Resource) -> Iterator[Bill]:
    if read_partly(stream, "streamModeDetails.streamMode") == "ON_DEMAND":
        yield bill_for(table, "kinesis_stream_hour", stream.name, HOURS_A_MONTH)
        yield unknown_quantity(table, "kinesis_ingested_gb", stream.name, "how much is written to it")
        yield unknown_quantity(table, "kinesis_retrieved_gb", stream.name, "how much is read from it")
        return
    hours = read_quantity(stream, "shardCount", 1) * HOURS_A_MONTH
    yield bill_for(table, "kinesis_shard_hour", stream.name, hours)
    if read_quantity(stream, "retentionPeriod", _INCLUDED_HOURS) > _INCLUDED_HOURS:
        yield bill_for(table, "kinesis_extended_shard_hour", stream.name, hours)
    yield unknown_quantity(table, "kinesis_put_unit", stream.name, "how many records are written to it")


def _consumer(table: PriceTable, _: Plan, consumer: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "kinesis_consumer_shard_hour", consumer.name, "how many shards it reads")
    yield unknown_quantity(table, "kinesis_consumer_gb", consumer.name, "how much it reads")


PRICING = Pricing(fixed={_STREAM: _stream, _CONSUMER: _consumer})
