"""The rules on the events of EventBridge: patterns that events match, and events that are not lost."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from guardrails.aws import data
from guardrails.aws.event_patterns import alternatives, label, may_match, rejected_parts, text_in, texts
from guardrails.aws.references import is_identified_by, resources_naming
from guardrails.aws.starts import started_by, tasks_started_by
from guardrails.aws.types import BUCKET, BUCKET_NOTIFICATION, EVENT_RULE, EVENT_TARGET
from guardrails.properties import UnknownPropertyError, is_set, read_json, read_number, read_partly
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_LISTED: Mapping[str, Any] = data.read("events")
_EVENTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = _LISTED["events"]
_OF_ANY_SOURCE: list[str] = _LISTED["of_any_source"]
_SOURCES: list[str] = _LISTED["event_sources"]
_MISTAKEN: Mapping[str, str] = _LISTED["mistaken_sources"]

_S3 = "aws.s3"
_NEARLY_EQUAL = 0.8
"""The similarity, from 0 to 1, of a name to a listed one that is a typing error."""


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
    if rejected := list(rejected_parts(pattern)):
        yield from (f"AWS rejects its eventPattern: {part}." for part in rejected)
        return
    found: list[str] = []
    skipped: list[NotApplicableError] = []
    for alternative in alternatives(pattern):
        try:
            found += _mistakes(subject, alternative)
        except NotApplicableError as error:
            skipped.append(error)
    yield from dict.fromkeys(found)
    if skipped and not found:
        raise skipped[0]


def _mistakes(subject: Subject, pattern: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each part of a pattern without `$or` that no event matches."""
    for field in set(pattern) - set(_LISTED["fields"]):
        yield (
            f"no event has the field {field}, so that the rule never matches; write "
            f"{_nearest(field, _LISTED['fields'])}."
        )
    written, sources = pattern.get("source"), texts(pattern.get("source"))
    mistaken = {source: meant for source in sources if (meant := _meant(source, subject.limits)) is not None}
    for source, meant in mistaken.items():
        yield f"no AWS service sends events from {source}, so that this value matches nothing; write {meant}."
    if mistaken:
        return
    if not sources or len(sources) != len(written or ()) or not all(source in _EVENTS for source in sources):
        raise NotApplicableError("it matches a source whose events this pack does not list")
    yield from _unsent(subject, sources, pattern)
    if sources == [_S3]:
        yield from _without_notification(subject, pattern)


def _meant(source: str, limits: Mapping[str, Any]) -> str | None:
    """Return the source that a source with a typing error means, or None if the source may exist."""
    if not source.startswith("aws.") or source in _SOURCES or source in limits["otherSources"]:
        return None
    nearest = get_close_matches(source, _SOURCES, n=1, cutoff=_NEARLY_EQUAL)
    return _MISTAKEN.get(source) or next(iter(nearest), None)


def _unsent(subject: Subject, sources: Sequence[str], pattern: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each detail-type, field and value that no event of some sources has."""
    others = [*_OF_ANY_SOURCE, *subject.limits["otherDetailTypes"]]
    listed = {type_: fields for source in sources for type_, fields in _EVENTS[source].items()}
    known, wanted = [*listed, *others], pattern.get("detail-type")
    for item in wanted or ():
        if not may_match(item, known):
            yield (
                f"{' and '.join(sources)} sends no event with the detail-type {label(item)}, so that the rule never "
                f"matches; write {_nearest(text_in(item), known)}, or name it in otherDetailTypes."
            )
    types = [type_ for type_ in known if not wanted or any(may_match(item, [type_]) for item in wanted)]
    detail = pattern.get("detail")
    if isinstance(detail, Mapping):
        yield from _unsent_fields(subject, detail, [listed.get(type_, {}) for type_ in types or listed])


def _unsent_fields(
    subject: Subject, pattern: Mapping[str, Any], forms: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield a sentence for each field and value that none of some forms of an event has; an empty form is unlisted."""
    for alternative in alternatives(pattern):
        for key, wanted in alternative.items():
            having = [form[key] for form in forms if key in form]
            if not having and all(forms) and forms and not _is_absent(wanted):
                known = sorted({name for form in forms for name in form})
                if key not in subject.limits["otherFields"]:
                    yield (
                        f"no event has the field {key} in its detail, so that the rule never matches; write "
                        f"{_nearest(key, known)}, or name it in otherFields."
                    )
            elif having and None not in having:
                yield from _unsent_values(subject, key, wanted, having)


def _unsent_values(subject: Subject, key: str, wanted: Any, forms: Sequence[Any]) -> Iterator[str]:
    """Yield a sentence for each value of a field that none of its forms has."""
    objects = [form for form in forms if isinstance(form, Mapping)]
    lists = [form for form in forms if isinstance(form, list)]
    if isinstance(wanted, Mapping):
        if objects:
            yield from _unsent_fields(subject, wanted, objects)
        else:
            yield f"{key} is a value and has no fields, so that the rule never matches; write a list of values."
        return
    if not lists and not all(map(_is_presence, wanted)):
        yield f"{key} is an object, so that the rule never matches; write {_nearest('', objects[0])} within it."
    # An empty list stands for any value.
    elif all(lists):
        words = [word for form in lists for word in form]
        for item in wanted:
            if not may_match(item, words):
                yield (
                    f"no event has the {key} {label(item)}, so that the rule does not match; write "
                    f"{_nearest(text_in(item), words)}."
                )


def _is_presence(item: Any) -> bool:
    return isinstance(item, Mapping) and "exists" in item


def _is_absent(wanted: Any) -> bool:
    return isinstance(wanted, list) and {"exists": False} in wanted


def _without_notification(subject: Subject, pattern: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each bucket of the plan that sends no events to EventBridge.

    Source: "Enabling Amazon EventBridge" of the Amazon S3 User Guide: it is off by default. Events by CloudTrail do not
    need it.
    """
    if set(texts(pattern.get("detail-type"))) & set(_OF_ANY_SOURCE):
        return
    detail = pattern.get("detail")
    bucket = detail.get("bucket") if isinstance(detail, Mapping) else None
    for name in texts(bucket.get("name")) if isinstance(bucket, Mapping) else ():
        for named in subject.plan.of_type(BUCKET):
            if is_identified_by(named, name):
                notifications = resources_naming(subject.plan, named, "bucket", BUCKET_NOTIFICATION)
                if not any(read_partly(each, "eventbridge") not in (None, False) for each in notifications):
                    yield (
                        f"the bucket {named.name} sends no events to EventBridge, so that the rule never matches; set "
                        "eventbridge to true in an aws:s3/bucketNotification of the bucket."
                    )


def _nearest(text: str, known: Collection[str]) -> str:
    """Return the value that a text may mean, or all values."""
    by_case = {word.lower(): word for word in known}
    nearest = get_close_matches(text.lower(), by_case, n=1)
    return by_case[nearest[0]] if nearest else f"one of {', '.join(sorted(known))}"


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
        requirement=(
            "An event pattern is valid, and compares with the sources, fields and values of events of AWS services."
        ),
        rationale=(
            "EventBridge accepts any field and any value: a rule on the status STOPED, or on the field laststatus, is "
            "created, is enabled, and never matches. A value that is not in a list stops the deployment."
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
            Limit(
                key="otherFields",
                description="Fields in the detail of events that are not listed in this pack.",
                default=[],
                schema=NAMES,
            ),
            Limit(
                key="otherSources",
                description="Sources of AWS services that are not listed in this pack.",
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
