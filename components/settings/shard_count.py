"""The number of shards of a run: a number of the settings, or the smallest one that is expected to meet a target."""

import math

from components.settings.command import REGIONS, Command
from components.settings.monitoring import Monitoring
from components.settings.worker import MAX_SHARDS, Worker


def takes_regions(worker: Worker, command: Command) -> bool:
    """Return true if a worker can process some of the regions."""
    return worker.workload.can_resume or command.takes_regions


def with_shards(worker: Worker, command: Command, monitoring: Monitoring) -> Worker:
    """Return the settings of a worker with the number of shards that its target needs, if it has one.

    Raises:
        ValueError: if the highest number of shards is not expected to meet the target, or if both are given.
    """
    if worker.target_minutes is None:
        return worker
    if "shards" in worker.model_fields_set:
        message = (
            f"{worker.target_minutes} and worker.shards {worker.shards} both decide the number of workers; "
            "write one of them"
        )
        raise ValueError(message)
    regions = monitoring.regions_count
    most, reason = _most_shards(worker, command, regions)
    for shards in range(1, most + 1):
        found = worker.model_copy(update={"shards": shards})
        seconds = found.expected_run_seconds(regions)
        if seconds <= worker.target_minutes * 60:
            return found
    remedy = "" if takes_regions(worker, command) else f", have {REGIONS} among command.program"
    message = (
        f"{worker.target_minutes} is less than the {seconds} s that a run is expected to take in {most} "
        f"shard{'s' if most > 1 else ''}, the most {reason}; write {math.ceil(seconds / 60)} or more{remedy}, or lower "
        "worker.expectedSecondsPerRegion"
    )
    raise ValueError(message)


def explained(worker: Worker, regions: int) -> str:
    """Return a sentence about the number of shards that follows from a target, or an empty text without one."""
    if worker.target_minutes is None:
        return ""
    minutes = math.ceil(worker.expected_run_seconds(regions) / 60)
    return (
        f"Shards: {worker.shards}, the fewest for the target of {worker.target_minutes} min; a run is expected to take "
        f"{minutes} min."
    )


def _most_shards(worker: Worker, command: Command, regions: int) -> tuple[int, str]:
    """Return the highest number of shards, and the reason for it."""
    if not takes_regions(worker, command):
        return 1, f"that the workload {worker.workload} can be split into"
    if regions < MAX_SHARDS:
        return regions, f"for {regions} region{'s' if regions > 1 else ''}"
    return MAX_SHARDS, "that a run can have"
