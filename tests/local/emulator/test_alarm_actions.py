import json
from typing import Any

from tests.local.emulator.local_aws import RunningAws, unique


class Alarm:
    """An alarm with topics that each deliver to a queue."""

    def __init__(self, aws: RunningAws, **fields: Any) -> None:
        self.aws = aws
        self.client = aws.client("cloudwatch")
        self.name = unique("alarm")
        self.alarms, self.alarm_topic = self._topic()
        self.oks, self.ok_topic = self._topic()
        metric = {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": "reporter"}],
            "Period": 300,
            "Statistic": "Sum",
        }
        self.client.put_metric_alarm(
            AlarmName=self.name,
            AlarmDescription="The reporter fails.",
            AlarmActions=[self.alarm_topic],
            OKActions=[self.ok_topic],
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Threshold=0,
            TreatMissingData="notBreaching",
            **(fields or metric),
        )

    def _topic(self) -> tuple[str, str]:
        url, arn = self.aws.queue()
        topic = self.aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
        self.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url, topic

    def set(self, state: str, reason: str = "Threshold Crossed") -> None:
        self.client.set_alarm_state(AlarmName=self.name, StateValue=state, StateReason=reason)

    def notified(self, url: str) -> tuple[str, dict[str, Any]]:
        """Return the subject and message of the only notification in a queue."""
        (notification,) = self.aws.messages(url, 1)
        return notification["Subject"], json.loads(notification["Message"])


def test_an_alarm_notifies_its_topic(aws: RunningAws) -> None:
    alarm = Alarm(aws)

    alarm.set("ALARM")

    subject, message = alarm.notified(alarm.alarms)
    assert subject == f'ALARM: "{alarm.name}" in US East (N. Virginia)'
    assert message["AlarmName"] == alarm.name
    assert (message["NewStateValue"], message["OldStateValue"]) == ("ALARM", "OK")
    assert message["NewStateReason"] == "Threshold Crossed"
    assert message["StateChangeTime"].endswith("+0000")
    assert message["AlarmArn"].endswith(f":alarm:{alarm.name}")
    assert message["AlarmActions"] == [alarm.alarm_topic]
    assert message["Trigger"] == {
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Unit": None,
        "Dimensions": [{"value": "reporter", "name": "FunctionName"}],
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0.0,
        "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "",
    }


def test_each_state_has_its_own_topics_and_only_a_change_notifies(aws: RunningAws) -> None:
    alarm = Alarm(aws)

    for state, reason in [("ALARM", "first"), ("ALARM", "second"), ("OK", "third"), ("ALARM", "fourth")]:
        alarm.set(state, reason)

    assert alarm.notified(alarm.oks)[1]["NewStateReason"] == "third"
    reasons = [
        json.loads(notification["Message"])["NewStateReason"]
        for notification in aws.messages(alarm.alarms, 2)
    ]
    assert sorted(reasons) == ["first", "fourth"]


def test_an_alarm_on_an_expression_lists_its_metrics(aws: RunningAws) -> None:
    metric = {
        "Metric": {
            "Namespace": "AWS/States",
            "MetricName": "ExecutionTime",
            "Dimensions": [{"Name": "StateMachineArn", "Value": "arn"}],
        },
        "Period": 300,
        "Stat": "Maximum",
    }
    alarm = Alarm(
        aws,
        Metrics=[
            {"Id": "time", "MetricStat": metric, "ReturnData": False},
            {"Id": "share", "Expression": "time / 1000", "Label": "Share", "ReturnData": True},
        ],
    )

    alarm.set("ALARM")

    time, share = alarm.notified(alarm.alarms)[1]["Trigger"]["Metrics"]
    assert share == {"Id": "share", "Expression": "time / 1000", "Label": "Share", "ReturnData": True}
    assert time["MetricStat"]["Metric"]["MetricName"] == "ExecutionTime"
    assert (time["MetricStat"]["Stat"], time["ReturnData"]) == ("Maximum", False)


def test_an_alarm_whose_actions_are_disabled_notifies_nothing(aws: RunningAws) -> None:
    silent, loud = Alarm(aws), Alarm(aws)
    aws.client("cloudwatch").disable_alarm_actions(AlarmNames=[silent.name])

    silent.set("ALARM")
    loud.set("ALARM")

    loud.notified(loud.alarms)
    assert "Messages" not in aws.client("sqs").receive_message(QueueUrl=silent.alarms)
