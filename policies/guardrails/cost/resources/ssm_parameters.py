"""The cost of SSM parameters: advanced ones by the month. Source: https://aws.amazon.com/systems-manager/pricing/."""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource


def _parameter(table: PriceTable, _: Plan, parameter: Resource) -> Iterator[Bill]:
    key = "ssm_advanced_parameter_hour"
    match parameter.properties.get("tier"):
        case None | "Standard":
            return
        case "Advanced":
            yield bill_for(table, key, parameter.name, HOURS_A_MONTH)
        case _:
            yield unknown_quantity(table, key, parameter.name, "whether it is an advanced parameter")


PRICING = Pricing(fixed={"aws:ssm/parameter:Parameter": _parameter})
