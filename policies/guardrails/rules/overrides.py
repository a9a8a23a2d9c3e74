"""The rule that container overrides of a state name containers of the task definition."""

from collections.abc import Iterator

from guardrails.aws.containers import containers_of
from guardrails.aws.references import errors_naming
from guardrails.aws.task_arguments import COMPUTED, argument, possible
from guardrails.aws.task_runs import TaskRun, task_runs_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject


def _missing_containers(subject: Subject) -> Iterator[str]:
    overriding = [run for run in task_runs_of(subject) if run.containers is COMPUTED or run.containers]
    if not overriding:
        raise NotApplicableError("no state of the machine overrides a container")
    checked = [run for run in overriding if run.definitions]
    if not checked:
        raise NotApplicableError("the task definitions that it runs are not in the plan")
    for run in checked:
        if run.containers is COMPUTED:
            yield (
                f"{run.state.name} computes its ContainerOverrides at run time, so that the containers cannot be "
                "checked; write them as a list."
            )
        else:
            yield from _unknown_names(subject, run)


def _unknown_names(subject: Subject, run: TaskRun) -> Iterator[str]:
    names: list[str] = []
    for number, override in enumerate(run.containers, 1):
        texts = [option.text for option in possible(argument(override, "Name"))]
        if not texts:
            yield (
                f"{run.state.name} has no Name in container override {number}, or one that is computed at run time; "
                "write the container's name."
            )
        names += texts
    known = {definition.name: _container_names(subject.at(definition)) for definition in run.definitions}
    # If several definitions are possible, use the one with the most matching names.
    fitting = max(known, key=lambda definition: len(known[definition] & set(names)))
    for name in dict.fromkeys(names):
        if name not in known[fitting]:
            there = ", ".join(sorted(known[fitting])) or "no container with a name"
            yield (
                f"{run.state.name} overrides the container {name}, and {fitting} has {there}; "
                "write the same name in Overrides and in containerDefinitions."
            )


def _container_names(definition: Subject) -> set[str]:
    with errors_naming(definition.resource):
        names = (container.get("name") for container in containers_of(definition))
        return {name for name in names if isinstance(name, str)}


RULES = (
    Rule(
        name="override-names-container",
        requirement="The container overrides of a state name containers of the task definition.",
        rationale=(
            "AWS rejects such a task only when the run reaches the state: with an override for monitor and a container "
            "named cloudclearing-monitor, no run could start."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Define the container's name once, and use it in the state and in the task definition.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_missing_containers,
    ),
)
