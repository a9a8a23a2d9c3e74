"""The CloudWatch queries of a stack, from its outputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders.cloudwatch import CloudWatchLogsQuery, CloudWatchMetricsQuery, LogGroup
from grafana_foundation_sdk.models.cloudwatch import MetricEditorMode, MetricQueryType
from grafana_foundation_sdk.models.dashboard import DataSourceRef

CLOUDWATCH = DataSourceRef(type_val="cloudwatch", uid="${datasource}")
# A day for counts of runs; the watch machine publishes the hours since the last success four times a day.
DAY_SECONDS, WATCH_SECONDS = 86_400, 21_600
PROBLEMS = 'fields @timestamp, level, message | filter level in ["WARNING", "ERROR"] | sort @timestamp desc | limit 200'

Metric = tuple[str, str, str, str]
"""Namespace, name, and the name and the value of the only dimension."""


@dataclass(frozen=True)
class Stack:
    """A stack, by its outputs."""

    outputs: Mapping[str, Any]
    account: str | None
    """The account to name in queries, if the stacks of the dashboard are in several accounts."""

    @property
    def title(self) -> str:
        """The namespace and the environment, which together name one stack."""
        return f"{self.outputs['metric_namespace']} {self.outputs['environment']}"

    def own(
        self, name: str, statistic: str, id_: str, label: str = "", period_seconds: int = DAY_SECONDS
    ) -> CloudWatchMetricsQuery:
        """Return the query of one of the stack's own metrics; it is hidden if it has no label."""
        metric = (self.outputs["metric_namespace"], name, "Environment", self.outputs["environment"])
        return self._query(metric, statistic, id_, label).period(str(period_seconds))

    def machine(self, output: str, name: str, id_: str) -> CloudWatchMetricsQuery:
        """Return the hidden query of a count of executions of a state machine."""
        return self._query(("AWS/States", name, "StateMachineArn", self.outputs[output]), "Sum", id_)

    def queue(self, output: str, id_: str, label: str = "") -> CloudWatchMetricsQuery:
        """Return the query of the depth of a queue; it is hidden if it has no label."""
        name = self.outputs[output].rpartition("/")[2]
        metric = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name)
        return self._query(metric, "Maximum", id_, label)

    def math(self, expression: str, id_: str, label: str) -> CloudWatchMetricsQuery:
        """Return a query that computes with others by their ids."""
        query = self._base(id_, label).metric_editor_mode(MetricEditorMode.CODE)
        return query.expression(expression).period(str(DAY_SECONDS))

    def logs(self) -> CloudWatchLogsQuery:
        """Return the query of the warnings and errors of the workers."""
        _, partition, _, region, account, *_ = self.outputs["step_functions_state_machine_arn"].split(":")
        group = self.outputs["worker_log_group"]
        arn = f"arn:{partition}:logs:{region}:{account}:log-group:{group}:*"
        query = CloudWatchLogsQuery().ref_id("logs").id("logs").datasource(CLOUDWATCH)
        named = LogGroup().arn(arn).name(group)
        if self.account:
            named = named.account_id(self.account)
        return query.region(region).expression(PROBLEMS).log_groups([named])

    def _query(self, metric: Metric, statistic: str, id_: str, label: str = "") -> CloudWatchMetricsQuery:
        namespace, name, dimension, value = metric
        query = self._base(id_, label).metric_editor_mode(MetricEditorMode.BUILDER)
        query = query.namespace(namespace).metric_name(name).dimensions({dimension: [value]})
        return query.match_exact(True).statistic(statistic).period(str(DAY_SECONDS))

    def _base(self, id_: str, label: str) -> CloudWatchMetricsQuery:
        query = (
            CloudWatchMetricsQuery()
            .ref_id(id_)
            .id(id_)
            .datasource(CLOUDWATCH)
            .region(self.outputs["aws_region"])
        )
        if self.account:
            query = query.account_id(self.account)
        return query.metric_query_type(MetricQueryType.SEARCH).label(label).hide(not label)
