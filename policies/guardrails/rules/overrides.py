"""Whether a state that runs a task overrides containers that the task has."""

from collections.abc import Iterator

from guardrails.aws.arguments import COMPUTED, argument, possible
from guardrails.aws.containers import containers_of
from guardrails.aws.links import told_of
from guardrails.aws.task_runs import TaskRun, task_runs_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject


def _containers_exist(subject: Subject) -> Iterator[str]:
    overriding = [run for run in task_runs_of(subject) if run.containers is COMPUTED or run.containers]
    if not overriding:
        raise NotApplicableError("no state of the machine overrides a container")
    judged = [run for run in overriding if run.definitions]
    if not judged:
        raise NotApplicableError("the task definitions that it runs are not in the plan")
    for run in judged:
        if run.containers is COMPUTED:
            yield (
                f"{run.state.name} computes its ContainerOverrides when it runs, so that nobody can tell whether the "
                "task has such containers; write them as a list."
            )
        else:
            yield from _unknown_names(subject, run)


def _unknown_names(subject: Subject, run: TaskRun) -> Iterator[str]:
    names: list[str] = []
    for number, override in enumerate(run.containers, 1):
        texts = [one.text for one in possible(argument(override, "Name"))]
        if not texts:
            yield (
                f"{run.state.name} gives container override {number} no Name, or one that is computed when it runs; "
                "write the container's name."
            )
        names += texts
    known = {one.name: _container_names(subject.at(one)) for one in run.definitions}
    # Where any of several may be meant, the one that fits best is taken to be.
    fitting = max(known, key=lambda definition: len(known[definition] & set(names)))
    for name in dict.fromkeys(names):
        if name not in known[fitting]:
            there = ", ".join(sorted(known[fitting])) or "no container with a name"
            yield (
                f"{run.state.name} overrides the container {name}, and {fitting} has {there}; "
                "write the same name in Overrides and in containerDefinitions."
            )


def _container_names(definition: Subject) -> set[str]:
    with told_of(definition.resource):
        return {name for one in containers_of(definition) if isinstance(name := one.get("name"), str)}


RULES = (
    Rule(
        name="override-names-container",
        requirement="A state that runs a task overrides containers that the task's definition has.",
        rationale=(
            "AWS refuses such a run only when it comes to the state: an override named monitor, the container "
            "cloudclearing-monitor, and no run could ever have started."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Name the container in one place, and use that in the state and in the task definition.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_containers_exist,
    ),
)
