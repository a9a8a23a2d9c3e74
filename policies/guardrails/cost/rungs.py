"""What an attempt of a task runs on: the size and the capacity that its state gives this attempt.

A task whose launch type and capacity provider nobody names is taken to run on AWS Fargate, on demand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from guardrails.aws.arguments import ALWAYS, COMPUTED, Possible, argument, possible
from guardrails.aws.fargate import cpu_units, memory_mib
from guardrails.aws.links import texts_of
from guardrails.aws.task_runs import TaskRun
from guardrails.plan import Resource
from guardrails.properties import PropertyError, read, read_number, read_text

FREE_STORAGE_GIB = 20
MOST_TASKS = 10
"""That one call of RunTask starts (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html)."""
LADDER = 64
"""The attempts that are looked at one by one: conditions name the first ones, and after these one is like another."""

_RETRY_COUNT = re.compile(r"\$states\.context\.State\.RetryCount (=|!=|<|<=|>|>=) (\d{1,9})")
_COMPARE = {
    "=": int.__eq__,
    "!=": int.__ne__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}


class UnpricedError(Exception):
    """Nobody can tell what a task costs; the message says what that depends on."""


class OtherCapacityError(UnpricedError):
    """A task runs on instances, which are billed whether it runs or not."""

    def __init__(self) -> None:
        super().__init__("the instances that it runs on")


@dataclass(frozen=True, kw_only=True)
class Rung:
    """What an attempt runs on."""

    cpu_units: int
    memory_mib: int
    architecture: str
    """As in the keys of prices: `x86` or `arm`."""
    is_spot: bool
    storage_gib: int
    has_public_address: bool


def rungs(run: TaskRun, attempt: int) -> list[Rung]:
    """Return what an attempt may run on, the first of which is number 0.

    Raises:
        UnpricedError: where nobody can tell.
    """
    if not run.definitions:
        raise UnpricedError("a task definition that is not in the plan")
    if run.overrides is COMPUTED:
        raise UnpricedError("Overrides, which are computed when it runs")
    capacities, has_public_address = _capacities(run, attempt), _may_have_public_address(run)
    found = [
        Rung(
            cpu_units=cpu,
            memory_mib=memory,
            architecture=_architecture(definition),
            is_spot=is_spot,
            storage_gib=storage,
            has_public_address=has_public_address,
        )
        for definition in run.definitions
        for cpu, memory in _sizes(run, definition, attempt)
        for is_spot in capacities
        for storage in _storages(run, definition, attempt)
    ]
    if not found:
        raise UnpricedError("Cpu and Memory, of which no two go together")
    return found


def tasks_started(run: TaskRun, attempt: int) -> int | None:
    """Return how many tasks an attempt starts at most, or None where only a run knows it."""
    written = argument(run.state.arguments, "Count")
    if written is None:
        return 1
    counts = [one.text for one in _at(attempt, possible(written))]
    return max(map(int, counts)) if counts and all(map(str.isdecimal, counts)) else None


def _sizes(run: TaskRun, definition: Resource, attempt: int) -> Iterator[tuple[int, int]]:
    own_cpu, own_memory = _read(definition, "cpu"), _read(definition, "memory")
    cpus = _texts(run, "Cpu", own_cpu, attempt)
    memories = _texts(run, "Memory", own_memory, attempt)
    for cpu, memory in product(cpus, memories):
        if not cpu.goes_with(memory):
            continue
        units, mib = cpu_units(cpu.text), memory_mib(memory.text)
        if units is None or mib is None:
            raise UnpricedError("Cpu and Memory, which are no sizes")
        yield units, mib


def _storages(run: TaskRun, definition: Resource, attempt: int) -> list[int]:
    override = argument(run.overrides, "EphemeralStorage")
    if override is not None:
        written = argument(override, "SizeInGiB")
        sizes = [one.text for one in _at(attempt, possible(written))]
        if not sizes or not all(size.isdecimal() for size in sizes):
            raise UnpricedError("EphemeralStorage, which is computed when it runs")
        return [int(size) for size in sizes]
    try:
        return [int(read_number(definition, "ephemeralStorage.sizeInGib") or FREE_STORAGE_GIB)]
    except PropertyError as error:
        raise UnpricedError(f"the storage of {definition.name}: {error}") from None


def _texts(run: TaskRun, key: str, own: Any, attempt: int) -> list[Possible]:
    written = argument(run.overrides, key)
    if written is None:
        if own is None:
            raise UnpricedError(f"{key}, which neither the state nor the task definition sets")
        return [Possible(str(own), ALWAYS.given)]
    found = _at(attempt, possible(written))
    if not found:
        raise UnpricedError(f"{key}, which is computed when it runs")
    return found


def _capacities(run: TaskRun, attempt: int) -> set[bool]:
    """Return whether an attempt may run on Spot, and whether it may not."""
    arguments = run.state.arguments
    if argument(arguments, "LaunchType") in ("EC2", "EXTERNAL"):
        raise OtherCapacityError
    strategy = argument(arguments, "CapacityProviderStrategy")
    if not isinstance(strategy, list) or not strategy:
        _refuse_other_than_fargate(run)
        return {False}
    found = set()
    for one in strategy:
        texts = _at(attempt, possible(argument(one, "CapacityProvider")))
        for text in texts or (Possible("FARGATE"),):
            if text.text not in ("FARGATE", "FARGATE_SPOT"):
                raise OtherCapacityError
            found.add(text.text == "FARGATE_SPOT")
    return found


def _refuse_other_than_fargate(run: TaskRun) -> None:
    for definition in run.definitions:
        required = texts_of(_read(definition, "requiresCompatibilities"))
        if required and "FARGATE" not in required:
            raise OtherCapacityError


def _architecture(definition: Resource) -> str:
    try:
        system = read_text(definition, "runtimePlatform.operatingSystemFamily") or "LINUX"
        architecture = read_text(definition, "runtimePlatform.cpuArchitecture")
    except PropertyError as error:
        raise UnpricedError(f"the platform of {definition.name}: {error}") from None
    if system != "LINUX":
        raise UnpricedError("the price of Windows on AWS Fargate, which is not known here")
    return "arm" if architecture == "ARM64" else "x86"


def _may_have_public_address(run: TaskRun) -> bool:
    """Tell whether a task may get a public address; where only a run knows it, it may."""
    value: Any = run.state.arguments
    for key in ("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp"):
        value = argument(value, key)
        if value is None:
            return False
        if value is COMPUTED:
            return True
    return {one.text for one in possible(value)} != {"DISABLED"}


def _at(attempt: int, options: tuple[Possible, ...]) -> list[Possible]:
    """Return the options that an attempt may have, as far as their conditions tell."""
    return [option for option in options if all(_may_hold(*given, attempt) for given in option.given)]


def _may_hold(condition: str, holds: bool, attempt: int) -> bool:
    match = _RETRY_COUNT.fullmatch(condition)
    return match is None or _COMPARE[match[1]](attempt, int(match[2])) is holds


def _read(definition: Resource, path: str) -> Any:
    try:
        return read(definition, path)
    except PropertyError as error:
        raise UnpricedError(f"{path} of {definition.name}: {error}") from None
