"""Alarm actions: a state change notifies the alarm's topics; moto only stores the state.

AWS: a change to ALARM, OK or INSUFFICIENT_DATA publishes the alarm as JSON to each topic that the alarm lists for that
state, unless its actions are disabled. Here a state changes by SetAlarmState alone: metrics are not evaluated.
Source: Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms" and "Notifying users on alarm changes"; API
Reference, "SetAlarmState".
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from moto.cloudwatch.models import CloudWatchBackend
from moto.sns.models import sns_backends

from local.emulator.authorization.enforcement import require
from local.emulator.patch import replace
from local.emulator.times import iso_millis

_SERVICE = "cloudwatch.amazonaws.com"
_STATISTICS = {
    "Average": "AVERAGE",
    "Maximum": "MAXIMUM",
    "Minimum": "MINIMUM",
    "SampleCount": "SAMPLE_COUNT",
    "Sum": "SUM",
}


def apply() -> None:
    """Send alarm notifications to topics."""
    replace(CloudWatchBackend, "set_alarm_state", _set_alarm_state)


def _set_alarm_state(original: Callable[..., Any], self: Any, alarm_name: str, *change: str) -> None:
    *_, state_value = change
    old_value = self.alarms[alarm_name].state_value if alarm_name in self.alarms else None
    original(self, alarm_name, *change)
    alarm = self.alarms[alarm_name]
    if state_value == old_value or not alarm.actions_enabled:
        return
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[state_value]
    subject = f'{state_value}: "{alarm.name}" in {_region_name(alarm.region_name)}'
    message = json.dumps(_message(self.account_id, alarm, old_value))
    for arn in actions or []:
        region, account = arn.split(":")[3:5]
        if not arn.startswith("arn:aws:sns:"):
            print(
                f"Local alarms can only notify SNS topics, and {alarm.name} has the action {arn}.",
                file=sys.stderr,
            )
            continue
        try:
            require(_SERVICE, "sns:Publish", arn, alarm.alarm_arn)
            sns_backends[account][region].publish(message=message, arn=arn, subject=subject[:99])
        except Exception as error:  # noqa: BLE001 - AWS writes it into the alarm's history, and the state is set
            print(f"The alarm {alarm.name} could not notify {arn}: {error}", file=sys.stderr)


def _message(account: str, alarm: Any, old_value: str | None) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": _time(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _time(alarm.state_updated_timestamp),
        "Region": _region_name(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old_value,
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
        "Trigger": _trigger(alarm),
    }


def _trigger(alarm: Any) -> dict[str, Any]:
    rule = {
        "Period": None if alarm.period is None else int(alarm.period),
        "EvaluationPeriods": int(alarm.evaluation_periods),
        **({"DatapointsToAlarm": int(alarm.datapoints_to_alarm)} if alarm.datapoints_to_alarm else {}),
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": None if alarm.threshold is None else float(alarm.threshold),
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if alarm.metric_data_queries:
        queries = [_query(query) for query in alarm.metric_data_queries]
        return {**{name: value for name, value in rule.items() if name != "Period"}, "Metrics": queries}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "StatisticType": "ExtendedStatistic" if alarm.extended_statistic else "Statistic",
        "Statistic": alarm.extended_statistic or _STATISTICS.get(alarm.statistic, alarm.statistic),
        "Unit": alarm.unit,
        "Dimensions": _dimensions(alarm.dimensions),
        **rule,
    }


def _query(query: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"Id": query.id, "ReturnData": query.return_data in {True, "true", "True"}}
    if query.label:
        shown["Label"] = query.label
    if query.expression:
        return {**shown, "Expression": query.expression}
    stat = query.metric_stat
    metric = {
        "MetricName": stat.metric.metric_name,
        "Namespace": stat.metric.namespace,
        "Dimensions": _dimensions(stat.metric.dimensions),
    }
    return {**shown, "MetricStat": {"Metric": metric, "Period": int(stat.period), "Stat": stat.stat}}


def _dimensions(dimensions: Any) -> list[dict[str, str]]:
    return [{"value": dimension.value, "name": dimension.name} for dimension in dimensions]


def _time(moment: datetime) -> str:
    """Return a time in an alarm's format: `2026-11-30T06:00:00.123+0000`."""
    return iso_millis(moment.replace(tzinfo=UTC)).replace("Z", "+0000")


@cache
def _region_name(region: str) -> str:
    """Return CloudWatch's name of a region: `US East (N. Virginia)`."""
    partitions = Loader().load_data("endpoints")["partitions"]
    names = {code: known["description"] for each in partitions for code, known in each["regions"].items()}
    return str(names.get(region, region))
