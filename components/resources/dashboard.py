"""The CloudWatch dashboard: what to do, alarms, outcomes, durations, cost, usage and logs of the runs.

A graph shows only metrics that something publishes for these settings; a text takes the place of an empty graph.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.cost.run_cost import METRIC as RUN_COST
from components.metrics.metric import Metric
from components.metrics.published import BILLING_REGION, published_metrics, stored_in
from components.resources import log_queries
from components.resources.alarms import FIVE_MINUTES_SECONDS, NEARLY_OUT_OF_TIME, SECONDS_AN_HOUR, alarms
from components.resources.log_queries import LogQuery
from components.resources.widgets import (
    Series,
    Widget,
    alarm_widget,
    calculated,
    log_widget,
    metric_series,
    metric_widget,
    rows,
    text_widget,
)
from components.settings import Settings
from components.settings.bounds import WATCH_HOURS
from components.settings.names import Names
from components.settings.schedule import Period

DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS
USUAL_SECONDS = 4 * WEEK_SECONDS
"""The time of which the median is the usual value of a run."""
RANGE = "-P12W"
"""The time that the dashboard shows when it is opened."""
MONTH = "-P30D"


def dashboard_body(settings: Settings, names: Names) -> dict[str, Any]:
    """Return the dashboard's body as CloudWatch expects it."""
    board = _Board(settings, names, published_metrics(settings, names).keys())
    return {
        "start": RANGE,
        # Without it, CloudWatch replaces the periods, and a period of an hour would hide weekly runs.
        "periodOverride": "inherit",
        "widgets": list(
            rows(
                (8, (board.instructions(), board.alarms())),
                (6, (board.executions(), board.last_success(), board.regions())),
                (6, (board.duration(), board.timeout(), board.run_cost())),
                (6, (board.month_cost(), board.worker_load(), board.bucket_size())),
                (7, (board.log(log_queries.PROGRESS), board.log(log_queries.ERRORS))),
            )
        ),
    }


