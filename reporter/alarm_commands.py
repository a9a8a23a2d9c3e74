"""The commands that show what an alarm is about, chosen by its metric."""

import re
import shlex
from collections.abc import Mapping

from reporter import commands
from reporter.alarm_source import AlarmSource
from reporter.message import Command
from reporter.operator_commands import operator_command
from reporter.settings import Settings

_STATUS_BY_METRIC = {
    "ExecutionsFailed": "FAILED",
    "ExecutionsTimedOut": "TIMED_OUT",
    "ExecutionsAborted": "ABORTED",
}
_ENDS = {"FAILED": " that failed", "TIMED_OUT": " that timed out", "ABORTED": " that were stopped"}
# The metric of starts that EventBridge Scheduler gave up, and put into the queue of the schedule.
_DROPPED = "InvocationDroppedCount"
# The names of AWS resources; other text could be part of a command that the operator does not mean.
_SAFE = re.compile(r"[\w./:+=@-]+", re.ASCII)


def alarm_commands(source: AlarmSource, settings: Settings) -> tuple[Command, ...]:
    """Return the commands that show the cause of an alarm: a line of `ccapi`, and those of the AWS CLI."""
    found = {name: value for name, value in source.dimensions.items() if _SAFE.fullmatch(value)}
    return (_operator_command(source, found, settings), *_aws_commands(source, found, settings))


def _operator_command(source: AlarmSource, found: Mapping[str, str], settings: Settings) -> Command:
    queues = {
        settings.schedule_queue: "schedule",
        settings.watch_queue: "watch",
        settings.undelivered_queue_url.rpartition("/")[2]: "notifications",
    }
    queue = settings.schedule_queue if source.metric == _DROPPED else found.get("QueueName", "")
    if kind := queues.get(queue):
        return operator_command(
            settings, "To start or deliver again what is in the queue:", "dlq redrive", kind
        )
    if source.metric == "SubscriptionsMissing":
        return operator_command(settings, "To send the request to confirm again:", "notify confirm")
    if found.get("StateMachineArn") == settings.machine_arn:
        return operator_command(settings, "To see all about the newest run:", "show")
    return operator_command(settings, "To check all that a run needs:", "doctor")


def _aws_commands(source: AlarmSource, found: Mapping[str, str], settings: Settings) -> tuple[Command, ...]:
    if queue := found.get("QueueName"):
        return _of_queue(queue, settings)
    if machine := found.get("StateMachineArn"):
        status = _STATUS_BY_METRIC.get(source.metric, "")
        ended = _ENDS.get(status, "")
        return (commands.list_executions(settings, f"To see the last executions{ended}:", machine, status),)
    if function := found.get("FunctionName"):
        return (commands.tail_log(settings, "To see the log of the function:", f"/aws/lambda/{function}"),)
    return _of_metric(source, settings) or (
        commands.alarm_history(settings, "To see the last changes of the alarm:", shlex.quote(source.name)),
    )


def _of_queue(queue: str, settings: Settings) -> tuple[Command, ...]:
    read = commands.read_queue(settings, f"To see the messages in the queue {queue}:", queue)
    restart = commands.start(settings, "To start a run now, if none was started since:")
    return (
        read,
        *([restart] if queue == settings.schedule_queue else []),
        commands.empty_queue(
            settings, "To empty the queue afterwards (its messages cannot be restored):", queue
        ),
    )


def _of_metric(source: AlarmSource, settings: Settings) -> tuple[Command, ...]:
    match source.metric:
        case "HoursSinceLastSuccess":
            return (
                commands.list_executions(settings, "To see the last runs:", settings.machine_arn),
                commands.start(settings, "To start a run now:"),
            )
        case "SubscriptionsMissing":
            return (
                commands.list_subscriptions(
                    settings, "To see the subscriptions for failures:", settings.failure_topic_arn
                ),
                commands.list_subscriptions(
                    settings, "To see the subscriptions for successes:", settings.success_topic_arn
                ),
                *(
                    commands.list_subscriptions(settings, "To see the subscriptions for alarms only:", topic)
                    for topic in filter(None, [settings.alarms_topic_arn])
                ),
            )
        case _ if source.metric == _DROPPED:
            return (
                commands.read_queue(
                    settings, "To see the starts that were not delivered:", settings.schedule_queue
                ),
                commands.start(settings, "To start a run now, if none was started since:"),
            )
        case _:
            return ()
