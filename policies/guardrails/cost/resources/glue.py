"""The cost of AWS Glue: the DPU-hours of jobs, crawlers and development endpoints.

Source: https://aws.amazon.com/glue/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly, read_quantity

_DEFAULT_NODES = 5


def _job(table: PriceTable, _: Plan, job: Resource) -> Iterator[Bill]:
    key = "glue_flex_dpu_hour" if read_partly(job, "executionClass") == "FLEX" else "glue_job_dpu_hour"
    yield unknown_quantity(table, key, job.name, "how often and how long it runs")


def _crawler(table: PriceTable, _: Plan, crawler: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "glue_crawler_dpu_hour", crawler.name, "how often and how long it runs")


def _endpoint(table: PriceTable, _: Plan, endpoint: Resource) -> Iterator[Bill]:
    nodes = read_quantity(endpoint, "numberOfNodes", _DEFAULT_NODES)
    yield bill_for(table, "glue_session_dpu_hour", endpoint.name, nodes * HOURS_A_MONTH)


PRICING = Pricing(
    fixed={
        "aws:glue/job:Job": _job,
        "aws:glue/crawler:Crawler": _crawler,
        "aws:glue/devEndpoint:DevEndpoint": _endpoint,
    }
)
