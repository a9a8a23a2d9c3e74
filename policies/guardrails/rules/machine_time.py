"""How long a state machine may run."""

from collections.abc import Iterable, Iterator

from guardrails.aws.machines import STATES_BOUNDED, analysis_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.analysis import Analysis
from guardrails.time.report import time_sentence
from guardrails.time.worst import TIMEOUT, Step, count_text

WORST_CASE = "machine-worst-case-within-timeout"

_COUNTS = {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}


# How many of the slowest states a message names.
_SHOWN = 3


def _unbounded_states(subject: Subject) -> Iterator[str]:
    for found in analysis_of(subject).unbounded:
        # A field of its own has a rule of its own.
        if not found.field:
            yield f"{found.state or 'the machine'} has no bound: {found.reason}."


def _worst_case(subject: Subject) -> Iterator[str]:
    analysis = analysis_of(subject)
    worst = analysis.worst_case_seconds
    faults = list(_timeout_faults(analysis, subject.limits["maxTimeoutSeconds"]))
    yield from faults
    if worst is None:
        if not faults:
            raise NotApplicableError("its states have no bound, which another rule about time tells")
        return
    if not analysis.is_within_timeout:
        yield f"{time_sentence(analysis).removesuffix('.')} ({_slowest(analysis)})."
    if worst > subject.limits["maxWorstCaseSeconds"]:
        yield (
            f"the states take at most {count_text(worst)} s, more than {subject.limits['maxWorstCaseSeconds']:,} s "
            f"({_slowest(analysis)}); lower a timeout, an attempt or a back-off, or raise maxWorstCaseSeconds."
        )


def _timeout_faults(analysis: Analysis, most: int) -> Iterator[str]:
    faults = [found.reason for found in analysis.unbounded if found.state is None and found.field == TIMEOUT]
    for fault in faults:
        yield f"the machine's own timeout holds nothing: {fault}."
    if analysis.ends_after_seconds is None and not faults:
        worst = analysis.worst_case_seconds
        least = f" of at least {count_text(worst)} s" if worst else ""
        yield f"the machine has no TimeoutSeconds, so that an execution may last a year; write one{least}."
    timeout = analysis.timeout_seconds
    if timeout is not None and timeout > most:
        yield (
            f"TimeoutSeconds of the machine is {count_text(timeout)} s, more than {most:,} s, so that an execution "
            "that hangs where no bound foresees it runs for longer than agreed; lower it, or raise maxTimeoutSeconds."
        )


def _slowest(analysis: Analysis) -> str:
    """Return the arithmetic of the slowest states on the slowest path, also of those inside of others."""
    steps = [step for step in _with_inner(analysis.path) if step.arithmetic]
    shown = sorted(steps, key=lambda step: step.seconds, reverse=True)[:_SHOWN]
    return "; ".join(f"{step.state}: {step.arithmetic}" for step in shown) or "Wait states alone"


def _with_inner(path: Iterable[Step]) -> Iterator[Step]:
    for step in path:
        yield step
        yield from _with_inner(step.inside)


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
        name=WORST_CASE,
        requirement="A state machine has a timeout, and all that its states may take fits into it.",
        rationale=(
            "Otherwise the last retry is always cut off, where no Catch runs and nobody is told: two attempts of "
            "7,200 s never fitted into 10,800 s."
        ),
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Lower a timeout, an attempt or a back-off on the slowest path, or raise TimeoutSeconds.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_worst_case,
        limits=(
            Limit(
                key="maxWorstCaseSeconds",
                description="The most that all states of a machine may take together, whatever its timeout.",
                default=604_800,
                schema={"type": "integer", "minimum": 1},
            ),
            Limit(
                key="maxTimeoutSeconds",
                description="The most that a machine's own timeout may be.",
                default=604_800,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
)
