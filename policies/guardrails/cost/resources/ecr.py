"""The cost of ECR repositories: storage by the month. Source: https://aws.amazon.com/ecr/pricing/."""

from collections.abc import Iterator

from guardrails.aws.types import ECR_REPOSITORY
from guardrails.cost.bill import Bill, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Plan, Resource


def _repository(table: PriceTable, _: Plan, repository: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "ecr_gb_month", repository.name, "the size of its images")


PRICING = Pricing(fixed={ECR_REPOSITORY: _repository}, usage={ECR_REPOSITORY: ("data_out_gb",)})