@dataclass(frozen=True)
class _Board:
    """The widgets of a stack's dashboard."""

    settings: Settings
    names: Names
    published: Collection[Metric]

    def instructions(self) -> Widget:
        commands = {
            "see the newest run": "show",
            "do what is missing of it": "redo",
            "see what it does now": "follow",
            "stop it": "stop",
            "see when the next one starts": "schedule",
            "see lost starts": "dlq show schedule",
            "see unsent messages": "dlq show notifications",
            "check what a run needs": "doctor",
        }
        return text_widget(
            "\n".join(
                [
                    f"## {self.names.project} {self.names.environment}",
                    "| to | type |",
                    "|---|---|",
                    *(
                        f"| {purpose} | `ccapi {command} --stack {self.names.environment}` |"
                        for purpose, command in commands.items()
                    ),
                    "",
                    *self._links(),
                ]
            )
        )

    def _links(self) -> list[str]:
        insights = f"{self.names.console}/cloudwatch/home?region={self.names.region}#logsV2:logs-insights"
        links = [f"[Saved queries]({insights}) are in the folder `{self.names.task_group}`."]
        if docs := self.settings.notifications.docs_url:
            pages = {"Troubleshooting": "troubleshooting", "Commands": "operations", "Metrics": "metrics"}
            links.append(
                " · ".join(f"[{title}]({docs.rstrip('/')}/{page}.html)" for title, page in pages.items())
            )
        return ["  \n".join(links)]

    def alarms(self) -> Widget:
        declared = alarms(
            self.names, timeout_seconds=self.settings.run.timeout_seconds, schedule=self.settings.schedule
        )
        return alarm_widget("Alarms", [self.names.alarm_arn(alarm.what) for alarm in declared])

    def executions(self) -> Widget:
        ends = {
            "ExecutionsSucceeded": "succeeded",
            "ExecutionsFailed": "failed",
            "ExecutionsTimedOut": "timed out",
            "ExecutionsAborted": "stopped",
        }
        machine = {"StateMachineArn": self.names.machine_arn}
        return self._graph(
            "Executions by how they ended",
            [self._series("AWS/States", metric, machine, label=label) for metric, label in ends.items()],
            "Sum",
        )

    def last_success(self) -> Widget:
        hours = self.settings.schedule.missed_after_hours
        return self._graph(
            "Hours since the last success",
            [self._own("HoursSinceLastSuccess", label="hours")],
            "Maximum",
            period_seconds=WATCH_HOURS * SECONDS_AN_HOUR,
            bounds=[(f"overdue after {hours} hours", hours)],
            axis="hours",
        )

    def regions(self) -> Widget:
        planned = self.settings.monitoring.regions_count
        return self._graph(
            "Regions of a run",
            [self._own("RegionsSucceeded", label="succeeded"), self._own("RegionsFailed", label="failed")],
            "Maximum",
            bounds=[(f"{planned} regions in the settings", planned)],
            axis="regions",
        )

    def duration(self) -> Widget:
        return self._graph(
            "Duration of a run",
            [self._own("ExecutionDuration", label="duration"), self._usual("ExecutionDuration")],
            "Maximum",
            axis="seconds",
        )

    def timeout(self) -> Widget:
        timeout = self.settings.run.timeout_seconds
        return self._graph(
            "Duration of a run and its timeout",
            [self._own("ExecutionDuration", label="duration")],
            "Maximum",
            bounds=[
                (f"timeout after {timeout} s", timeout),
                (f"alarm above {NEARLY_OUT_OF_TIME:.0%} of it", timeout * NEARLY_OUT_OF_TIME),
            ],
            axis="seconds",
        )

    def run_cost(self) -> Widget:
        return self._graph(
            "Estimated cost of a run",
            [self._own(RUN_COST, label="cost"), self._usual(RUN_COST)],
            "Maximum",
            axis="US dollars",
            otherwise=f"Not known, because a price in {self.names.region} is not known.",
        )

    def month_cost(self) -> Widget:
        budget = self.settings.budget.monthly_usd
        runs = self._own(RUN_COST, id="cost", stat="Sum", visible=False)
        charges = self._series(
            "AWS/Billing",
            "EstimatedCharges",
            {"Currency": "USD"},
            region=BILLING_REGION,
            label="whole account, this month",
        )
        return self._graph(
            "Cost of 30 days and the budget",
            [
                runs,
                calculated("RUNNING_SUM(FILL(cost, 0))", id="runs", label="runs, estimated") if runs else [],
                charges,
            ],
            "Maximum",
            period_seconds=DAY_SECONDS,
            bounds=[(f"budget of ${budget} a month", float(budget))],
            axis="US dollars",
            start=MONTH,
            otherwise="Not a metric here. The Billing console of the account shows it.",
        )

    def worker_load(self) -> Widget:
        workers = {"ClusterName": self.names.cluster, "TaskDefinitionFamily": self.names.worker_family}
        return self._graph(
            "CPU and memory of workers",
            [
                self._series("ECS/ContainerInsights", "CpuUtilized", workers, label="CPU units"),
                self._series(
                    "ECS/ContainerInsights", "MemoryUtilized", workers, label="memory in MB", yAxis="right"
                ),
            ],
            "Maximum",
            period_seconds=FIVE_MINUTES_SECONDS,
            otherwise=(
                "Not measured. `observability.containerInsights: true` in the stack file measures it, as billed "
                f"metrics. The saved query *{log_queries.MEMORY.title}* shows the most memory of each worker."
            ),
        )

    def bucket_size(self) -> Widget:
        return self._graph(
            "Size of the buckets",
            [
                self._series("AWS/S3", "BucketSizeBytes", stored_in(self.names.bucket(what)), label=what)
                for what in ("reports", "cache")
            ],
            "Average",
            period_seconds=DAY_SECONDS,
        )

    def log(self, query: LogQuery) -> Widget:
        return log_widget(query.title, self.names.region, self.names.worker_log_group, query.text)

    def _graph(
        self,
        title: str,
        series: Sequence[Series],
        statistic: str,
        *,
        period_seconds: int | None = None,
        otherwise: str = "",
        **options: Any,
    ) -> Widget:
        """Return a graph of the series that are published, or a text if none is."""
        shown = [each for each in series if each]
        if not shown:
            return text_widget(f"### {title}\n{otherwise}")
        seconds = period_seconds or self._run_seconds
        return metric_widget(title, self.names.region, shown, statistic, period_seconds=seconds, **options)

    @property
    def _run_seconds(self) -> int:
        """The period of a graph of runs: CloudWatch connects only values of consecutive periods by a line."""
        return WEEK_SECONDS if self.settings.schedule.period is Period.WEEK else DAY_SECONDS

    def _usual(self, name: str) -> Series:
        """Return the median of a metric over four weeks, which one extraordinary run does not change."""
        return self._own(name, label="usual: median of 4 weeks", stat="p50", period=USUAL_SECONDS)

    def _own(self, name: str, **options: Any) -> Series:
        return self._series(
            self.names.metric_namespace, name, {"Environment": self.names.environment}, **options
        )

    def _series(self, namespace: str, name: str, dimensions: Mapping[str, str], **options: Any) -> Series:
        """Return a metric as a series, or an empty one if nothing publishes it for these settings."""
        region = options.get("region", self.names.region)
        metric = Metric.of(namespace, name, dimensions, region)
        return metric_series(metric, **options) if metric in self.published else []
