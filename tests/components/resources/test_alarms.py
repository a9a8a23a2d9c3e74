from typing import Any

import pytest

from components.resources.alarms import Alarm, alarms
from components.settings.bounds import WATCH_HOURS
from components.settings.schedule import Schedule
from tests.stacks import names_of

TIMEOUT_SECONDS = 10_000


def alarms_of(**schedule: Any) -> dict[str, Alarm]:
    found = alarms(names_of("prod"), timeout_seconds=TIMEOUT_SECONDS, schedule=Schedule(**schedule))
    return {alarm.what: alarm for alarm in found}


ALARMS = alarms_of()


def test_there_is_an_alarm_for_each_way_a_run_or_a_message_is_lost() -> None:
    assert {alarm.metric for alarm in ALARMS.values()} == {
        "ApproximateNumberOfMessagesVisible",
        "Errors",
        "ExecutionTime",
        "ExecutionsAborted",
        "ExecutionsFailed",
        "ExecutionsSucceeded",
        "ExecutionsTimedOut",
        "HoursSinceLastSuccess",
        "InvocationDroppedCount",
        "NotificationsFailed",
        "SubscriptionsMissing",
        "Throttles",
    }


def test_an_alarm_about_the_messages_is_direct_and_no_other() -> None:
    direct = {alarm.what for alarm in ALARMS.values() if alarm.is_direct}
    assert direct == {
        "notifications-dlq-not-empty",
        "notifications-failed",
        "reporter-failed",
        "reporter-throttled",
    }


@pytest.mark.parametrize(
    ("what", "metric"), [("reporter-failed", "Errors"), ("reporter-throttled", "Throttles")]
)
def test_the_reporter_has_alarms_that_name_its_log(what: str, metric: str) -> None:
    alarm, names = ALARMS[what], names_of("prod")
    assert (alarm.namespace, alarm.metric, alarm.statistic) == ("AWS/Lambda", metric, "Sum")
    assert alarm.dimensions == {"FunctionName": names.reporter}
    assert names.reporter_log_group in alarm.text


@pytest.mark.parametrize(
    ("what", "commands"),
    {
        "notifications-dlq-not-empty": (
            "ccapi dlq show notifications --stack prod",
            "ccapi dlq redrive notifications --stack prod",
        ),
        "notifications-failed": (
            "ccapi dlq show notifications --stack prod",
            "ccapi dlq redrive notifications --stack prod",
        ),
        "reporter-failed": ("aws logs tail /aws/lambda/ccapi-reporter-prod --region us-east-1 --since 3h",),
        "reporter-throttled": ("aws lambda get-account-settings --region us-east-1",),
    }.items(),
)
def test_the_text_of_a_direct_alarm_contains_the_commands_for_the_operator(
    what: str, commands: tuple[str, ...]
) -> None:
    for command in commands:
        assert command in ALARMS[what].text


@pytest.mark.parametrize("what", ["notifications-dlq-not-empty", "notifications-failed"])
def test_an_alarm_about_lost_messages_names_their_queue(what: str) -> None:
    assert names_of("prod").message_queue in ALARMS[what].text


def test_every_dead_letter_queue_is_watched() -> None:
    queues = {alarm.dimensions["QueueName"] for alarm in ALARMS.values() if alarm.namespace == "AWS/SQS"}
    names = names_of("prod")
    assert queues == {names.schedule_queue, names.message_queue, names.watch_queue}


@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
def test_failed_executions_of_both_machines_have_alarms(metric: str) -> None:
    machines = {alarm.dimensions["StateMachineArn"] for alarm in ALARMS.values() if alarm.metric == metric}
    assert machines == {names_of("prod").machine_arn, names_of("prod").watch_arn}


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ({}, 7 * 24),
        ({"every_weeks": 2, "anchor_week": "2026-11-23"}, 14 * 24),
        ({"preset": "daily"}, 24),
        ({"expression": "cron(0 6,18 * * ? *)"}, 12),
        ({"expression": "cron(0 * * * ? *)"}, 1),
        # On working days only, which skips two days.
        ({"expression": "cron(0 6 ? * MON-FRI *)"}, 3 * 24),
        ({"expression": "cron(0 6 1 * ? *)"}, 31 * 24),
        ({"expression": "cron(0 6 ? JAN,JUL MON#1 *)"}, 189 * 24),
        ({"expression": "cron(0 6 ? * TUE#2 *)"}, 35 * 24),
        ({"expression": "cron(0 6 30 * ? *)"}, 60 * 24),
        ({"expression": "cron(0 6 L * ? *)"}, 31 * 24),
        ({"expression": "cron(0 6 LW * ? *)"}, 33 * 24),
        ({"expression": "cron(0 6 29 2 ? *)"}, 1461 * 24),
        ({"expression": "cron(0 6 1 1/3 ? *)"}, 92 * 24),
        ({"expression": "cron(0 6 1 2,8 ? *)"}, 184 * 24),
        ({"every_weeks": 26, "anchor_week": "2026-11-23"}, 182 * 24),
        # The week in which the clocks go back is an hour longer, and one day in March has no 02:30.
        ({"time_zone": "Europe/Berlin"}, 7 * 24 + 1),
        ({"expression": "cron(30 2 * * ? *)", "time_zone": "Europe/Berlin"}, 47),
        # A single start counts as missed from 2026 on.
        ({"expression": "cron(0 0 1 1 ? 2028)"}, 730 * 24),
    ],
)
def test_a_success_is_missed_at_most_a_day_after_it_was_due(schedule: dict[str, Any], hours: int) -> None:
    alarm = alarms_of(**schedule)["success-missed"]
    assert alarm.threshold == hours + 24
    assert f"for more than {hours + 24} hours" in alarm.text
    # Between two sweeps of the watch machine no value is published, and nothing has changed.
    assert (alarm.statistic, alarm.missing) == ("Maximum", "ignore")


