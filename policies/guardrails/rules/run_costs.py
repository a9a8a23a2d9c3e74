"""The rules on the worst-case cost of one run, and on the size of its tasks."""

from collections.abc import Iterator

from guardrails.aws.machines import STATES_BOUNDED, analysis_of
from guardrails.aws.task_runs import task_runs_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.cost.bill import Case
from guardrails.cost.fargate import DISTINCT_ATTEMPTS, UnknownCostError, task_specs
from guardrails.cost.for_rules import (
    USD,
    cost_of,
    largest_amounts,
    limit_usd,
    skip_if_refused,
    unbounded_sentences,
)
from guardrails.cost.report import usd
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject


def _run_above_limit(subject: Subject) -> Iterator[str]:
    worst = cost_of(subject).runs[Case.WORST]
    if worst.unbounded:
        skip_if_refused(subject, [subject.resource.urn])
        if not analysis_of(subject).is_bounded:
            raise NotApplicableError(f"its states have no bound, which {STATES_BOUNDED} reports")
        yield from unbounded_sentences(worst, "a run")
        return
    limit = limit_usd(subject, "maxRunUsd")
    if worst.total > limit:
        yield (
            f"a run costs up to {usd(worst.total)} in the worst case, more than {usd(limit)}: "
            f"{largest_amounts(worst)}; lower TimeoutSeconds, Retry, Cpu or Memory of the largest amounts, or raise "
            "maxRunUsd."
        )


def _tasks_above_limits(subject: Subject) -> Iterator[str]:
    most_cpu, most_memory = subject.limits["maxCpuUnits"], subject.limits["maxMemoryMib"]
    for run in task_runs_of(subject):
        try:
            specs = [spec for attempt in range(DISTINCT_ATTEMPTS) for spec in task_specs(run, attempt)]
        except UnknownCostError:
            # A run whose task has no known size has no upper bound, which run-cost-worst-within-limit reports.
            continue
        cpu, memory = max(spec.cpu_units for spec in specs), max(spec.memory_mib for spec in specs)
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
        requirement="The worst-case cost of one run of a state machine, with all retries, is within the limit.",
        rationale=(
            "Every attempt of every task is billed until its timeout: with two retries on a larger size, a run can "
            "cost five times as much as a run that succeeds at once."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Lower timeouts, attempts or sizes of the most expensive tasks.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_run_above_limit,
        limits=(
            Limit(
                key="maxRunUsd",
                description="The highest worst-case cost of a run in US dollars, as text.",
                default="10.00",
                schema=USD,
            ),
        ),
    ),
    Rule(
        name="task-size-within-limit",
        requirement="The CPU and memory of every attempt of a task are within the limits.",
        rationale="AWS Fargate bills the size of a task, used or not; a size that was raised once is rarely lowered.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Lower the size of the task definition, or of the attempt that overrides it.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_tasks_above_limits,
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
