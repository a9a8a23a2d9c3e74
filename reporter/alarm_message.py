"""The message of a CloudWatch alarm, from the JSON that CloudWatch publishes to SNS.

Source: "Amazon CloudWatch User Guide", Notify users on alarm changes, with the fields of the notification.
"""

import re
from collections.abc import Mapping
from typing import Any

from reporter import links
from reporter.alarm_commands import alarm_commands
from reporter.alarm_source import AlarmSource
from reporter.documents import document
from reporter.footer import footer
from reporter.message import Link, Message, Occasion
from reporter.operator_commands import troubleshooting
from reporter.run_message import MISSED
from reporter.settings import Settings
from reporter.words import clean, subject

# The metrics of conditions that the machines report: a success that is overdue, and failed, timed-out and aborted runs.
_OVERDUE = "HoursSinceLastSuccess"
_BAD_ENDS = frozenset({"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"})
_OK = "OK"
# The point of an abbreviation such as "e.g." does not end a sentence.
_END_OF_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


def incident_of(alarm_name: str) -> str:
    """Return the incident of an alarm."""
    return f"alarm/{alarm_name}"


def alarm_message(alarm: Mapping[str, Any], event_id: str, settings: Settings) -> Message:
    """Return the message of an alarm that changed its state."""
    source = AlarmSource.of(alarm)
    state = source.state
    occasion = Occasion.OK if state == _OK else Occasion.ALARM
    incident = _incident(source, settings)
    return Message(
        id=event_id,
        occasion=occasion,
        subject=subject(settings, _short(source.name, settings), _verdict(state)),
        headline=_headline(source),
        lines=_lines(source),
        details=_details(source),
        links=(
            links.alarm(settings, source.name),
            *_worked_on(source, settings),
            links.dashboard(settings),
            *troubleshooting(settings, occasion),
        ),
        commands=alarm_commands(source, settings) if state != _OK else (),
        footer=footer(settings),
        incident=None if state in {_OK, _INSUFFICIENT_DATA} else incident,
        resolves=(incident,) if incident and state == _OK else (),
        document=document(settings, occasion, alarm=dict(alarm)),
    )


def _incident(source: AlarmSource, settings: Settings) -> str | None:
    """Return the incident of an alarm; a condition that the machines also report has a single incident, which is the
    machines'."""
    if source.metric == _OVERDUE:
        return MISSED
    is_of_runs = source.dimensions.get("StateMachineArn") == settings.machine_arn
    return None if is_of_runs and source.metric in _BAD_ENDS else incident_of(source.name)


def _short(name: str, settings: Settings) -> str:
    """Return an alarm's name without the project and the environment, which a subject begins with."""
    return name.removeprefix(f"{settings.project}-").removesuffix(f"-{settings.environment}")


def _verdict(state: str) -> str:
    if state == _OK:
        return "is OK again"
    return "has no data" if state == _INSUFFICIENT_DATA else "is in ALARM"


def _headline(source: AlarmSource) -> str:
    if source.state == _OK:
        return f"The alarm {source.name} is OK again."
    if source.state == _INSUFFICIENT_DATA:
        return f"The alarm {source.name} has no data: CloudWatch cannot evaluate it."
    first, _ = _sentences(source.description)
    return first or f"The alarm {source.name} is in state {source.state or 'ALARM'}."


def _lines(source: AlarmSource) -> tuple[str, ...]:
    if source.state == _OK:
        return (
            *([f"It was: {source.description}"] if source.description else []),
            "Nothing has to be done.",
        )
    if source.state == _INSUFFICIENT_DATA:
        return (
            *([f"It watches this: {source.description}"] if source.description else []),
            "As long as it has no data, it cannot warn.",
        )
    _, rest = _sentences(source.description)
    return (*([rest] if rest else []), _end(source))


def _sentences(description: str) -> tuple[str, str]:
    """Return the first sentence of a description, and the rest."""
    first, *rest = _END_OF_SENTENCE.split(description, maxsplit=1)
    return first, "".join(rest)


def _end(source: AlarmSource) -> str:
    if queue := source.dimensions.get("QueueName"):
        return f"The alarm {source.name} ends when the queue {queue} is empty."
    if not source.metric:
        return f"The alarm {source.name} ends by itself when its condition no longer holds."
    return f"The alarm {source.name} ends by itself when its metric is back to normal."


def _details(source: AlarmSource) -> tuple[str, ...]:
    dimensions = ", ".join(f"{name} {value}" for name, value in source.dimensions.items())
    metric = " ".join(part for part in (source.namespace, source.metric) if part)
    return (
        *([f"Metric: {metric}" + (f" ({dimensions})" if dimensions else "")] if metric else []),
        *([f"Reason: {source.reason}"] if source.reason else []),
        *([f"Since: {source.since}"] if source.since else []),
    )


def _worked_on(source: AlarmSource, settings: Settings) -> tuple[Link, ...]:
    machine = source.dimensions.get("StateMachineArn", "")
    return (links.executions(settings, clean(machine)),) if machine else ()
