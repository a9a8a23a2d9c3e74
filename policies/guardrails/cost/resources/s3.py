"""The cost of S3: storage, the requests of lifecycle transitions, and declared requests and transfer.

Source: https://aws.amazon.com/s3/pricing/
"""

from collections.abc import Iterator, Mapping

from guardrails.cost.bill import Bill, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.cost.usage_declarations import is_declared_by_runs
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import read_partly

_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_LIFECYCLES = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)


def _bucket(table: PriceTable, plan: Plan, bucket: Resource) -> Iterator[Bill]:
    if not is_declared_by_runs(plan, bucket, "s3_standard_gb_month"):
        yield unknown_quantity(table, "s3_standard_gb_month", bucket.name, "how much lies in it")


def _lifecycle(table: PriceTable, _: Plan, lifecycle: Resource) -> Iterator[Bill]:
    """Yield the requests that move objects to another storage class; the expiration of objects is free."""
    rules = read_partly(lifecycle, "rules")
    if rules is UNKNOWN or any(
        not isinstance(rule, Mapping) or any(map(rule.get, ("transitions", "noncurrentVersionTransitions")))
        for rule in rules or ()
    ):
        what = "how many objects it moves to another storage class"
        yield unknown_quantity(table, "s3_put_request", lifecycle.name, what)


PRICING = Pricing(
    fixed={**dict.fromkeys(_BUCKETS, _bucket), **dict.fromkeys(_LIFECYCLES, _lifecycle)},
    usage=dict.fromkeys(_BUCKETS, ("s3_", "data_out_gb")),
)
