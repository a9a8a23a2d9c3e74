"""What calls somebody: the alarms of a pipeline, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.names import Names

FIVE_MINUTES_SECONDS = 300
# A run that needed this much of its time is told before one needs all of it.
NEARLY_OUT_OF_TIME = 0.8
MILLISECONDS_A_SECOND = 1000


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm that rings as soon as a metric is above its threshold; a metric without data is no alarm."""

    what: str
    text: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"
    threshold: float = 0


def alarms(names: Names, *, timeout_seconds: int) -> tuple[Alarm, ...]:
    """Return the alarms of a pipeline, in the order of the dashboard's guide: ends, time, delivery."""
    return (*_bad_ends(names), _nearly_out_of_time(names, timeout_seconds), *_lost_deliveries(names))


def _bad_ends(names: Names) -> tuple[Alarm, ...]:
    """Source of the metrics' names, which differ in spelling: "Monitoring Step Functions metrics"."""
    ends = {
        "executions-failed": ("ExecutionsFailed", "A run failed."),
        "executions-timed-out": ("ExecutionsTimedOut", "A run took longer than it may and was ended."),
        "executions-aborted": ("ExecutionsAborted", "A run was stopped by hand."),
        "executions-throttled": ("ExecutionThrottled", "Step Functions slowed a run down."),
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
    """An alarm at the timeout itself could not ring: a run that reaches it has no duration, it is timed out."""
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
        "notifications-dlq-not-empty": (
            names.message_queue,
            "A message could not be delivered and lies in the dead-letter queue.",
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
            )
            for what, (queue, text) in queues.items()
        ),
        Alarm(
            what="schedule-dropped",
            text="EventBridge Scheduler gave up a start after all its retries.",
            # Source: "Monitoring Amazon EventBridge Scheduler with Amazon CloudWatch".
            namespace="AWS/Scheduler",
            metric="InvocationDroppedCount",
            dimensions={"ScheduleGroup": names.schedule_group},
        ),
    )
