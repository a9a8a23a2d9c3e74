"""The cost of CloudWatch dashboards. The free tier covers those of up to 50 metrics only.

Source: https://aws.amazon.com/cloudwatch/pricing/.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_text

_MOST_METRICS = 50
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
FREE_METRICS = 50
"""The most metrics of a dashboard that the free tier covers."""


def _dashboard(table: PriceTable, _: Plan, dashboard: Resource) -> Iterator[Bill]:
    is_large = metrics_shown(dashboard) > FREE_METRICS
    yield bill_for(table, "dashboard_large_month" if is_large else "dashboard_month", dashboard.name, 1)


def metrics_shown(dashboard: Resource) -> int:
    """Return the number of metrics that a dashboard names, 0 if its body is not known or cannot be read.

    Metrics that only a search of the dashboard finds are not counted.
    """
    try:
        body = json.loads(read_text(dashboard, "dashboardBody") or "{}")
    except (PropertyError, ValueError):
        return 0
    return len(set(_metrics(body)))


def _metrics(body: Any) -> Iterator[str]:
    """Yield each metric as a text that identifies it, with the abbreviations `...` and `.` written out."""
    for widget in _list(body, "widgets"):
        before: list[str] = []
        properties = widget.get("properties") if isinstance(widget, Mapping) else None
        for row in _list(properties, "metrics"):
            texts = [part for part in row if isinstance(part, str)] if isinstance(row, list) else []
            if texts[:1] == ["..."]:
                texts = [*before[: len(before) - len(texts) + 1], *texts[1:]]
            named = [
                before[place] if text == "." and place < len(before) else text
                for place, text in enumerate(texts)
            ]
            if named:
                yield json.dumps(named)
                before = named


def _list(value: Any, key: str) -> list[Any]:
    """Return the list in a field, or an empty one if the value is no object or has no list there."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


PRICING = Pricing(fixed={DASHBOARD: _dashboard})
