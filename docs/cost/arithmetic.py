"""The cost of a run's workers, attempt by attempt, as a product of size, hours and price."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from components.settings import Settings
from components.settings.bounds import (
    SUMMARY,
    SUMMARY_TIMEOUT_SECONDS,
    VALIDATION,
    start_backoff,
    worker_backoff,
)
from components.settings.fargate import Size
from components.settings.worker import SUMMARY_SECONDS, VALIDATION_SECONDS, Architecture
from guardrails.cost.bill import Case
from guardrails.cost.fargate import FREE_STORAGE_GIB, TaskSpec, dearest_task
from guardrails.cost.prices.table import table

_SECONDS_AN_HOUR = 3_600
_UNITS_A_VCPU, _MIB_A_GB = 1_024, 1_024


@dataclass(frozen=True, kw_only=True)
class Worker:
    """The size and capacity of an attempt, in a region."""

    region: str
    size: Size
    is_spot: bool = False
    is_arm: bool = False
    storage_gib: int = FREE_STORAGE_GIB
    has_public_address: bool = True

    @property
    def usd_an_hour(self) -> Decimal:
        """The cost of an hour."""
        on = TaskSpec(
            cpu_units=self.size.cpu_units,
            memory_mib=self.size.memory_mib,
            architecture="arm" if self.is_arm else "x86",
            is_spot=self.is_spot,
            storage_gib=self.storage_gib,
            has_public_address=self.has_public_address,
        )
        return dearest_task(table(self.region), "worker", [on], Decimal(_SECONDS_AN_HOUR)).total

    @property
    def vcpus(self) -> Decimal:
        """Return the number of virtual CPUs."""
        return Decimal(self.size.cpu_units) / _UNITS_A_VCPU

    @property
    def memory_gb(self) -> Decimal:
        """Return the memory in Fargate's GB, which are GiB."""
        return Decimal(self.size.memory_mib) / _MIB_A_GB


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """A number of attempts with the same worker and duration."""

    what: str
    on: Worker
    times: int
    seconds: int
    """The billed seconds of each."""

    @property
    def usd(self) -> Decimal:
        """The cost of all of them."""
        return self.on.usd_an_hour * self.times * self.seconds / _SECONDS_AN_HOUR


def first_worker(settings: Settings) -> Worker:
    """Return the worker of the first attempt of a shard."""
    return Worker(
        region=settings.region,
        size=settings.worker.task_size(settings.monitoring.regions_count),
        is_spot=settings.worker.spot,
        is_arm=settings.worker.architecture is Architecture.ARM64,
        storage_gib=settings.worker.ephemeral_storage_gib or FREE_STORAGE_GIB,
        has_public_address=settings.network.gives_public_addresses,
    )


def later_worker(settings: Settings) -> Worker:
    """Return the worker of each later attempt of a shard."""
    first = first_worker(settings)
    return replace(first, size=first.size.next_up(), is_spot=False)


def later_attempts(settings: Settings) -> int:
    """Return the maximum number of attempts of a shard after the first."""
    return start_backoff(settings.run).max_attempts + worker_backoff(settings.run).max_attempts


def run_of(settings: Settings, case: Case) -> tuple[Attempts, ...]:
    """Return the expected attempts of a run, or all possible ones, each on demand and up to its timeout."""
    return tuple(_worst(settings) if case is Case.WORST else _expected(settings))


def _expected(settings: Settings) -> Iterator[Attempts]:
    shards = settings.worker.shards
    seconds = settings.worker.expected_shard_seconds(settings.monitoring.regions_count)
    first = first_worker(settings)
    yield Attempts(what="validation", on=replace(first, is_spot=False), times=1, seconds=VALIDATION_SECONDS)
    yield Attempts(what="the work", on=first, times=shards, seconds=seconds)
    yield Attempts(what="the summary", on=replace(first, is_spot=False), times=1, seconds=SUMMARY_SECONDS)


def _worst(settings: Settings) -> Iterator[Attempts]:
    run, shards = settings.run, settings.worker.shards
    first = replace(first_worker(settings), is_spot=False)
    yield Attempts(
        what="validation",
        on=first,
        times=1 + VALIDATION.max_attempts,
        seconds=run.validation_timeout_seconds,
    )
    yield Attempts(what="the work, first attempt", on=first, times=shards, seconds=run.task_timeout_seconds)
    yield Attempts(
        what="the work, later attempts",
        on=later_worker(settings),
        times=shards * later_attempts(settings),
        seconds=run.task_timeout_seconds,
    )
    yield Attempts(
        what="the summary", on=first, times=1 + SUMMARY.max_attempts, seconds=SUMMARY_TIMEOUT_SECONDS
    )
