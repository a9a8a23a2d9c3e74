"""CloudWatch: logs, saved queries, alarms and dashboards."""

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, ResourceType, Tagging
from local.provider.values import Properties


def _keep(aws: Aws, properties: Properties) -> None:
    logs, name = aws.client("logs"), properties["name"]
    if days := properties.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    else:
        logs.delete_retention_policy(logGroupName=name)


def _encrypt(aws: Aws, properties: Properties) -> None:
    logs, name = aws.client("logs"), properties["name"]
    if key := properties.get("kmsKeyId"):
        logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
    else:
        logs.disassociate_kms_key(logGroupName=name)


_LOG_GROUP = ResourceType(
    "aws:cloudwatch/logGroup:LogGroup",
    "logs",
    id="$name",
    names={"logGroupName": "name"},
    autoname=512,
    replace_on=("logGroupClass",),
    computed={"arn": "arn:$partition:logs:$region:$account:log-group:$name"},
    create=Call("create_log_group", properties=("kmsKeyId", "logGroupClass", "name", "tags")),
    read=(
        Call(
            "describe_log_groups",
            select="logGroups[?logGroupName=='$name'] | [0]",
            arguments={"logGroupNamePrefix": "$name"},
        ),
    ),
    update=(Action(_keep, ("retentionInDays",)), Action(_encrypt, ("kmsKeyId",))),
    delete=(Call("delete_log_group"),),
    tagging=Tagging(),
)

_ALARM_NAMES = {
    "AlarmName": "name",
    "AlarmArn": "arn",
    "OKActions": "okActions",
    "Metrics": "metricQueries",
    "MetricStat": "metric",
    "EvaluateLowSampleCountPercentile": "evaluateLowSampleCountPercentiles",
}
_ALARM_DEFAULTS = {"actionsEnabled": True, "treatMissingData": "missing"}

_READ_METRIC_ALARM = (
    "MetricAlarms[].merge(@, {Metrics: Metrics && Metrics[].merge(@, "
    "{MetricStat: MetricStat && merge(MetricStat, MetricStat.Metric)})}) | [0]"
)
"""pulumi-aws has no Metric inside MetricStat: its members are one level up."""

_PUT_METRIC_ALARM = Call("put_metric_alarm", inside=("Metric",))

_METRIC_ALARM = ResourceType(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "cloudwatch",
    id="$name",
    names=_ALARM_NAMES,
    autoname=255,
    defaults=_ALARM_DEFAULTS,
    create=_PUT_METRIC_ALARM,
    read=(Call("describe_alarms", select=_READ_METRIC_ALARM, arguments={"AlarmNames": ["$name"]}),),
    update=(_PUT_METRIC_ALARM,),
    delete=(Call("delete_alarms", arguments={"AlarmNames": ["$name"]}),),
    tagging=Tagging(),
)

_PUT_DASHBOARD = Call("put_dashboard")

_DASHBOARD = ResourceType(
    "aws:cloudwatch/dashboard:Dashboard",
    "cloudwatch",
    id="$dashboardName",
    create=_PUT_DASHBOARD,
    read=(Call("get_dashboard"),),
    update=(_PUT_DASHBOARD,),
    delete=(Call("delete_dashboards", arguments={"DashboardNames": ["$dashboardName"]}),),
)

_PUT_QUERY_DEFINITION = Call("put_query_definition")

_QUERY_DEFINITION = ResourceType(
    "aws:cloudwatch/queryDefinition:QueryDefinition",
    "logs",
    id="$queryDefinitionId",
    create=_PUT_QUERY_DEFINITION,
    read=(
        Call(
            "describe_query_definitions",
            select="queryDefinitions[?queryDefinitionId=='$queryDefinitionId'] | [0]",
            properties=(),
        ),
    ),
    update=(_PUT_QUERY_DEFINITION,),
    delete=(Call("delete_query_definition"),),
)

TYPES = (_DASHBOARD, _LOG_GROUP, _METRIC_ALARM, _QUERY_DEFINITION)
