"""The alarms of a pipeline, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.machines.integrations import UNREPORTED_METRIC
from components.machines.subscriptions import MISSING_METRIC
from components.settings.bounds import WATCH_HOURS
from components.settings.names import Names
from components.settings.schedule import Schedule

FIVE_MINUTES_SECONDS = 300
# A run that needed this share of its timeout sets off an alarm, before a later run exceeds the timeout.
NEARLY_OUT_OF_TIME = 0.8
MILLISECONDS_A_SECOND = 1000
SECONDS_AN_HOUR = 3600
# A scheduled sweep may fall into the period before or after its own; three empty periods mean that sweeps are missing.
SILENT_PERIODS = 3
# A subscriber that a deployment added has until the watch machine's second sweep to confirm.
UNCONFIRMED_PERIODS = 2


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm that goes off as soon as a metric is above its threshold, unless its fields say otherwise."""

    what: str
    text: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"
    threshold: float = 0
    comparison: str = "GreaterThanThreshold"
    missing: str = "notBreaching"
    """CloudWatch's treatment of a period without data."""
    period_seconds: int = FIVE_MINUTES_SECONDS
    periods: int = 1
    is_direct: bool = False
    """True if CloudWatch's own notice is mailed, instead of a message of the reporter."""


def alarms(names: Names, *, timeout_seconds: int, schedule: Schedule) -> tuple[Alarm, ...]:
    """Return the alarms of a pipeline, in this order: outcomes, time, delivery, watch."""
    return (
        *_bad_ends(names),
        _nearly_out_of_time(names, timeout_seconds),
        *_lost_deliveries(names),
        *_reporter(names),
        _missed(names, schedule),
        _unconfirmed(names),
        *_watch(names),
    )


def _bad_ends(names: Names) -> tuple[Alarm, ...]:
    """Return the alarms on failed, timed-out and aborted runs.

    Source of the metrics' names: "Monitoring Step Functions metrics". There is no alarm on
    ExecutionThrottled: a run of some thirty state transitions is not throttled.
    """
    ends = {
        "executions-failed": ("ExecutionsFailed", "A run failed."),
        "executions-timed-out": ("ExecutionsTimedOut", "A run exceeded its timeout and was ended."),
        "executions-aborted": ("ExecutionsAborted", "A run was stopped by an operator."),
    }
    return tuple(
        Alarm(
            what=what,
            text=text,
            namespace="AWS/States",
            metric=metric,
            dimensions={"StateMachineArn": names.machine_arn},
        )
        for what, (metric, text) in ends.items()
    )


def _nearly_out_of_time(names: Names, timeout_seconds: int) -> Alarm:
    """Return the alarm below the timeout: a run that reaches the timeout itself publishes no ExecutionTime."""
    return Alarm(
        what="executions-nearly-out-of-time",
        text=f"A run took more than {NEARLY_OUT_OF_TIME:.0%} of the {timeout_seconds} s it may take.",
        namespace="AWS/States",
        metric="ExecutionTime",
        dimensions={"StateMachineArn": names.machine_arn},
        statistic="Maximum",
        threshold=timeout_seconds * NEARLY_OUT_OF_TIME * MILLISECONDS_A_SECOND,
    )


def _lost_deliveries(names: Names) -> tuple[Alarm, ...]:
    queues = {
        "schedule-dlq-not-empty": (
            names.schedule_queue,
            "A scheduled start could not be delivered and lies in the dead-letter queue.",
        ),
        "watch-dlq-not-empty": (
            names.watch_queue,
            "An event for the watch machine could not be delivered and lies in the dead-letter queue.",
        ),
        "notifications-dlq-not-empty": (
            names.message_queue,
            f"A message could not be delivered and lies in the dead-letter queue {names.message_queue}. "
            f"{_redeliver(names)}",
        ),
    }
    return (
        *(
            Alarm(
                what=what,
                text=text,
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": queue},
                statistic="Maximum",
                is_direct=queue == names.message_queue,
            )
            for what, (queue, text) in queues.items()
        ),
        Alarm(
            what="notifications-failed",
            text=(
                f"A message was not sent through one of its channels; it is in the queue {names.message_queue}. "
                f"{_redeliver(names)}"
            ),
            namespace=names.metric_namespace,
            metric=UNREPORTED_METRIC,
            dimensions={"Environment": names.environment},
            is_direct=True,
        ),
        Alarm(
            what="schedule-dropped",
            text="EventBridge Scheduler dropped a start after all its retries.",
            # Source: "Monitoring Amazon EventBridge Scheduler with Amazon CloudWatch".
            namespace="AWS/Scheduler",
            metric="InvocationDroppedCount",
            dimensions={"ScheduleGroup": names.schedule_group},
        ),
    )


