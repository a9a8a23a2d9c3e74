"""The rules on the delivery of scheduled starts."""

from collections.abc import Iterator

from guardrails.aws.types import EVENT_TARGET, SCHEDULE
from guardrails.properties import is_set, read_number, read_text
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.worst import count_text

_RETRIES = "target.retryPolicy.maximumRetryAttempts"
_AGE = "target.retryPolicy.maximumEventAgeInSeconds"
_KEYWORD = "<aws.scheduler."
_INPUTS = ("input", "inputTransformer.inputTemplate")


def _lost_starts(subject: Subject) -> Iterator[str]:
    schedule, limits = subject.resource, subject.limits
    if not is_set(schedule, "target.deadLetterConfig.arn"):
        yield (
            "a start that cannot be delivered is silently lost; name a queue in target.deadLetterConfig.arn."
        )
    retries, least = read_number(schedule, _RETRIES), limits["minRetryAttempts"]
    if retries is None:
        yield f"{_RETRIES} is missing, so that AWS's default applies; write at least {least}."
    elif retries < least:
        yield (
            f"a start has {count_text(retries)} retries, less than {least}; raise {_RETRIES} or lower "
            "minRetryAttempts."
        )
    seconds, most = read_number(schedule, _AGE), limits["maxEventAgeSeconds"]
    if seconds is None:
        yield f"{_AGE} is missing, so that a start may be 86,400 s late; write at most {most}."
    elif seconds > most:
        yield (
            f"a start may be {count_text(seconds)} s late, more than {count_text(most)} s; lower {_AGE} or raise "
            "maxEventAgeSeconds."
        )


def _not_substituted(subject: Subject) -> Iterator[str]:
    given = {path: read_text(subject.resource, path) for path in _INPUTS}
    if not any(given.values()):
        raise NotApplicableError("it passes the event on, without its own input")
    for path, text in given.items():
        if text and _KEYWORD in text:
            yield (
                f"{path} contains {_KEYWORD}…>, which only EventBridge Scheduler replaces, while a rule passes it on "
                "as text; use a schedule of EventBridge Scheduler, or take the time from the event."
            )


RULES = (
    Rule(
        name="schedule-recovers-lost-starts",
        requirement="A start that cannot be delivered is retried for a limited time, and then sent to a queue.",
        rationale=(
            "EventBridge Scheduler does not notify when it gives up. Without a limit on its age, a start that failed "
            "in the morning is delivered a day later, together with the next one."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Set target.deadLetterConfig and both values of target.retryPolicy.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({SCHEDULE}),
        evaluate=_lost_starts,
        limits=(
            Limit(
                key="minRetryAttempts",
                description="The fewest retries of the delivery of a start.",
                default=1,
                schema={"type": "integer", "minimum": 0, "maximum": 185},
            ),
            Limit(
                key="maxEventAgeSeconds",
                description="The longest delay of a start.",
                default=21_600,
                schema={"type": "integer", "minimum": 60, "maximum": 86_400},
            ),
        ),
    ),
    Rule(
        name="rule-input-not-substituted",
        requirement="The input of an EventBridge rule's target contains no keyword of EventBridge Scheduler.",
        rationale=(
            "Rules and schedules are two services: a rule passed <aws.scheduler.scheduled-time> on as text, and every "
            "run had the same name."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Use an aws.scheduler.Schedule, or an input transformer with <aws.events.event.ingestion-time>.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({EVENT_TARGET}),
        evaluate=_not_substituted,
    ),
)
