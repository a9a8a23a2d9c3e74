"""The cost of a task on AWS Fargate, and the specifications that each attempt of a task may run with.

AWS bills vCPU, memory and storage by the second from the pull of the image to the end of the task, at least one minute,
and a public IPv4 address for as long as the task has it. Sources: https://aws.amazon.com/fargate/pricing/ and
https://aws.amazon.com/vpc/pricing/.

A task without a launch type and a capacity provider runs with the default providers of its cluster, and on EC2 if the
cluster has none; with a cluster outside of the plan it is taken to run on Fargate, on demand.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from guardrails.aws.fargate import cpu_units, memory_mib
from guardrails.aws.references import texts_of
from guardrails.aws.task_arguments import ALWAYS, COMPUTED, Possible, argument, possible
from guardrails.aws.task_runs import TaskRun
from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.plan import Resource
from guardrails.properties import PropertyError, read, read_quantity, read_text

MINIMUM_SECONDS = 60
FREE_STORAGE_GIB = 20
MAX_TASKS_PER_CALL = 10
"""The most tasks that one call of RunTask starts (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html)."""
DISTINCT_ATTEMPTS = 64
"""The attempts that are priced one by one: conditions name the first attempts, and all later ones are alike."""
UNKNOWN_TASK_KEY = "fargate_x86_vcpu_hour"
"""The price under which a task of unknown cost is listed."""

_HOUR = 3_600
_UNITS_A_VCPU = 1_024
_MIB_A_GB = 1_024

_RETRY_COUNT = re.compile(r"\$states\.context\.State\.RetryCount (=|!=|<|<=|>|>=) (\d{1,9})")
_COMPARE = {
    "=": int.__eq__,
    "!=": int.__ne__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}


class UnknownCostError(Exception):
    """The cost of a task is unknown; the message names the missing fact."""


class InstanceCapacityError(UnknownCostError):
    """A task runs on EC2 or external instances, which are billed whether it runs or not."""

    def __init__(self) -> None:
        super().__init__("the instances that it runs on")


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """The billed properties of a task: size, platform, capacity, storage and address."""

    cpu_units: int
    memory_mib: int
    architecture: str
    """`x86` or `arm`, as in the keys of prices."""
    is_spot: bool
    storage_gib: int
    has_public_address: bool


def dearest_task(table: PriceTable, name: str, specs: Sequence[TaskSpec], seconds: Decimal) -> Bill:
    """Return the bill of a task of some duration with the most expensive of several specifications."""
    return max((_bill(table, name, spec, seconds) for spec in specs), key=lambda bill: bill.total)


def unknown_task(table: PriceTable, name: str, error: UnknownCostError) -> Bill:
    """Return the bill of a task whose cost is unknown."""
    key = "ec2_instance_hour" if isinstance(error, InstanceCapacityError) else UNKNOWN_TASK_KEY
    return unknown_quantity(table, key, name, str(error))


def task_specs(run: TaskRun, attempt: int) -> list[TaskSpec]:
    """Return the specifications that an attempt may run with; the first attempt is number 0.

    Raises:
        UnknownCostError: if the size, the platform or the capacity is unknown before the run.
    """
    if not run.definitions:
        raise UnknownCostError("a task definition that is not in the plan")
    if run.overrides is COMPUTED:
        raise UnknownCostError("Overrides, which are computed when it runs")
    spot_options, has_public_address = _spot_options(run, attempt), _may_have_public_address(run)
    specs = [
        TaskSpec(
            cpu_units=cpu,
            memory_mib=memory,
            architecture=_architecture(definition),
            is_spot=is_spot,
            storage_gib=storage,
            has_public_address=has_public_address,
        )
        for definition in run.definitions
        for cpu, memory in _sizes(run, definition, attempt)
        for is_spot in spot_options
        for storage in _storages(run, definition, attempt)
    ]
    if not specs:
        raise UnknownCostError("Cpu and Memory, of which no two go together")
    return specs


def max_tasks_started(run: TaskRun, attempt: int) -> int | None:
    """Return the most tasks that an attempt starts, or None if `Count` is computed at run time."""
    written = argument(run.state.arguments, "Count")
    if written is None:
        return 1
    counts = [option.text for option in _at(attempt, possible(written))]
    return max(map(int, counts)) if counts and all(map(str.isdecimal, counts)) else None


def _bill(table: PriceTable, name: str, spec: TaskSpec, seconds: Decimal) -> Bill:
    billed_seconds = max(seconds, Decimal(MINIMUM_SECONDS))
    # A region whose Spot prices are not known has on-demand prices, which Spot never exceeds.
    has_spot = spec.is_spot and f"fargate_spot_{spec.architecture}_vcpu_hour" in table.prices
    kind = f"fargate_{'spot_' if has_spot else ''}{spec.architecture}"
    quantities = {
        f"{kind}_vcpu_hour": Decimal(spec.cpu_units) / _UNITS_A_VCPU,
        f"{kind}_gb_hour": Decimal(spec.memory_mib) / _MIB_A_GB,
        "fargate_ephemeral_gb_hour": Decimal(max(0, spec.storage_gib - FREE_STORAGE_GIB)),
        "public_ipv4_hour": Decimal(spec.has_public_address),
    }
    return Bill.of(
        # Divide last, so that no intermediate result is rounded.
        bill_for(table, key, name, quantity * billed_seconds / _HOUR)
        for key, quantity in quantities.items()
        if quantity
    )


def _sizes(run: TaskRun, definition: Resource, attempt: int) -> Iterator[tuple[int, int]]:
    own_cpu, own_memory = _read(definition, "cpu"), _read(definition, "memory")
    cpus = _options(run, "Cpu", own_cpu, attempt)
    memories = _options(run, "Memory", own_memory, attempt)
    for cpu, memory in product(cpus, memories):
        if not cpu.goes_with(memory):
            continue
        units, mib = cpu_units(cpu.text), memory_mib(memory.text)
        if units is None or mib is None:
            raise UnknownCostError("Cpu and Memory, which are no sizes")
        yield units, mib


def _storages(run: TaskRun, definition: Resource, attempt: int) -> list[int]:
    override = argument(run.overrides, "EphemeralStorage")
    if override is not None:
        written = argument(override, "SizeInGiB")
        sizes = [option.text for option in _at(attempt, possible(written))]
        if not sizes or not all(size.isdecimal() for size in sizes):
            raise UnknownCostError("EphemeralStorage, which is computed when it runs")
        return [int(size) for size in sizes]
    try:
        return [int(read_quantity(definition, "ephemeralStorage.sizeInGib", FREE_STORAGE_GIB))]
    except PropertyError as error:
        raise UnknownCostError(f"the storage of {definition.name}: {error}") from None


def _options(run: TaskRun, key: str, own: Any, attempt: int) -> list[Possible]:
    """Return the values that an override may have in an attempt, or the task definition's own value."""
    written = argument(run.overrides, key)
    if written is None:
        if own is None:
            raise UnknownCostError(f"{key}, which neither the state nor the task definition sets")
        return [Possible(str(own), ALWAYS.given)]
    options = _at(attempt, possible(written))
    if not options:
        raise UnknownCostError(f"{key}, which is computed when it runs")
    return options