def _redeliver(names: Names) -> str:
    """Return what an operator types about messages that were not delivered.

    The texts of direct alarms have their commands themselves, because the reporter adds none to them.
    """
    stack = f"notifications --stack {names.environment}"
    return (
        f"Type ccapi dlq show {stack} to see each message with the reason, and ccapi dlq redrive {stack} to send it "
        "again after the cause is removed."
    )


def _reporter(names: Names) -> tuple[Alarm, ...]:
    """Return the alarms on the reporter.

    Source of the metrics: AWS Lambda Developer Guide, "Types of metrics for Lambda functions".
    """
    faults = {
        "reporter-failed": (
            "Errors",
            "The reporter failed, so that a message was not sent as text. Type aws logs tail "
            f"{names.reporter_log_group} --region {names.region} --since 3h to see why.",
        ),
        "reporter-throttled": (
            "Throttles",
            "Lambda did not run the reporter: the account has no concurrency left, or notifications."
            "reservedConcurrency is too low. Type aws lambda get-account-settings "
            f"--region {names.region} to see the account's limit. The log group of the reporter: "
            f"{names.reporter_log_group}.",
        ),
    }
    return tuple(
        Alarm(
            what=what,
            text=text,
            namespace="AWS/Lambda",
            metric=metric,
            dimensions={"FunctionName": names.reporter},
            is_direct=True,
        )
        for what, (metric, text) in faults.items()
    )


def _missed(names: Names, schedule: Schedule) -> Alarm:
    """Return the alarm on a missed success; CloudWatch evaluates at most 7 days, so the watch machine counts."""
    hours = schedule.missed_after_hours
    return Alarm(
        what="success-missed",
        text=f"No run has succeeded for more than {hours} hours, although the schedule is not paused.",
        namespace=names.metric_namespace,
        metric="HoursSinceLastSuccess",
        dimensions={"Environment": names.environment},
        statistic="Maximum",
        threshold=hours,
        # The watch machine publishes a value only at each sweep, so periods without one keep the alarm's state. A
        # separate alarm goes off if the watch machine does not run.
        missing="ignore",
    )


def _unconfirmed(names: Names) -> Alarm:
    """Return the alarm on addresses that get no mail; right after a deployment, every address is still unconfirmed."""
    hours = (UNCONFIRMED_PERIODS - 1) * WATCH_HOURS
    return Alarm(
        what="subscriptions-missing",
        text=(
            f"For more than {hours} hours an address of the settings has had no confirmed subscription and gets no "
            f"mail. Type ccapi notify confirm --stack {names.environment} to see which one, and to send it the mail "
            "with the link again. PendingConfirmation: its owner has to follow that link. Not listed, or Deleted: type "
            "pulumi up --refresh, which subscribes it again."
        ),
        namespace=names.metric_namespace,
        metric=MISSING_METRIC,
        dimensions={"Environment": names.environment},
        statistic="Minimum",
        # The watch machine publishes the metric while an address is missing.
        missing="notBreaching",
        period_seconds=WATCH_HOURS * SECONDS_AN_HOUR,
        periods=UNCONFIRMED_PERIODS,
    )


def _watch(names: Names) -> tuple[Alarm, ...]:
    ends = {
        "watch-failed": (
            "ExecutionsFailed",
            "The watch machine failed, so that a report or a metric may be missing.",
        ),
        "watch-timed-out": ("ExecutionsTimedOut", "The watch machine exceeded its timeout and was ended."),
        "watch-aborted": ("ExecutionsAborted", "The watch machine was stopped by an operator."),
    }
    return (
        *(
            Alarm(
                what=what,
                text=text,
                namespace="AWS/States",
                metric=metric,
                dimensions={"StateMachineArn": names.watch_arn},
            )
            for what, (metric, text) in ends.items()
        ),
        Alarm(
            what="watch-silent",
            text=f"The watch machine has not finished for {SILENT_PERIODS * WATCH_HOURS} hours.",
            namespace="AWS/States",
            metric="ExecutionsSucceeded",
            dimensions={"StateMachineArn": names.watch_arn},
            threshold=1,
            comparison="LessThanThreshold",
            missing="breaching",
            period_seconds=WATCH_HOURS * SECONDS_AN_HOUR,
            periods=SILENT_PERIODS,
        ),
    )
