"""Whether Fargate runs a task of the size that a state gives it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from guardrails.aws.arguments import ALWAYS, COMPUTED, Possible, argument, possible
from guardrails.aws.fargate import CPU_FORM, MEMORY_FORM, cpu_units, memory_mib, size_fault
from guardrails.aws.links import texts_of, told_of
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
"""What may be overridden of a container's size: how it is read, its unit, and how to write it."""


@dataclass(frozen=True)
class Size:
    """A size that a task may have."""

    number: int | None
    """None where it is not known before the run, or no size."""
    when: Possible = ALWAYS


def _sizes_are_valid(subject: Subject) -> Iterator[str]:
    sized = [run for run in task_runs_of(subject) if _overrides_a_size(run) and _is_on_fargate(run)]
    if not sized:
        raise NotApplicableError("no state of the machine overrides the size of a task on Fargate")
    for run in sized:
        # Where any of several may be meant, the one that fits best is taken to be.
        faults = [list(_faults(run, definition)) for definition in run.definitions or (None,)]
        yield from min(faults, key=len)


def _overrides_a_size(run: TaskRun) -> bool:
    written = [argument(run.overrides, key) for key in ("Cpu", "Memory")]
    return any(one is not None for one in written) or any(True for _ in _of_containers(run))


def _is_on_fargate(run: TaskRun) -> bool:
    if argument(run.state.arguments, "LaunchType") in ("EC2", "EXTERNAL"):
        return False
    required = [texts_of(_read(one, "requiresCompatibilities")) for one in run.definitions]
    return not required or any(not one or "FARGATE" in one for one in required)


def _faults(run: TaskRun, definition: Resource | None) -> Iterator[str]:
    name = run.state.name
    if run.overrides is COMPUTED:
        yield (
            f"{name} computes its Overrides when it runs, so that nobody can tell its size, nor what it costs; write "
            "them as an object."
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
            yield f"{name} may run a size that Fargate does not: {fault}; change Cpu or Memory of its Overrides."
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
        yield f"{what} no size that is known before it runs; {form}, or a choice between such texts."


def _below(what: str, sizes: list[Size], own: list[Size], unit: str, owner: str) -> Iterator[str]:
    for size, least in _together(sizes, own):
        if size < least:
            yield (
                f"{what} {size:,} {unit}, below the {least:,} of {owner}; raise it, or lower the task definition's."
            )


def _together(sizes: list[Size], others: list[Size]) -> Iterator[tuple[int, int]]:
    """Yield every two sizes that a run may have at once."""
    for one in sizes:
        for other in others:
            if one.number is not None and other.number is not None and one.when.goes_with(other.when):
                yield one.number, other.number


def _sizes(written: Any, parse: Callable[[Any], int | None]) -> list[Size]:
    """Return the sizes that a value may be, none where it is not there."""
    if written is None:
        return []
    return [Size(parse(one.text), one) for one in possible(written)] or [Size(None)]


def _of_containers(run: TaskRun) -> Iterator[tuple[str, str, Any]]:
    """Yield the sizes that a run gives containers; of those that are computed the rule about their names tells."""
    written = [] if run.containers is COMPUTED else run.containers
    for number, one in enumerate(written, 1):
        name = one["Name"] if isinstance(one.get("Name"), str) else f"container override {number}"
        for key in _OF_CONTAINERS:
            if (size := argument(one, key)) is not None:
                yield name, key, size


def _read(definition: Resource, path: str) -> Any:
    with told_of(definition):
        return read(definition, path)


RULES = (
    Rule(
        name="override-size-valid",
        requirement="A state runs a task in a size that Fargate runs, not below the size of its definition.",
        rationale=(
            "A size that Fargate does not sell is refused only when the run comes to it, often at the retry that "
            "asked for more; one below the definition's contradicts it: 4,096 MiB under 8,192."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write Cpu and Memory of Overrides as texts, or as choices between texts, from the table of sizes.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html",
        scope=Scope.STACK,
        judges=frozenset({STATE_MACHINE}),
        judge=_sizes_are_valid,
    ),
)
