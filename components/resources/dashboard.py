"""The dashboard: outcomes, time since the last success, duration, work, usage and cost of runs."""

from collections.abc import Sequence
from typing import Any

from components.cost.run_cost import METRIC
from components.resources.alarms import FIVE_MINUTES_SECONDS, SECONDS_AN_HOUR
from components.settings.bounds import WATCH_HOURS
from components.settings.names import Names

DAY_SECONDS = 86_400
COLUMNS, WIDTH, HEIGHT = 2, 12, 6
# AWS publishes the charges of an account in one region of the commercial partition only. Source: "Create a
# billing alarm to monitor your estimated AWS charges".
BILLING_PARTITION, BILLING_REGION = "aws", "us-east-1"


def dashboard_body(names: Names, *, container_insights: bool) -> dict[str, Any]:
    """Return the dashboard's body as CloudWatch expects it."""
    widgets = [
        _executions(names),
        _last_success(names),
        _duration(names),
        _run_cost(names),
        _regions(names),
        _worker_load(names) if container_insights else _worker_load_is_off(),
        _bucket_size(names),
        _cost() if names.partition == BILLING_PARTITION else _cost_is_elsewhere(),
    ]
    return {"widgets": [_placed(widget, place) for place, widget in enumerate(widgets)]}


def _executions(names: Names) -> dict[str, Any]:
    ends = ("ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    series = [["AWS/States", metric, "StateMachineArn", names.machine_arn] for metric in ends]
    return _metric("Executions by how they ended", names.region, series, "Sum")


def _last_success(names: Names) -> dict[str, Any]:
    series = [[names.metric_namespace, "HoursSinceLastSuccess", "Environment", names.environment]]
    return _metric(
        "Hours since the last success",
        names.region,
        series,
        "Maximum",
        period_seconds=WATCH_HOURS * SECONDS_AN_HOUR,
    )


def _duration(names: Names) -> dict[str, Any]:
    series = [[names.metric_namespace, "ExecutionDuration", "Environment", names.environment]]
    return _metric("Duration of runs", names.region, series, "Maximum")


def _run_cost(names: Names) -> dict[str, Any]:
    series = [[names.metric_namespace, METRIC, "Environment", names.environment]]
    return _metric("Estimated cost of runs in US dollars", names.region, series, "Maximum")


def _regions(names: Names) -> dict[str, Any]:
    series = [
        [names.metric_namespace, metric, "Environment", names.environment]
        for metric in ("RegionsSucceeded", "RegionsFailed")
    ]
    return _metric("Regions", names.region, series, "Sum")


def _worker_load(names: Names) -> dict[str, Any]:
    whose = ["ClusterName", names.cluster, "TaskDefinitionFamily", names.worker_family]
    series = [["ECS/ContainerInsights", metric, *whose] for metric in ("CpuUtilized", "MemoryUtilized")]
    return _metric(
        "CPU and memory of workers", names.region, series, "Maximum", period_seconds=FIVE_MINUTES_SECONDS
    )


def _worker_load_is_off() -> dict[str, Any]:
    return _text(
        "### CPU and memory of workers\n"
        "Not measured. `observability.containerInsights: true` in the stack file measures it, as billed metrics."
    )


def _bucket_size(names: Names) -> dict[str, Any]:
    series = [
        ["AWS/S3", "BucketSizeBytes", "BucketName", names.bucket(what), "StorageType", "StandardStorage"]
        for what in ("reports", "cache")
    ]
    return _metric("Size of the buckets", names.region, series, "Average")


def _cost() -> dict[str, Any]:
    series = [["AWS/Billing", "EstimatedCharges", "Currency", "USD"]]
    return _metric("Cost of the account this month", BILLING_REGION, series, "Maximum")


def _cost_is_elsewhere() -> dict[str, Any]:
    return _text(
        "### Cost of the account this month\n"
        "Not a metric in this partition. The Billing console of the account shows it."
    )


def _metric(
    title: str, region: str, series: Sequence[list[str]], statistic: str, *, period_seconds: int = DAY_SECONDS
) -> dict[str, Any]:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "region": region,
            "metrics": list(series),
            "period": period_seconds,
            "stat": statistic,
            "view": "timeSeries",
        },
    }


def _text(markdown: str) -> dict[str, Any]:
    return {"type": "text", "properties": {"markdown": markdown}}


def _placed(widget: dict[str, Any], place: int) -> dict[str, Any]:
    row, column = divmod(place, COLUMNS)
    return {**widget, "x": WIDTH * column, "y": HEIGHT * row, "width": WIDTH, "height": HEIGHT}
