"""The page docs/cost.md: the text is in the template `page.md.j2`, this module provides the numbers."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from components.cost.expected import NOTICES_A_MONTH
from components.cost.happy_path import shard_seconds
from components.cost.run_cost import METRIC
from components.cost.usage import run_usage
from components.resources.cluster import METRICS_OF_A_CLUSTER
from components.resources.network import ENDPOINT_SERVICES
from components.settings.bounds import WATCH_HOURS
from components.settings.fargate import SIZES_BY_NAME
from components.settings.observability import METRIC_NAMESPACE
from components.settings.worker import WORKER_START_SECONDS
from docs.cost.arithmetic import Worker, later_attempts, run_of
from docs.cost.figures import STACKS, read
from docs.cost.templates import template
from docs.cost.words import exact, number, per, total
from docs.stack_file_schema import PROJECT
from docs.stack_files import settings_of
from guardrails.aws.starts import DAYS_A_MONTH
from guardrails.cost.bill import Case, price_title
from guardrails.cost.prices.table import FREE, read_file, table
from guardrails.cost.report import usd
from guardrails.cost.resources.pricing import HOURS_A_MONTH

_ABOUT = {"prod": "weekly, all regions", "dev": "started by hand", "local": "if it ran on AWS"}
_STANDING = {
    "alarm_standard_month": "alarms",
    "dashboard_month": "dashboard",
    "kms_key_month": "key",
    "metric_month": "custom metrics",
    "secret_month": "secret",
}
_DAYS_A_WEEK = 7
_INSIGHTS = "container_insights_metric_month"
_HOURS_A_RUN = Decimal("1.5")


def page() -> str:
    """Return the page."""
    stacks = {stack: read(stack) for stack in STACKS}
    region = stacks["prod"].region
    prices = table(region).prices
    example = Worker(region=region, size=SIZES_BY_NAME["standard"])
    weeks_a_month = DAYS_A_MONTH / _DAYS_A_WEEK
    used = sorted({key for figures in stacks.values() for key in figures.prices})
    return template("page.md.j2").render(
        **_examples(example),
        Case=Case,
        a_run=_HOURS_A_RUN * example.usd_an_hour,
        about=_ABOUT,
        price_title=price_title,
        days_a_month=DAYS_A_MONTH,
        endpoints=len(ENDPOINT_SERVICES),
        exact=exact,
        free=FREE,
        insights_usd=_insights_usd(prices[_INSIGHTS].usd, weeks_a_month),
        later_attempts=later_attempts,
        metric=METRIC,
        month_hours=HOURS_A_MONTH,
        days=sorted(prices[key].as_of for key in used),
        namespace=METRIC_NAMESPACE,
        notices=NOTICES_A_MONTH,
        number=number,
        per=per,
        price=prices.__getitem__,
        project=PROJECT,
        region=region,
        regions=list(read_file()["regions"]),
        run_of=run_of,
        settings={stack: settings_of(stack) for stack in STACKS},
        stacks=stacks,
        standing=_STANDING,
        total=total,
        usd=usd,
        used=used,
        verified=sum(prices[key].verified for key in used),
        watch_hours=WATCH_HOURS,
        weeks_a_month=weeks_a_month,
        worker_start_seconds=WORKER_START_SECONDS,
    )


def _insights_usd(usd_a_metric: Decimal, runs_a_month: Decimal) -> Decimal:
    """Return the monthly cost of Container Insights for prod: the cluster's metrics, and those of running workers."""
    prod = settings_of("prod")
    insights = prod.observability.model_copy(update={"container_insights": True})
    a_run = run_usage(prod.model_copy(update={"observability": insights}), shard_seconds(prod))[_INSIGHTS]
    return usd_a_metric * (METRICS_OF_A_CLUSTER + runs_a_month * Decimal(a_run))


def _examples(example: Worker) -> Mapping[str, Worker | Mapping[str, Worker]]:
    """Return the example worker, and variants of it that differ in one respect each."""
    return {
        "example": example,
        "alone": replace(example, has_public_address=False),
        "arm": replace(example, is_arm=True),
        "disk": replace(example, storage_gib=50),
        "larger": replace(example, size=example.size.next_up()),
        "sizes": {name: replace(example, size=size) for name, size in SIZES_BY_NAME.items()},
        "spot": replace(example, is_spot=True),
    }
