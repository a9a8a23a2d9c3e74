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
_EXTENDED_HOURS = 7 * 24


_KEPT = "how much it keeps longer than a day"
_KEPT_LONGER = "how much it keeps longer than seven days"


def _stream(table: PriceTable, _: Plan, stream: Resource) -> Iterator[Bill]:
    retention = read_quantity(stream, "retentionPeriod", _INCLUDED_HOURS)
    if read_partly(stream, "streamModeDetails.streamMode") == "ON_DEMAND":
        yield bill_for(table, "kinesis_stream_hour", stream.name, HOURS_A_MONTH)
        yield unknown_quantity(table, "kinesis_ingested_gb", stream.name, "how much is written to it")
        yield unknown_quantity(table, "kinesis_retrieved_gb", stream.name, "how much is read from it")
        if retention > _INCLUDED_HOURS:
            yield unknown_quantity(table, "kinesis_on_demand_extended_gb_month", stream.name, _KEPT)
        if retention > _EXTENDED_HOURS:
            yield unknown_quantity(table, "kinesis_on_demand_long_term_gb_month", stream.name, _KEPT_LONGER)
        return
    hours = read_quantity(stream, "shardCount", 1) * HOURS_A_MONTH
    yield bill_for(table, "kinesis_shard_hour", stream.name, hours)
    if retention > _INCLUDED_HOURS:
        yield bill_for(table, "kinesis_extended_shard_hour", stream.name, hours)
    if retention > _EXTENDED_HOURS:
        yield unknown_quantity(table, "kinesis_long_term_gb_month", stream.name, _KEPT_LONGER)
        what = "how much older than seven days is read from it"
        yield unknown_quantity(table, "kinesis_long_term_read_gb", stream.name, what)
    yield unknown_quantity(table, "kinesis_put_unit", stream.name, "how many records are written to it")


def _consumer(table: PriceTable, _: Plan, consumer: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "kinesis_consumer_shard_hour", consumer.name, "how many shards it reads")
    yield unknown_quantity(table, "kinesis_consumer_gb", consumer.name, "how much it reads")


PRICING = Pricing(fixed={_STREAM: _stream, _CONSUMER: _consumer})
