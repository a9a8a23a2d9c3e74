"""How long a state machine may run."""

from collections.abc import Iterator

from guardrails.machines import STATES_BOUNDED, analysis_of
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.report import time_sentence
from guardrails.types import STATE_MACHINE

_COUNTS = {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}


def _unbounded_states(subject: Subject) -> Iterator[str]:
    for found in analysis_of(subject).unbounded:
        yield f"{found.state or 'the machine'} has no bound: {found.reason}."


def _worst_case(subject: Subject) -> Iterator[str]:
    analysis = analysis_of(subject)
    if analysis.timeout_seconds is None:
        yield "the machine has no TimeoutSeconds, so that an execution may last a year; write one."
    if not analysis.is_bounded:
        raise NotApplicableError(f"its states have no bound, which {STATES_BOUNDED} tells")
    if not analysis.is_within_timeout:
        yield time_sentence(analysis)


RULES = (
    Rule(
        name=STATES_BOUNDED,
        requirement="Every state of a state machine comes to an end by itself.",
        rationale="AWS lets a state wait for a year, and what it waits for costs money all the while.",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Write a number where the message names a state, or declare its bound where it is enforced.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_unbounded_states,
        limits=(
            Limit(
                key="itemsOf",
                description="The most items of a Map whose items are only known at run time, by its state's name.",
                default={},
                schema=_COUNTS,
            ),
            Limit(
                key="secondsOf",
                description="The most seconds of one attempt of a Task, or of a Wait, by its state's name.",
                default={},
                schema=_COUNTS,
            ),
            Limit(
                key="visitsOf",
                description="The most visits of a state in a loop, by its name.",
                default={},
                schema=_COUNTS,
            ),
        ),
    ),
    Rule(
        name="machine-worst-case-within-timeout",
        requirement="A state machine has a timeout, and all that its states may take fits into it.",
        rationale=(
            "Otherwise the last retry is always cut off, where no Catch runs and nobody is told: two attempts of 7,200 s "
            "never fitted into 10,800 s."
        ),
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Lower a timeout, an attempt or a back-off on the slowest path, or raise TimeoutSeconds.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_worst_case,
    ),
)
