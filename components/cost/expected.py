"""The usage expected of a run, from which policies estimate its cost: the input `expected` of the components.

It assumes a typical run: all regions of the settings, no failure, and not the first run of the stack.
"""

from typing import Any

from components.cost.happy_path import shard_seconds
from components.cost.usage import REPORTER_SECONDS, run_usage, watch_usage
from components.machines.asl import Machine
from components.machines.weekly.state_names import WeeklyState
from components.settings import Settings
from components.settings.bounds import VALIDATION, start_backoff, worker_backoff
from components.settings.worker import SUMMARY_SECONDS, VALIDATION_SECONDS

NOTICES_A_MONTH = 20


def expected_run(settings: Settings, machine: Machine) -> dict[str, Any]:
    """Return the expected usage of a run of the weekly machine."""
    seconds = shard_seconds(settings)
    return {
        "path": list(machine.expected_path),
        "seconds": {
            WeeklyState.VALIDATE_INPUTS: VALIDATION_SECONDS,
            WeeklyState.RUN_SHARD: seconds,
            WeeklyState.SUMMARIZE_RUN: SUMMARY_SECONDS,
        },
        "run": run_usage(settings, seconds),
        "everyStarts": settings.schedule.every_weeks,
    }


def expected_watch(settings: Settings, machine: Machine, run: str) -> dict[str, Any]:
    """Return the expected usage of the watch machine, which a run's events also start; `run` is the machine's name.

    An event leads to fewer states than the sweep that represents it here.
    """
    workers = 1 + VALIDATION.max_attempts
    of_shard = 1 + start_backoff(settings.run).max_attempts + worker_backoff(settings.run).max_attempts
    ends = 1
    return {
        "path": list(machine.expected_path),
        "run": watch_usage(settings),
        "startsByRun": {run: workers + settings.worker.shards * of_shard + ends},
    }


def expected_reporter(function: str) -> dict[str, Any]:
    """Return the expected usage of the reporter; `function` is the name of its resource."""
    return {
        "seconds": {function: REPORTER_SECONDS},
        # Alarms, their returns to OK, and budget warnings.
        "month": {"lambda_request": NOTICES_A_MONTH},
    }