def test_an_alarm_goes_off_after_three_periods_without_the_watch_machine() -> None:
    alarm = ALARMS["watch-silent"]
    assert alarm.period_seconds * alarm.periods == 18 * 3600
    assert alarm.period_seconds == WATCH_HOURS * 3600
    assert (alarm.comparison, alarm.threshold, alarm.missing) == ("LessThanThreshold", 1, "breaching")
    # A metric of AWS, which exists even if the watch machine cannot publish one.
    assert (alarm.namespace, alarm.metric, alarm.statistic) == ("AWS/States", "ExecutionsSucceeded", "Sum")
    assert alarm.dimensions == {"StateMachineArn": names_of("prod").watch_arn}


def test_an_alarm_on_the_duration_goes_off_before_the_timeout() -> None:
    alarm = ALARMS["executions-nearly-out-of-time"]
    # "Monitoring Step Functions metrics": ExecutionTime is in milliseconds, and only for executions that
    # ended.
    assert (alarm.threshold, alarm.statistic) == (8_000_000, "Maximum")
    assert alarm.threshold < TIMEOUT_SECONDS * 1000
    assert "80% of the 10000 s" in alarm.text


@pytest.mark.parametrize(
    "what", sorted(ALARMS.keys() - {"executions-nearly-out-of-time", "success-missed", "watch-silent"})
)
def test_an_alarm_on_a_count_goes_off_at_one(what: str) -> None:
    assert ALARMS[what].threshold == 0


def test_an_unconfirmed_address_sets_off_an_alarm_at_the_second_sweep() -> None:
    alarm = ALARMS["subscriptions-missing"]
    assert (alarm.statistic, alarm.periods, alarm.missing) == ("Minimum", 2, "notBreaching")
    assert alarm.period_seconds == WATCH_HOURS * 3600
    # The command lists the addresses of each topic, whichever the stack has.
    assert "ccapi notify confirm --stack prod" in alarm.text


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_an_alarm_is_ascii_and_no_longer_than_cloudwatch_takes(alarm: Alarm) -> None:
    # PutMetricAlarm, parameters AlarmName and AlarmDescription; SNS puts the name into the subject of the mail.
    assert alarm.text.isascii()
    assert len(alarm.text) <= 1024
    assert names_of("prod").resource_name(alarm.what).isascii()


NAMES = names_of("prod")
THINGS = {
    NAMES.machine_arn: "run",
    NAMES.watch_arn: "watch machine",
    NAMES.schedule_queue: "scheduled start",
    NAMES.watch_queue: "event for the watch machine",
    NAMES.message_queue: "message",
    NAMES.schedule_group: "EventBridge Scheduler",
    NAMES.reporter: "reporter",
}
"""The word for what an alarm is about, by the value of its dimension."""
# The pipeline's own metrics have the environment as their dimension.
THINGS_OF_METRICS = {
    "HoursSinceLastSuccess": "run",
    "NotificationsFailed": "message",
    "SubscriptionsMissing": "address",
}
EVENTS = {
    "ApproximateNumberOfMessagesVisible": "could not be delivered and lies in the dead-letter queue",
    "Errors": "failed",
    "ExecutionTime": "took more than",
    "ExecutionsAborted": "was stopped by an operator",
    "ExecutionsFailed": "failed",
    "ExecutionsSucceeded": "has not finished",
    "ExecutionsTimedOut": "exceeded its timeout",
    "HoursSinceLastSuccess": "has succeeded for more than",
    "InvocationDroppedCount": "dropped a start",
    "NotificationsFailed": "was not sent",
    "SubscriptionsMissing": "has had no confirmed subscription",
    "Throttles": "did not run",
}


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS)
def test_the_first_sentence_of_an_alarm_says_what_happened_to_what(alarm: Alarm) -> None:
    first, *_ = alarm.text.split(". ")
    (dimension,) = alarm.dimensions.values()
    assert alarm.text[0].isupper()
    assert alarm.text.endswith(".")
    assert (THINGS.get(dimension) or THINGS_OF_METRICS[alarm.metric]) in first
    assert EVENTS[alarm.metric] in first
