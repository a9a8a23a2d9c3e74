"""Fargate's rules: task sizes, and the choice of a capacity provider by a strategy."""

from collections.abc import Mapping, Sequence
from typing import Any

_GIB = 1024

# Amazon ECS Developer Guide, "Task definition parameters for Fargate": MiB of memory by CPU units.
SIZES: Mapping[int, Sequence[int]] = {
    256: (512, _GIB, 2 * _GIB),
    512: range(_GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
    32768: (60 * _GIB, 120 * _GIB, 180 * _GIB, 240 * _GIB, 244 * _GIB),
}


def is_size(cpu: str | None, memory_mib: str | None) -> bool:
    """Return True if Fargate has tasks of this size."""
    if not (cpu and memory_mib and cpu.isdecimal() and memory_mib.isdecimal()):
        return False
    return int(memory_mib) in SIZES.get(int(cpu), ())


def place(strategy: Sequence[Mapping[str, Any]]) -> str:
    """Return the capacity provider of a strategy's first task: base first, then weight.

    Source: Amazon ECS Developer Guide, "Capacity providers for Fargate" (base and weight).
    """
    chosen = max(strategy, key=lambda item: (item.get("base", 0) > 0, item.get("weight", 0)))
    return str(chosen["capacityProvider"])
