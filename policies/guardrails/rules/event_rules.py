"""The rules on the events of EventBridge: patterns that events match, and events that are not lost."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from guardrails.aws import data
from guardrails.aws.starts import started_by, tasks_started_by
from guardrails.aws.types import EVENT_RULE, EVENT_TARGET
from guardrails.properties import UnknownPropertyError, is_set, read_json, read_number
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_LISTED: Mapping[str, Any] = data.read("events")
_EVENTS: Mapping[str, Mapping[str, Mapping[str, list[str]]]] = _LISTED["events"]
_OF_ANY_SOURCE: list[str] = _LISTED["of_any_source"]


def _never_matches(subject: Subject) -> Iterator[str]:
    if not is_set(subject.resource, "eventPattern"):
        raise NotApplicableError("its targets are started by a schedule and not by events")
    try:
        pattern = read_json(subject.resource, "eventPattern")
    except UnknownPropertyError:
        raise NotApplicableError("its eventPattern is not known yet") from None
    if not isinstance(pattern, Mapping):
        yield "its eventPattern is not an object; write an event pattern."
        return
    sources = [source for source in _texts(pattern.get("source")) if source in _EVENTS]
    if not sources:
        raise NotApplicableError("it matches no source whose events this pack lists")
    listed = {type_: fields for source in sources for type_, fields in _EVENTS[source].items()}
    types = _texts(pattern.get("detail-type"))
    for type_ in types:
        known = {*listed, *_OF_ANY_SOURCE, *subject.limits["otherDetailTypes"]}
        if type_ not in known:
            yield (
                f"{' and '.join(sources)} sends no event with the detail-type {type_}, so that the rule never matches; "
                f"write {_nearest(type_, known)}, or name it in otherDetailTypes."
            )
    detail = pattern.get("detail")
    for key, values in detail.items() if isinstance(detail, Mapping) else ():
        fields = [listed[type_][key] for type_ in types or listed if key in listed.get(type_, {})]
        words = [word for field in fields for word in field]
        for value in _texts(values) if words else ():
            if value not in words:
                yield (
                    f"no event has the {key} {value}, so that the rule does not match; write {_nearest(value, words)}."
                )


def _nearest(text: str, known: Any) -> str:
    """Return the value that a text may mean, or all values."""
    by_case = {word.lower(): word for word in known}
    nearest = get_close_matches(text.lower(), by_case, n=1)
    return by_case[nearest[0]] if nearest else f"one of {', '.join(sorted(known))}"


def _texts(value: Any) -> list[str]:
    """Return the texts that a field must be equal to, without its other filters."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _lost_events(subject: Subject) -> Iterator[str]:
    target = subject.resource
    started = [machine.name for machine in started_by(subject.plan, target, "arn", "input")]
    task = tasks_started_by(subject.plan, target)
    if not started and task is None:
        raise NotApplicableError("it starts neither a state machine of the plan nor a task")
    what = " or ".join(started or [f"the task {task}"])
    if not is_set(target, "deadLetterConfig.arn"):
        yield (
            f"an event that cannot start {what} is silently lost; name a queue in deadLetterConfig.arn, whose policy "
            "lets in events.amazonaws.com."
        )
    if read_number(target, "retryPolicy.maximumRetryAttempts") == 0:
        yield (
            f"an event that cannot start {what} at once is never retried; raise retryPolicy.maximumRetryAttempts."
        )


RULES = (
    Rule(
        name="event-pattern-matches",
        requirement="An event pattern compares with the types and the values that events of AWS services have.",
        rationale=(
            "EventBridge accepts any pattern: a rule on the status STOPED or FAILURE is created, is enabled, and never "
            "matches."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Copy the detail-type and the values from the service's documentation.",
        url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html",
        scope=Scope.STACK,
        resource_types=frozenset({EVENT_RULE}),
        evaluate=_never_matches,
        limits=(
            Limit(
                key="otherDetailTypes",
                description="Detail types of AWS services that are not listed in this pack.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
    Rule(
        name="event-recovers-lost-starts",
        requirement="An event that cannot start a state machine or a task is retried, and then sent to a queue.",
        rationale=(
            "EventBridge drops an event that it cannot deliver, without a message. The machine that should handle "
            "a failure is never started."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Set deadLetterConfig of the target, and keep at least one retry.",
        url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
        scope=Scope.STACK,
        resource_types=frozenset({EVENT_TARGET}),
        evaluate=_lost_events,
    ),
)
