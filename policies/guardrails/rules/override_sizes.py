"""The rule that the size overrides of a state are sizes that Fargate supports."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from guardrails.aws.fargate import CPU_FORM, MEMORY_FORM, cpu_units, memory_mib, size_fault
from guardrails.aws.references import errors_naming, texts_of
from guardrails.aws.task_arguments import ALWAYS, COMPUTED, Possible, argument, possible
from guardrails.aws.task_runs import TaskRun, task_runs_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import read
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_OF_CONTAINERS = {
    "Cpu": (cpu_units, "CPU units", CPU_FORM),
    "Memory": (memory_mib, "MiB", MEMORY_FORM),
    "MemoryReservation": (memory_mib, "MiB", MEMORY_FORM),
}
"""The size overrides of a container: the parser, the unit, and how to write the value."""


@dataclass(frozen=True)
class Size:
    """A size that a task may have."""

    number: int | None
    """None if it is not known before the run, or not a size."""
    when: Possible = ALWAYS


def _invalid_sizes(subject: Subject) -> Iterator[str]:
    sized = [run for run in task_runs_of(subject) if _overrides_a_size(run) and _is_on_fargate(run)]
    if not sized:
        raise NotApplicableError("no state of the machine overrides the size of a task on Fargate")
    for run in sized:
        # If several definitions are possible, use the one with the fewest mistakes.
        mistakes = [list(_mistakes(run, definition)) for definition in run.definitions or (None,)]
        yield from min(mistakes, key=len)


def _overrides_a_size(run: TaskRun) -> bool:
    written = [argument(run.overrides, key) for key in ("Cpu", "Memory")]
    return any(value is not None for value in written) or any(True for _ in _of_containers(run))


def _is_on_fargate(run: TaskRun) -> bool:
    if argument(run.state.arguments, "LaunchType") in ("EC2", "EXTERNAL"):
        return False
    required = [texts_of(_read(definition, "requiresCompatibilities")) for definition in run.definitions]
    return not required or any(not launch_types or "FARGATE" in launch_types for launch_types in required)


def _mistakes(run: TaskRun, definition: Resource | None) -> Iterator[str]:
    name = run.state.name
    if run.overrides is COMPUTED:
        yield (
            f"{name} computes its Overrides at run time, so that neither its size nor its cost is known; write them as "
            "an object."
        )
        return
    cpus = _sizes(argument(run.overrides, "Cpu"), cpu_units)
    memories = _sizes(argument(run.overrides, "Memory"), memory_mib)
    yield from _unknown(f"{name} gives Cpu", cpus, CPU_FORM)
    yield from _unknown(f"{name} gives Memory", memories, MEMORY_FORM)
    if definition is not None:
        own_cpu = _sizes(_read(definition, "cpu"), cpu_units)
        own_memory = _sizes(_read(definition, "memory"), memory_mib)
        yield from _below(f"{name} overrides Cpu with", cpus, own_cpu, "CPU units", definition.name)
        yield from _below(f"{name} overrides Memory with", memories, own_memory, "MiB", definition.name)
        cpus, memories = cpus or own_cpu, memories or own_memory
    for cpu, memory in _together(cpus, memories):
        if fault := size_fault(cpu, memory):
            yield (
                f"{name} may use a size that Fargate does not support: {fault}; change Cpu or Memory of its "
                "Overrides."
            )
    for container, key, written in _of_containers(run):
        parse, unit, form = _OF_CONTAINERS[key]
        sizes = _sizes(written, parse)
        yield from _unknown(f"{name} gives {key} of {container}", sizes, form)
        for size, of_task in _together(sizes, cpus if key == "Cpu" else memories):
            if size > of_task:
                yield (
                    f"{name} may give {container} a {key} of {size:,} {unit}, more than the task's {of_task:,}; "
                    "lower it or raise the task's."
                )


def _unknown(what: str, sizes: list[Size], form: str) -> Iterator[str]:
    if any(size.number is None for size in sizes):
        yield f"{what} no size that is known before the run; {form}, or a conditional expression of such texts."


def _below(what: str, sizes: list[Size], own: list[Size], unit: str, owner: str) -> Iterator[str]:
    for size, least in _together(sizes, own):
        if size < least:
            yield (
                f"{what} {size:,} {unit}, below the {least:,} of {owner}; raise it, or lower the task definition's."
            )


def _together(sizes: list[Size], others: list[Size]) -> Iterator[tuple[int, int]]:
    """Yield every pair of sizes that a run may have together."""
    for size, other in product(sizes, others):
        if size.number is not None and other.number is not None and size.when.goes_with(other.when):
            yield size.number, other.number


def _sizes(written: Any, parse: Callable[[Any], int | None]) -> list[Size]:
    """Return the sizes that a value may have, none if it is absent."""
    if written is None:
        return []
    return [Size(parse(option.text), option) for option in possible(written)] or [Size(None)]


def _of_containers(run: TaskRun) -> Iterator[tuple[str, str, Any]]:
    """Yield the size overrides of containers; `override-names-container` reports computed overrides."""
    written = [] if run.containers is COMPUTED else run.containers
    for number, override in enumerate(written, 1):
        name = override["Name"] if isinstance(override.get("Name"), str) else f"container override {number}"
        for key in _OF_CONTAINERS:
            if (size := argument(override, key)) is not None:
                yield name, key, size


def _read(definition: Resource, path: str) -> Any:
    with errors_naming(definition):
        return read(definition, path)


RULES = (
    Rule(
        name="override-size-valid",
        requirement="The size overrides of a state are supported by Fargate, and not below the task definition's size.",
        rationale=(
            "AWS rejects an unsupported size only when the run reaches it, often at a retry with a larger size. A size "
            "below the definition's contradicts it: 4,096 MiB instead of 8,192."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation=(
            "Write Cpu and Memory of Overrides as texts from the table of task sizes, or as conditional "
            "expressions."
        ),
        url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html",
        scope=Scope.STACK,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_invalid_sizes,
    ),
)
