"""What one run may cost at the worst, and how large its tasks may be."""

from collections.abc import Iterator

from guardrails.aws.machines import STATES_BOUNDED, analysis_of
from guardrails.aws.task_runs import task_runs_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.cost.bill import Case
from guardrails.cost.fargate import DISTINCT_ATTEMPTS, UnknownCostError, task_specs
from guardrails.cost.judged import (
    USD,
    cost_of,
    dearest,
    leave_to_another,
    limit_usd,
    unbounded_sentences,
)
from guardrails.cost.report import usd
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject


def _a_run_is_within(subject: Subject) -> Iterator[str]:
    worst = cost_of(subject).runs[Case.WORST]
    if worst.unbounded:
        leave_to_another(subject, [subject.resource.urn])
        if not analysis_of(subject).is_bounded:
            raise NotApplicableError(f"its states have no bound, which {STATES_BOUNDED} tells")
        yield from unbounded_sentences(worst, "a run")
        return
    limit = limit_usd(subject, "maxRunUsd")
    if worst.total > limit:
        yield (
            f"a run may cost {usd(worst.total)} at the worst, more than {usd(limit)}: {dearest(worst)}; lower "
            "TimeoutSeconds, Retry, Cpu or Memory of what costs most, or raise maxRunUsd."
        )


def _tasks_are_within(subject: Subject) -> Iterator[str]:
    most_cpu, most_memory = subject.limits["maxCpuUnits"], subject.limits["maxMemoryMib"]
    for run in task_runs_of(subject):
        try:
            found = [rung for attempt in range(DISTINCT_ATTEMPTS) for rung in task_specs(run, attempt)]
        except UnknownCostError:
            # What nobody can tell the size of has no most that it costs, which is told of the run.
            continue
        cpu, memory = max(rung.cpu_units for rung in found), max(rung.memory_mib for rung in found)
        if cpu > most_cpu:
            yield (
                f"{run.state.name} runs a task of {cpu:,} CPU units, more than {most_cpu:,}; lower Cpu of its "
                "Overrides or cpu of the task definition, or raise maxCpuUnits."
            )
        if memory > most_memory:
            yield (
                f"{run.state.name} runs a task of {memory:,} MiB, more than {most_memory:,}; lower Memory of its "
                "Overrides or memory of the task definition, or raise maxMemoryMib."
            )


RULES = (
    Rule(
        name="run-cost-worst-within-limit",
        requirement="One run of a state machine costs no more than agreed, whatever fails and is tried again.",
        rationale=(
            "Every attempt of every task is billed until its timeout: with two retries on a larger size a run may "
            "cost five times what one costs that succeeds."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Lower timeouts, attempts or sizes of the tasks that cost most.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_a_run_is_within,
        limits=(
            Limit(
                key="maxRunUsd",
                description="The most that a run may cost in US dollars, as text.",
                default="10.00",
                schema=USD,
            ),
        ),
    ),
    Rule(
        name="task-size-within-limit",
        requirement="No attempt of a task is larger than agreed.",
        rationale="AWS Fargate bills what a task may use, not what it uses; a size is raised once and never lowered.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Lower the size of the task definition, or of the attempt that asks for more.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_tasks_are_within,
        limits=(
            Limit(
                key="maxCpuUnits",
                description="The most CPU units of a task; 1,024 are one vCPU.",
                default=8192,
                schema={"type": "integer", "minimum": 256},
            ),
            Limit(
                key="maxMemoryMib",
                description="The most memory of a task in MiB.",
                default=32768,
                schema={"type": "integer", "minimum": 512},
            ),
        ),
    ),
)
