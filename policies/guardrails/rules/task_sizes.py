"""The rule that the size of a task definition is one that Fargate supports."""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.aws.containers import containers_of, name_of
from guardrails.aws.fargate import CPU_FORM, MEMORY_FORM, cpu_units, memory_mib, size_fault
from guardrails.aws.types import TASK_DEFINITION
from guardrails.properties import read, read_list, read_text
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_MEMORIES = ("memory", "memoryReservation")


def _invalid_size(subject: Subject) -> Iterator[str]:
    task = subject.resource
    if "FARGATE" not in read_list(task, "requiresCompatibilities"):
        raise NotApplicableError("it does not require Fargate")
    mode = read_text(task, "networkMode")
    if mode != "awsvpc":
        yield f"networkMode is {mode or 'not set'}, but Fargate supports only awsvpc; write awsvpc."
    cpu, memory = cpu_units(read(task, "cpu")), memory_mib(read(task, "memory"))
    if cpu is None:
        yield f"cpu is not set, or not a size; {CPU_FORM}."
    if memory is None:
        yield f"memory is not set, or not a size; {MEMORY_FORM}."
    if cpu is not None and memory is not None and (fault := size_fault(cpu, memory)):
        yield f"Fargate does not support its size: {fault}; change cpu or memory."
    numbered = enumerate(containers_of(subject), 1)
    containers = {name_of(container, number): container for number, container in numbered}
    yield from _invalid_numbers(containers)
    if cpu is not None:
        yield from _cpu_above_task(containers, cpu)
    if memory is not None:
        yield from _memory_above_task(containers, memory)


Containers = Mapping[str, Mapping[str, Any]]
"""By name."""


def _invalid_numbers(containers: Containers) -> Iterator[str]:
    for name, container in containers.items():
        for key in ("cpu", *_MEMORIES):
            if container.get(key) is not None and _units(container, key) is None:
                yield f"{key} of {name} is not a whole number; write one."


def _cpu_above_task(containers: Containers, cpu: int) -> Iterator[str]:
    units = {name: _units(container, "cpu") for name, container in containers.items()}
    shares = {name: share for name, share in units.items() if share}
    total = sum(shares.values())
    if total > cpu:
        parts = " + ".join(f"{share:,} of {name}" for name, share in shares.items())
        yield (
            f"its containers have {total:,} CPU units ({parts}), more than the task's {cpu:,}; lower the cpu of a "
            "container or raise the task's."
        )


def _memory_above_task(containers: Containers, memory: int) -> Iterator[str]:
    reserved: dict[str, int] = {}
    for name, container in containers.items():
        sizes = {key: mib for key in _MEMORIES if (mib := _units(container, key)) is not None}
        for key, mib in sizes.items():
            if mib > memory:
                yield (
                    f"{key} of {name} is {mib:,} MiB, more than the task's {memory:,}; lower it or raise the task's "
                    "memory."
                )
        # The reservation of a container without memoryReservation is its memory.
        if sizes:
            reserved[name] = sizes.get("memoryReservation", sizes.get("memory", 0))
    total = sum(reserved.values())
    if total > memory >= max(reserved.values(), default=0):
        parts = " + ".join(f"{mib:,} of {name}" for name, mib in reserved.items())
        yield (
            f"its containers reserve {total:,} MiB ({parts}), more than the task's {memory:,}; lower the "
            "memoryReservation or the memory of a container, or raise the task's memory."
        )


def _units(container: Mapping[str, Any], key: str) -> int | None:
    value = container.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


RULES = (
    Rule(
        name="task-size-valid",
        requirement="A task definition has a size that Fargate supports, and its containers fit into it.",
        rationale=(
            "Fargate supports certain pairs of CPU and memory. AWS rejects any other pair when the definition is "
            "registered, in the middle of a deployment, or when a run starts."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Use a pair of cpu and memory from the table of task sizes, with networkMode awsvpc.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({TASK_DEFINITION}),
        evaluate=_invalid_size,
    ),
)
