"""The rule that reports a schedule that is switched off."""

from collections.abc import Iterator

from guardrails.aws.types import EVENT_RULE, SCHEDULE
from guardrails.properties import is_set, read, read_text
from guardrails.rule import NAMES, Level, Limit, Rule, Scope, Severity, Subject


def _is_off(subject: Subject) -> Iterator[str]:
    resource = subject.resource
    is_off = read_text(resource, "state") == "DISABLED" or (
        resource.type == EVENT_RULE
        and is_set(resource, "state") is False
        and read(resource, "isEnabled") is False
    )
    if is_off and resource.name not in subject.limits["mayBeOff"]:
        yield "it is switched off, so that it starts nothing; set state to ENABLED, or name it in mayBeOff."


RULES = (
    Rule(
        name="schedule-enabled",
        requirement="A schedule and an event rule are switched on.",
        rationale=(
            "A schedule that was paused for a day stays paused until a person remembers it, and a watch that is off "
            "reports nothing, least of all its own silence."
        ),
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Set its state to ENABLED, or name it in mayBeOff.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-state.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({SCHEDULE, EVENT_RULE}),
        evaluate=_is_off,
        limits=(
            Limit(
                key="mayBeOff",
                description="The schedules and rules, by their names in Pulumi, that may be switched off.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