def _spot_options(run: TaskRun, attempt: int) -> set[bool]:
    """Return True for each way to run an attempt on Spot, and False for each way to run it on demand."""
    arguments = run.state.arguments
    if argument(arguments, "LaunchType") in ("EC2", "EXTERNAL"):
        raise InstanceCapacityError
    strategy = argument(arguments, "CapacityProviderStrategy")
    if not isinstance(strategy, list) or not strategy:
        _require_fargate(run)
        if argument(arguments, "LaunchType") is not None or run.default_providers is None:
            return {False}
        strategy = [{"CapacityProvider": provider} for provider in run.default_providers]
        if not strategy:
            raise InstanceCapacityError
    is_spot = set()
    for item in strategy:
        providers = _at(attempt, possible(argument(item, "CapacityProvider")))
        for provider in providers or (Possible("FARGATE"),):
            if provider.text not in ("FARGATE", "FARGATE_SPOT"):
                raise InstanceCapacityError
            is_spot.add(provider.text == "FARGATE_SPOT")
    return is_spot


def _require_fargate(run: TaskRun) -> None:
    for definition in run.definitions:
        required = texts_of(_read(definition, "requiresCompatibilities"))
        if required and "FARGATE" not in required:
            raise InstanceCapacityError


def _architecture(definition: Resource) -> str:
    try:
        system = read_text(definition, "runtimePlatform.operatingSystemFamily") or "LINUX"
        architecture = read_text(definition, "runtimePlatform.cpuArchitecture")
    except PropertyError as error:
        raise UnknownCostError(f"the platform of {definition.name}: {error}") from None
    if system != "LINUX":
        raise UnknownCostError("the price of Windows on AWS Fargate, which the price table does not have")
    return "arm" if architecture == "ARM64" else "x86"


def _may_have_public_address(run: TaskRun) -> bool:
    """Return True if a task may get a public address, which it may if the setting is computed at run time."""
    value: Any = run.state.arguments
    for key in ("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp"):
        value = argument(value, key)
        if value is None:
            return False
        if value is COMPUTED:
            return True
    return {option.text for option in possible(value)} != {"DISABLED"}


def _at(attempt: int, options: tuple[Possible, ...]) -> list[Possible]:
    """Return the options that may apply to an attempt; a condition that cannot be parsed counts as true."""
    return [option for option in options if all(_may_hold(*given, attempt) for given in option.given)]


def _may_hold(condition: str, holds: bool, attempt: int) -> bool:
    match = _RETRY_COUNT.fullmatch(condition)
    return match is None or _COMPARE[match[1]](attempt, int(match[2])) is holds


def _read(definition: Resource, path: str) -> Any:
    try:
        return read(definition, path)
    except PropertyError as error:
        raise UnknownCostError(f"{path} of {definition.name}: {error}") from None
