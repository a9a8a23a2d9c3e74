"""The cost of CloudWatch dashboards. Source: https://aws.amazon.com/cloudwatch/pricing/."""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"


def _dashboard(table: PriceTable, _: Plan, dashboard: Resource) -> Iterator[Bill]:
    yield bill_for(table, "dashboard_month", dashboard.name, 1)


PRICING = Pricing(fixed={DASHBOARD: _dashboard})
