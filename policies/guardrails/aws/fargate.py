"""The task sizes that AWS Fargate supports.

Source: "Amazon ECS task definition parameters for Fargate", section Task size
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html).
"""

import re
from typing import Any

MEMORY_MIB: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""The memory sizes in MiB that each number of CPU units supports."""

CPU_FORM = "write CPU units, as in 1024, or vCPUs, as in 1 vCPU"
MEMORY_FORM = "write MiB, as in 2048, or GB, as in 2 GB"

_WRITTEN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?|\.\d{1,6})\s*(vcpu|gb)?", re.IGNORECASE)


def cpu_units(written: Any) -> int | None:
    """Return the CPU units of a text such as `1024` or `1 vCPU`, or None if it is not a size."""
    return _size(written, "vcpu")


def memory_mib(written: Any) -> int | None:
    """Return the MiB of a text such as `2048` or `2 GB`, or None if it is not a size."""
    return _size(written, "gb")


def size_fault(cpu: int, memory: int) -> str | None:
    """Return the reason why Fargate does not support a size, or None if it does."""
    sizes = MEMORY_MIB.get(cpu)
    if sizes is None:
        return f"{cpu:,} CPU units are none of {', '.join(f'{units:,}' for units in MEMORY_MIB)}"
    if memory in sizes:
        return None
    if len(sizes) == 3:
        return f"{cpu:,} CPU units support {sizes[0]:,}, {sizes[1]:,} or {sizes[2]:,} MiB, not {memory:,}"
    return (
        f"{cpu:,} CPU units support {sizes[0]:,} to {sizes[-1]:,} MiB in steps of {sizes[1] - sizes[0]:,}, "
        f"not {memory:,}"
    )


def _size(written: Any, unit: str) -> int | None:
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    match = _WRITTEN.fullmatch(str(written).strip())
    if match is None or (match[2] and match[2].lower() != unit):
        return None
    size = float(match[1]) * (1024 if match[2] else 1)
    return int(size) if size == int(size) else None
