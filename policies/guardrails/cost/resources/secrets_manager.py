"""The cost of Secrets Manager: each secret and replica by the month, and requests.

Source: https://aws.amazon.com/secrets-manager/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.cost.usage_declarations import is_declared_by_runs
from guardrails.plan import UNKNOWN, Plan, Resource


def _secret(table: PriceTable, plan: Plan, secret: Resource) -> Iterator[Bill]:
    replicas = secret.properties.get("replicas")
    copies = len(replicas) if isinstance(replicas, list | tuple) else 0
    yield bill_for(table, "secret_month", secret.name, 1 + copies)
    if replicas is UNKNOWN:
        yield unknown_quantity(table, "secret_month", secret.name, "in how many regions it is")
    if not is_declared_by_runs(plan, secret, "secret_request"):
        yield unknown_quantity(table, "secret_request", secret.name, "how often it is read")


PRICING = Pricing(fixed={"aws:secretsmanager/secret:Secret": _secret})
