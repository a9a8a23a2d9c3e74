"""What is expected of a run, by which policies reckon its cost: the input `expected` of the components.

Expected is a run as most are: of all the regions that the settings name, without a failure, and not the first one.
"""

from typing import Any

from components import stalled_workers, subscriptions
from components.cost.good_run import run_path, shard_seconds
from components.cost.uses import run_uses, watch_uses
from components.settings import Settings
from components.settings.bounds import VALIDATION, start_backoff, worker_backoff
from components.settings.worker import SUMMARY_SECONDS, VALIDATION_SECONDS
from components.steps import Step
from components.watch import Watch

_SWEEP = (
    Watch.BEGIN,
    Watch.RECOGNISE,
    *stalled_workers.WITHOUT_ANY,
    Watch.CHECK_DUE,
    *subscriptions.WITHOUT_FAULT,
    Watch.READ_SCHEDULE,
    Watch.READ_LAST_SUCCESS,
    Watch.COUNT_HOURS,
    Watch.PUBLISH_HOURS,
    Watch.CHECK_MISSED,
    Watch.CHECK_FAILURE,
    Watch.DONE,
)


def expected_run(settings: Settings) -> dict[str, Any]:
    """Return what is expected of a run."""
    seconds = shard_seconds(settings)
    return {
        "path": list(run_path(settings)),
        "seconds": {
            Step.VALIDATE_INPUTS: VALIDATION_SECONDS,
            Step.RUN_SHARD: seconds,
            Step.SUMMARIZE_RUN: SUMMARY_SECONDS,
        },
        "run": run_uses(settings, seconds),
        "everyStarts": settings.schedule.every_weeks,
    }


def expected_watch(settings: Settings, run: str) -> dict[str, Any]:
    """Return what is expected of the watch, which the events of each run start too; `run` is the machine's name.

    What an event starts has fewer states than the sweep that stands for it here.
    """
    workers = 1 + VALIDATION.max_attempts
    of_shard = 1 + start_backoff(settings.run).max_attempts + worker_backoff(settings.run).max_attempts
    ends = 1
    return {
        "path": list(_SWEEP),
        "run": watch_uses(settings),
        "startsByRun": {run: workers + settings.worker.shards * of_shard + ends},
    }
