"""The cost of CloudWatch log groups: ingestion, and storage by the month. Source: https://aws.amazon.com/cloudwatch/pricing/."""

from collections.abc import Iterator

from guardrails.aws.types import LOG_GROUP
from guardrails.cost.bill import Bill, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.cost.usage_declarations import is_declared_by_runs
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly

_INGESTED = "logs_ingested_gb"
_CLASSES = {"INFREQUENT_ACCESS": "logs_ia_ingested_gb"}
"""The price of ingestion by the class of a log group, if it is not the standard one."""

_USAGE = {
    _INGESTED: "how much is logged",
    "logs_stored_gb_month": "how much is logged, and for how long it is kept",
}


def _log_group(table: PriceTable, plan: Plan, group: Resource) -> Iterator[Bill]:
    ingested = _CLASSES.get(str(read_partly(group, "logGroupClass")), _INGESTED)
    for usage, what in _USAGE.items():
        key = ingested if usage == _INGESTED else usage
        if not is_declared_by_runs(plan, group, key):
            yield unknown_quantity(table, key, group.name, what)


PRICING = Pricing(fixed={LOG_GROUP: _log_group})
