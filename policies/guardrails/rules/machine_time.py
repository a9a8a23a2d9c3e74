"""The rules on the running time of a state machine."""

from collections.abc import Iterable, Iterator

from guardrails.aws.machines import STATES_BOUNDED, analysis_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.analysis import Analysis
from guardrails.time.report import time_sentence
from guardrails.time.worst import TIMEOUT, Step, count_text

WORST_CASE = "machine-worst-case-within-timeout"

_COUNTS = {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}}


_SHOWN_STATES = 3
"""The number of the slowest states that a message names."""


def _unbounded_states(subject: Subject) -> Iterator[str]:
    for found in analysis_of(subject).unbounded:
        # A missing bound of a single field is reported by the rule on that field.
        if not found.field:
            yield f"{found.state or 'the machine'} has no bound: {found.reason}."


def _worst_case(subject: Subject) -> Iterator[str]:
    analysis = analysis_of(subject)
    worst = analysis.worst_case_seconds
    faults = list(_timeout_faults(analysis, subject.limits["maxTimeoutSeconds"]))
    yield from faults
    if worst is None:
        if not faults:
            raise NotApplicableError("its states have no bound, which another rule reports")
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
        yield f"the machine's own timeout is not valid: {fault}."
    if analysis.ends_after_seconds is None and not faults:
        worst = analysis.worst_case_seconds
        least = f" of at least {count_text(worst)} s" if worst else ""
        yield f"the machine has no TimeoutSeconds, so that an execution may last a year; write one{least}."
    timeout = analysis.timeout_seconds
    if timeout is not None and timeout > most:
        yield (
            f"TimeoutSeconds of the machine is {count_text(timeout)} s, more than {most:,} s; lower it, or raise "
            "maxTimeoutSeconds."
        )


def _slowest(analysis: Analysis) -> str:
    """Return the arithmetic of the slowest states on the slowest path, including those inside of other states."""
    steps = [step for step in _with_inner(analysis.path) if step.arithmetic]
    shown = sorted(steps, key=lambda step: step.seconds, reverse=True)[:_SHOWN_STATES]
    return "; ".join(f"{step.state}: {step.arithmetic}" for step in shown) or "only Wait states"


def _with_inner(path: Iterable[Step]) -> Iterator[Step]:
    for step in path:
        yield step
        yield from _with_inner(step.inside)


RULES = (
    Rule(
        name=STATES_BOUNDED,
        requirement="Every state of a state machine ends by itself after a known time.",
        rationale="AWS allows a state to wait for a year, while the resources that it waits for cost money.",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Write a number in the named state, or declare a bound that the machine or its caller enforces.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_unbounded_states,
        limits=(
            Limit(
                key="itemsOf",
                description="The most items of a Map whose items are computed at run time, by the state's name.",
                default={},
                schema=_COUNTS,
            ),
            Limit(
                key="secondsOf",
                description="The most seconds of one attempt of a Task, or of a Wait, by the state's name.",
                default={},
                schema=_COUNTS,
            ),
            Limit(
                key="visitsOf",
                description="The most visits of a state in a loop, by the state's name.",
                default={},
                schema=_COUNTS,
            ),
        ),
    ),
    Rule(
        name=WORST_CASE,
        requirement="A state machine has a timeout, and the worst case of its states is within it.",
        rationale=(
            "Otherwise the timeout cuts off the last retry, and neither a Catch nor a notification runs: two attempts "
            "of 7,200 s did not fit into 10,800 s."
        ),
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Lower a timeout, an attempt or a back-off on the slowest path, or raise TimeoutSeconds.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_worst_case,
        limits=(
            Limit(
                key="maxWorstCaseSeconds",
                description="The longest worst case of a machine's states together, whatever its timeout.",
                default=604_800,
                schema={"type": "integer", "minimum": 1},
            ),
            Limit(
                key="maxTimeoutSeconds",
                description="The longest timeout of a machine.",
                default=604_800,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    ),
)
