"""The cost of CloudWatch dashboards. Source: https://aws.amazon.com/cloudwatch/pricing/."""

from collections.abc import Iterator, Mapping

from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_json

_MOST_METRICS = 50
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"


def _dashboard(table: PriceTable, _: Plan, dashboard: Resource) -> Iterator[Bill]:
    """Yield the price of a dashboard; AWS bills one of more metrics separately, and without a free allowance."""
    metrics = _metrics(dashboard)
    yield bill_for(
        table, "dashboard_extended_month" if metrics > _MOST_METRICS else "dashboard_month", dashboard.name, 1
    )


def _metrics(dashboard: Resource) -> int:
    """Return the number of metrics that a dashboard shows; one that is not known yet counts as small."""
    try:
        body = read_json(dashboard, "dashboardBody")
    except PropertyError:
        return 0
    widgets = body.get("widgets") if isinstance(body, Mapping) else None
    shown = 0
    for widget in widgets if isinstance(widgets, list) else ():
        properties = widget.get("properties") if isinstance(widget, Mapping) else None
        metrics = properties.get("metrics") if isinstance(properties, Mapping) else None
        shown += len(metrics) if isinstance(metrics, list) else 0
    return shown


PRICING = Pricing(fixed={DASHBOARD: _dashboard})
