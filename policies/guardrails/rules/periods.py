"""Whether an execution has ended before a schedule starts the next one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from guardrails.aws.cron import CronError
from guardrails.aws.links import answers_to, named_by
from guardrails.aws.machines import analysis_of
from guardrails.aws.schedules import MINUTE, PRECISION_SECONDS, forward_jump_seconds, shortest_gap_seconds
from guardrails.aws.types import SCHEDULE, STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import UnknownPropertyError, read_json, read_number, read_text
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.rules.machine_time import WORST_CASE
from guardrails.time.worst import count_text

_UNIVERSAL = ":aws-sdk:sfn:startExecution"
"""How the ARN of a target ends that names the machine in its input."""


def _ends_before_the_next_start(subject: Subject) -> Iterator[str]:
    schedule = subject.resource
    machines = _started(subject)
    if not machines:
        raise NotApplicableError("its target is no state machine of the plan")
    zone = read_text(schedule, "scheduleExpressionTimezone") or "UTC"
    try:
        gap = shortest_gap_seconds(read_text(schedule, "scheduleExpression") or "", zone)
    except CronError as error:
        yield f"nobody can tell from scheduleExpression how near two of its starts lie: {error}."
        return
    if gap is None:
        raise NotApplicableError("it starts no second time")
    window = read_number(schedule, "flexibleTimeWindow.maximumWindowInMinutes") or 0
    late = PRECISION_SECONDS + int(window * MINUTE)
    for machine in machines:
        analysis = analysis_of(replace(subject, resource=machine))
        longest = analysis.timeout_seconds or analysis.worst_case_seconds
        if longest is None:
            raise NotApplicableError(f"{machine.name} need not end by itself, which {WORST_CASE} tells")
        if longest > gap - late:
            yield (
                f"{machine.name} may run for {count_text(longest)} s, and the next start may come after "
                f"{gap - late:,} s ({gap:,} s between two starts{_jump(zone)}, less {late:,} s by which one may come "
                "late); lower the machine's TimeoutSeconds or maximumWindowInMinutes, or start it less often."
            )


def _started(subject: Subject) -> list[Resource]:
    """Return the machines that a schedule starts, by themselves or by a version or an alias."""
    schedule = subject.resource
    try:
        arn = read_text(schedule, "target.arn")
    except UnknownPropertyError:
        return named_by(subject.plan, schedule, "target.arn", STATE_MACHINE)
    if arn and arn.endswith(_UNIVERSAL):
        request = read_json(schedule, "target.input")
        arn = request.get("StateMachineArn") if isinstance(request, Mapping) else None
    # The name of a version or an alias comes after that of the machine, as the eighth part.
    machine_arn = ":".join(str(arn).split(":")[:7])
    return [one for one in subject.plan.of_type(STATE_MACHINE) if answers_to(one, machine_arn)]


def _jump(zone: str) -> str:
    seconds = forward_jump_seconds(zone)
    return f" where the clocks of {zone} go forward by {seconds:,} s" if seconds else ""


RULES = (
    Rule(
        name="machine-timeout-within-period",
        requirement="An execution that a schedule starts has ended before the schedule starts the next.",
        rationale=(
            "Two executions at once work on the same data and cost twice; a machine that may outlast its period piles "
            "up executions on the day when it is slow. A schedule that is switched off is judged as if it were on."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Lower the machine's TimeoutSeconds, or start it less often.",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
        scope=Scope.STACK,
        judges=frozenset({SCHEDULE}),
        judge=_ends_before_the_next_start,
    ),
)
