"""Whether Fargate runs a task of the size that its definition has."""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.aws.containers import containers_of, name_of
from guardrails.aws.fargate import CPU_FORM, MEMORY_FORM, cpu_units, memory_mib, size_fault
from guardrails.aws.types import TASK_DEFINITION
from guardrails.properties import read, read_list, read_text
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_MEMORIES = ("memory", "memoryReservation")


def _is_a_size(subject: Subject) -> Iterator[str]:
    task = subject.resource
    if "FARGATE" not in read_list(task, "requiresCompatibilities"):
        raise NotApplicableError("it does not require Fargate")
    mode = read_text(task, "networkMode")
    if mode != "awsvpc":
        yield f"networkMode is {mode or 'not set'}, and Fargate runs awsvpc only; write awsvpc."
    cpu, memory = cpu_units(read(task, "cpu")), memory_mib(read(task, "memory"))
    if cpu is None:
        yield f"cpu is not set, or no size; {CPU_FORM}."
    if memory is None:
        yield f"memory is not set, or no size; {MEMORY_FORM}."
    if cpu is not None and memory is not None and (fault := size_fault(cpu, memory)):
        yield f"Fargate does not run its size: {fault}; change cpu or memory."
    containers = {name_of(one, number): one for number, one in enumerate(containers_of(subject), 1)}
    yield from _misread(containers)
    if cpu is not None:
        yield from _beyond_cpu(containers, cpu)
    if memory is not None:
        yield from _beyond_memory(containers, memory)


Containers = Mapping[str, Mapping[str, Any]]
"""By name."""


def _misread(containers: Containers) -> Iterator[str]:
    for name, container in containers.items():
        for key in ("cpu", *_MEMORIES):
            if container.get(key) is not None and _units(container, key) is None:
                yield f"{key} of {name} is not a whole number; write one."


def _beyond_cpu(containers: Containers, cpu: int) -> Iterator[str]:
    shares = {name: share for name, one in containers.items() if (share := _units(one, "cpu"))}
    total = sum(shares.values())
    if total > cpu:
        parts = " + ".join(f"{share:,} of {name}" for name, share in shares.items())
        yield (
            f"its containers have {total:,} CPU units ({parts}), more than the task's {cpu:,}; lower the cpu of a "
            "container or raise the task's."
        )


def _beyond_memory(containers: Containers, memory: int) -> Iterator[str]:
    reserved: dict[str, int] = {}
    for name, container in containers.items():
        sizes = {key: mib for key in _MEMORIES if (mib := _units(container, key)) is not None}
        for key, mib in sizes.items():
            if mib > memory:
                yield (
                    f"{key} of {name} is {mib:,} MiB, more than the task's {memory:,}; lower it or raise the task's "
                    "memory."
                )
        # What is reserved for a container is its memory where it has no memoryReservation.
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
        requirement="A task definition has a size that Fargate runs, and its containers fit into it.",
        rationale=(
            "Fargate sells CPU and memory in pairs; another pair is refused when the definition is registered, in the "
            "middle of a deployment, or when a run starts."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Take a pair of cpu and memory from the table of task sizes, with networkMode awsvpc.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
        scope=Scope.RESOURCE,
        judges=frozenset({TASK_DEFINITION}),
        judge=_is_a_size,
    ),
)
