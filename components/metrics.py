"""What is watched: the alarms on runs that end badly, and the dashboard."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.integrations import METRIC_NAMESPACE
from components.names import Names
from components.part import Part

FIVE_MINUTES_SECONDS = 300
DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm that rings as soon as a metric is above zero."""

    what: str
    text: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"


@dataclass(frozen=True, kw_only=True)
class MetricsArgs:
    """Where alarms are sent."""

    names: Names
    failure_topic_arn: pulumi.Input[str]


class Metrics(Part):
    """The alarms and the dashboard of a pipeline.

    Creates: an alarm for each way a run can end badly, one for starts that were lost, and the dashboard.
    """

    dashboard_name: pulumi.Output[str]

    def __init__(self, name: str, args: MetricsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"namespace": METRIC_NAMESPACE}, opts)
        for alarm in alarms(args.names):
            aws.cloudwatch.MetricAlarm(
                f"{name}-{alarm.what}",
                name=args.names.named(alarm.what),
                alarm_description=alarm.text,
                namespace=alarm.namespace,
                metric_name=alarm.metric,
                dimensions=dict(alarm.dimensions),
                statistic=alarm.statistic,
                period=FIVE_MINUTES_SECONDS,
                evaluation_periods=1,
                comparison_operator="GreaterThanThreshold",
                threshold=0,
                treat_missing_data="notBreaching",
                alarm_actions=[args.failure_topic_arn],
                opts=self.child,
            )
        dashboard = aws.cloudwatch.Dashboard(
            name,
            dashboard_name=args.names.dashboard,
            dashboard_body=json.dumps(dashboard_body(args.names)),
            opts=self.child,
        )
        self.dashboard_name = dashboard.dashboard_name
        self.register_outputs({"dashboardName": self.dashboard_name})


def alarms(names: Names) -> tuple[Alarm, ...]:
    """Return the alarms of a pipeline.

    Source of the metrics' names, which differ in spelling: "Monitoring Step Functions metrics using CloudWatch".
    """
    machine = {"StateMachineArn": names.machine_arn}
    ends = {
        "executions-failed": ("ExecutionsFailed", "A run failed."),
        "executions-timed-out": ("ExecutionsTimedOut", "A run took longer than it may and was ended."),
        "executions-aborted": ("ExecutionsAborted", "A run was stopped by hand."),
        "executions-throttled": ("ExecutionThrottled", "Step Functions slowed a run down."),
    }
    return (
        *(
            Alarm(what=what, text=text, namespace="AWS/States", metric=metric, dimensions=machine)
            for what, (metric, text) in ends.items()
        ),
        Alarm(
            what="schedule-dlq-not-empty",
            text="A scheduled start could not be delivered and lies in the dead-letter queue.",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": names.schedule_queue},
            statistic="Maximum",
        ),
    )


def dashboard_body(names: Names) -> dict[str, Any]:
    """Return the dashboard: how runs ended, how long they took, and what they did."""
    machine = ["StateMachineArn", names.machine_arn]
    environment = ["Environment", names.environment]
    executions = [
        ["AWS/States", metric, *machine]
        for metric in ("ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    ]
    regions = [
        [METRIC_NAMESPACE, "RegionsSucceeded", *environment],
        [METRIC_NAMESPACE, "RegionsFailed", *environment],
    ]
    duration = [[METRIC_NAMESPACE, "ExecutionDuration", *environment]]
    return {
        "widgets": [
            _widget(names, "Executions", executions, 0, statistic="Sum"),
            _widget(names, "Duration", duration, 1, statistic="Maximum"),
            _widget(names, "Regions", regions, 2, statistic="Sum"),
        ]
    }


def _widget(
    names: Names, title: str, metrics: list[list[str]], place: int, *, statistic: str
) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": 12 * (place % 2),
        "y": 6 * (place // 2),
        "width": 12,
        "height": 6,
        "properties": {
            "title": title,
            "region": names.region,
            "metrics": metrics,
            "period": DAY_SECONDS,
            "stat": statistic,
            "view": "timeSeries",
        },
    }
