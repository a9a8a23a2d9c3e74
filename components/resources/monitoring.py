"""The monitoring of a pipeline: its alarms and its dashboard."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.resources.alarms import Alarm, alarms
from components.resources.base import PipelineComponent
from components.resources.dashboard import dashboard_body
from components.settings.names import Names
from components.settings.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """The topics of the alarms, and the resources on the dashboard."""

    names: Names
    timeout_seconds: int
    schedule: Schedule
    container_insights: bool
    events_topic_arn: pulumi.Input[str]
    direct_topic_arns: Sequence[pulumi.Input[str]]
    """The e-mail topics of alarms about message delivery, which do not go through the reporter."""


class Monitoring(PipelineComponent):
    """The alarms and the dashboard of a pipeline.

    Creates: an alarm for each way in which a run can fail, a start, message or event can be lost, or the
    watch machine can fail; an alarm for a run close to its timeout, for a success that is overdue, for an
    address that gets no mail, and for a silent watch machine; and the dashboard.
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
            dashboard_body=json.dumps(dashboard_body(args.names, container_insights=args.container_insights)),
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
