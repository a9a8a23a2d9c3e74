"""The cost of serverless caches of ElastiCache: data by the hour, and processing units.

Caches of nodes have no price here. Source: https://aws.amazon.com/elasticache/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_text

_SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache"
_ENGINES = ("valkey", "redis", "memcached")


def _serverless(table: PriceTable, _: Plan, cache: Resource) -> Iterator[Bill]:
    engine = read_text(cache, "engine")
    if engine not in _ENGINES:
        yield unknown_price("elasticache_gb_hour", cache.name, 1, "the price of its engine")
        return
    yield unknown_quantity(table, f"elasticache_{engine}_gb_hour", cache.name, "how much lies in it")
    yield unknown_quantity(table, f"elasticache_{engine}_unit", cache.name, "how many requests it gets")


PRICING = Pricing(fixed={_SERVERLESS: _serverless})
