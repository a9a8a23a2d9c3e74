"""The rule that an execution ends before its schedule starts the next one."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import product, takewhile

from guardrails.aws.combined_starts import Expression, shortest_gap_between
from guardrails.aws.machines import analysis_of
from guardrails.aws.references import resources_naming
from guardrails.aws.schedule_expression import FIRST_DAY, ExpressionError
from guardrails.aws.schedules import MINUTE, PRECISION_SECONDS, shortest_gap, starts
from guardrails.aws.starts import started_by
from guardrails.aws.types import EVENT_RULE, EVENT_TARGET, SCHEDULE
from guardrails.plan import Resource
from guardrails.properties import PropertyError, is_set, read, read_number, read_partly, read_text
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.rules.machine_time import WORST_CASE
from guardrails.time.worst import count_text


def _overlapping_runs(subject: Subject) -> Iterator[str]:
    starting = subject.resource
    expression = read_text(starting, "scheduleExpression") or ""
    if starting.type == EVENT_RULE and not expression:
        raise NotApplicableError("its targets are started by events and not by a schedule")
    machines = list(_started(subject))
    if not machines:
        raise NotApplicableError("its target is not a state machine of the plan")
    zone = read_text(starting, "scheduleExpressionTimezone") or "UTC"
    of_rule = starting.type == EVENT_RULE
    try:
        gap = shortest_gap(expression, zone, of_rule=of_rule)
        never_starts = not starts(expression, of_rule=of_rule)
    except ExpressionError as error:
        yield f"its scheduleExpression is not valid, so that its starts are not known: it {error}."
        return
    if never_starts:
        yield f"its scheduleExpression has no start from {FIRST_DAY} on; write a future day, month and year."
        return
    yield from _beside_others(subject, machines)
    if gap is None:
        raise NotApplicableError("it starts only once")
    window = read_number(starting, "flexibleTimeWindow.maximumWindowInMinutes") or 0
    late = _latest_delay(starting)
    lower = "TimeoutSeconds or maximumWindowInMinutes" if window else "TimeoutSeconds"
    for machine in machines:
        longest = _longest(subject.at(machine))
        if longest is None:
            raise NotApplicableError(f"{machine.name} may never end, which {WORST_CASE} reports")
        if longest > gap.seconds - late:
            yield (
                f"{machine.name} may run for {count_text(longest)} s, and the next start may follow after "
                f"{gap.seconds - late:,} s (the shortest time between two starts is {gap.text}, minus a delay of up to "
                f"{late:,} s); lower the machine's {lower}, or start it less often."
            )


def _longest(machine: Subject) -> float | None:
    """Return the longest time of an execution in seconds, or None if it may never end."""
    analysis = analysis_of(machine)
    ends = (analysis.worst_case_seconds, analysis.ends_after_seconds)
    return analysis.timeout_seconds or min((end for end in ends if end is not None), default=None)


def _beside_others(subject: Subject, machines: Iterable[Resource]) -> Iterator[str]:
    """Yield a sentence for each schedule before this one that starts one of its machines too soon before or after."""
    for other in takewhile(
        lambda one: one.urn != subject.resource.urn, subject.plan.of_type(SCHEDULE, EVENT_RULE)
    ):
        if not is_set(other, "scheduleExpression"):
            continue
        try:
            shared = [machine for machine in _started(subject.at(other)) if machine in machines]
            gap = shortest_gap_between(_expression(other), _expression(subject.resource)) if shared else None
            # Either may be the first of the two; the second may start on time.
            late = max(map(_latest_delay, (other, subject.resource)))
        except (ExpressionError, PropertyError):
            # The rule reports it for the other schedule.
            continue
        for machine in shared if gap is not None else ():
            longest = _longest(subject.at(machine))
            if gap is not None and longest is not None and longest > gap.seconds - late:
                # Dates that are not known yet may keep the two apart.
                for starting, path in product((other, subject.resource), ("startDate", "endDate")):
                    read(starting, path)
                yield (
                    f"{machine.name} may run for {count_text(longest)} s, and {other.name} starts it too (the shortest "
                    f"time between a start by each is {gap.text}, minus a delay of up to {late:,} s); start it by one "
                    "schedule, or move them apart."
                )


def _latest_delay(starting: Resource) -> int:
    """Return the longest time in seconds by which a start may follow its scheduled time."""
    window = read_number(starting, "flexibleTimeWindow.maximumWindowInMinutes") or 0
    return PRECISION_SECONDS + int(window * MINUTE)


def _expression(starting: Resource) -> Expression:
    return Expression(
        read_text(starting, "scheduleExpression") or "",
        read_text(starting, "scheduleExpressionTimezone") or "UTC",
        starting.type == EVENT_RULE,
        _date(starting, "startDate"),
        _date(starting, "endDate"),
    )


def _date(schedule: Resource, path: str) -> datetime | None:
    """Return a date of a schedule in UTC, or None if it has none, or none that is known or valid."""
    written = read_partly(schedule, path)
    try:
        date = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC) if date is not None else None


def _started(subject: Subject) -> Iterable[Resource]:
    """Return the machines that a schedule or a rule starts, each once."""
    plan, starting = subject.plan, subject.resource
    if starting.type == SCHEDULE:
        return started_by(plan, starting, "target.arn", "target.input")
    targets = resources_naming(plan, starting, "rule", EVENT_TARGET)
    return dict.fromkeys(
        machine for target in targets for machine in started_by(plan, target, "arn", "input")
    )


RULES = (
    Rule(
        name="machine-timeout-within-period",
        requirement="An execution that a schedule starts ends before this or another schedule starts the next one.",
        rationale=(
            "Two executions at once work on the same data and cost twice as much, and executions that outlast the "
            "period pile up when the machine is slow. A disabled schedule is evaluated as if it were enabled."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Lower the machine's TimeoutSeconds, or start it less often.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
        scope=Scope.STACK,
        resource_types=frozenset({SCHEDULE, EVENT_RULE}),
        evaluate=_overlapping_runs,
    ),
)
