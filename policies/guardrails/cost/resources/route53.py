"""The cost of Route 53: hosted zones by the month; queries cost little. Source: https://aws.amazon.com/route53/pricing/."""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource


def _zone(table: PriceTable, _: Plan, zone: Resource) -> Iterator[Bill]:
    yield bill_for(table, "route53_zone_month", zone.name, 1)


PRICING = Pricing(fixed={"aws:route53/zone:Zone": _zone})
