"""The monitoring of a pipeline: its alarms, its dashboard and its saved log queries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.resources.alarms import Alarm, alarms
from components.resources.base import PipelineComponent
from components.resources.log_queries import LOG_QUERIES
from components.settings.names import Names
from components.settings.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """The topics of the alarms, and the body of the dashboard."""

    names: Names
    timeout_seconds: int
    schedule: Schedule
    dashboard_body: Mapping[str, Any]
    events_topic_arn: pulumi.Input[str]
    direct_topic_arns: Sequence[pulumi.Input[str]]
    """The e-mail topics of alarms about message delivery, which do not go through the reporter."""


class Monitoring(PipelineComponent):
    """The alarms, the dashboard and the saved log queries of a pipeline.

    Creates: an alarm for each way in which a run can fail, a start, message or event can be lost, or the
    watch machine can fail; an alarm for a run close to its timeout, for a success that is overdue, for an
    address that gets no mail, and for a silent watch machine; the dashboard; and queries on the workers' log.
    """

    former_class = "Metrics"

    dashboard_name: pulumi.Output[str]
    alarm_arns: pulumi.Output[list[str]]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"namespace": args.names.metric_namespace}, opts)
        created = [
            self._alarm(name, alarm, args)
            for alarm in alarms(args.names, timeout_seconds=args.timeout_seconds, schedule=args.schedule)
        ]
        dashboard = aws.cloudwatch.Dashboard(
            name,
            dashboard_name=args.names.dashboard,
            dashboard_body=json.dumps(args.dashboard_body),
            opts=self.child,
        )
        for query in LOG_QUERIES:
            aws.cloudwatch.QueryDefinition(
                f"{name}-{query.what}",
                name=query.saved_name(args.names),
                log_group_names=[args.names.worker_log_group],
                query_string=query.text,
                opts=self.child,
            )
        self.dashboard_name = dashboard.dashboard_name
        self.alarm_arns = pulumi.Output.all(*(alarm.arn for alarm in created))
        self.register_outputs({"dashboardName": self.dashboard_name})

    def _alarm(self, name: str, alarm: Alarm, args: MonitoringArgs) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            f"{name}-{alarm.what}",
            name=args.names.resource_name(alarm.what),
            alarm_description=alarm.text,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions),
            statistic=alarm.statistic,
            period=alarm.period_seconds,
            evaluation_periods=alarm.periods,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            treat_missing_data=alarm.missing,
            alarm_actions=args.direct_topic_arns if alarm.is_direct else [args.events_topic_arn],
            # On OK, the reporter resolves the incident of the alarm.
            ok_actions=None if alarm.is_direct else [args.events_topic_arn],
            opts=self.child,
        )
