"""The expected duration and cost of a run by its regions and shards, from the model of the estimates."""

from dataclasses import dataclass
from decimal import Decimal

from components.cost.happy_path import billed_besides, run_transitions
from components.cost.unit_prices import unit_prices
from components.machines.weekly.machine import weekly_machine
from components.settings import Settings
from components.settings.names import Names
from components.settings.run import Run
from components.settings.shard_count import with_shards
from components.settings.worker import INLINE_SHARDS, MAX_SHARDS, Worker, Workload
from docs.cost.arithmetic import run_of
from docs.stack_files import settings_of
from guardrails.cost.bill import Case

REGIONS = (29, 100, 290, 1_000, 2_900, 10_000, 29_000)
SHARDS = (1, 2, 10, INLINE_SHARDS, MAX_SHARDS)
TARGET_MINUTES = (30, 60, 120, 480)
SECONDS_A_REGION = 60


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The expected run of so many regions in so many shards."""

    seconds: int
    usd: Decimal
    transitions: int
    fits: bool
    """False if a shard takes longer than the longest timeout of a task."""


def estimate(regions: int, shards: int) -> Estimate:
    """Return the expected run of a program that takes a minute for a region, on the stack dev."""
    settings = _settings(regions, shards)
    machine = weekly_machine(settings, Names.of(settings))
    share_seconds = settings.worker.expected_shard_seconds(regions)
    prices = unit_prices(settings, billed_besides(settings, machine))
    assert prices is not None, f"the region {settings.region} has no prices"  # noqa: S101 - a region of the table
    return Estimate(
        seconds=settings.worker.expected_run_seconds(regions),
        usd=sum((attempts.usd for attempts in run_of(settings, Case.EXPECTED)), prices.run),
        transitions=run_transitions(settings, machine),
        fits=share_seconds <= longest_task_seconds(),
    )


def worker_for(regions: int, minutes: int) -> Worker | None:
    """Return the worker of the same run with the shards for a target, or None if the target cannot be met."""
    settings = _settings(regions, 1)
    worker = Worker(
        workload=Workload.EACH, expected_seconds_per_region=SECONDS_A_REGION, target_minutes=minutes
    )
    try:
        return with_shards(worker, settings.command, settings.monitoring)
    except ValueError:
        return None


def longest_task_seconds() -> int:
    """Return the highest value of `run.taskTimeoutSeconds`."""
    bounds = Run.model_fields["task_timeout_seconds"].metadata
    return next(int(bound.le) for bound in bounds if hasattr(bound, "le"))


def _settings(regions: int, shards: int) -> Settings:
    dev = settings_of("dev")
    worker = dev.worker.model_copy(
        update={
            "workload": Workload.EACH,
            "shards": shards,
            "expected_seconds_per_region": SECONDS_A_REGION,
            "size": "standard",
        }
    )
    monitoring = dev.monitoring.model_copy(update={"regions_count": regions})
    return dev.model_copy(update={"worker": worker, "monitoring": monitoring})
