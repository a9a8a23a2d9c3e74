"""The time limits and retries of each part of a run, from which the state machines are built."""

import math
from dataclasses import dataclass

from components.settings.run import Overlap, Run
from components.settings.worker import Worker

# One call to an AWS service, such as a message or a metric, takes well under a second.
CALL_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Backoff:
    """The number of retries, and the wait before each one."""

    max_attempts: int
    interval_seconds: int
    rate: float = 2.0
    max_delay_seconds: int = 300


# A contested claim is settled in several attempts: S3 and Step Functions answer a request at once, or the next attempt
# repeats it.
CLAIM_TIMEOUT_SECONDS = 10
CLAIM_PAUSE_SECONDS = 5
CLAIM_TURNS = 5
# The interval at which a waiting run checks whether the other run has ended.
OVERLAP_PAUSE_SECONDS = 60

# Running workers are checked in pages of 25; the next sweep finds any that remain.
SWEEP_TIMEOUT_SECONDS = 10
# A description has 3 to 5 KB, including the task token, and a state may hold 256 KiB.
WORKERS_A_PAGE = 25
SWEEP = Backoff(max_attempts=1, interval_seconds=2)
_LEAST_PAGES = 2
# A page is listed and described, and each of its workers' executions described and stopped, with a retry of each.
_PAGE_SECONDS = 4 * (2 * SWEEP_TIMEOUT_SECONDS + SWEEP.interval_seconds)

# Events start the watch machine, and a schedule every few hours. Its longest path reports a missed success, and then
# makes the summary of an unreported run and reports that.
_WATCH_TIMEOUT_SECONDS = 3600
WATCH_HOURS = 6

CALL = Backoff(max_attempts=2, interval_seconds=2)
# The reporter retries by itself, and the watch machine later reports what the reporter could not send. The
# state's timeout is longer than the function's, to allow for a cold start.
REPORT = Backoff(max_attempts=1, interval_seconds=2)
REPORTER_TIMEOUT_SECONDS = 60
REPORT_TIMEOUT_SECONDS = 90
VALIDATION = Backoff(max_attempts=2, interval_seconds=30)

# A cold start takes a minute, and a run of 2,900 regions is reduced in seconds. Cost estimates assume the
# longest time for each start of the watch machine, so its wait is shorter.
SUMMARY_TIMEOUT_SECONDS = 240
WATCH_SUMMARY_TIMEOUT_SECONDS = 140
SUMMARY = Backoff(max_attempts=1, interval_seconds=10)


def start_backoff(run: Run) -> Backoff:
    """Return the policy for a worker that could not be started."""
    return Backoff(max_attempts=run.start_retries, interval_seconds=30)


def worker_backoff(run: Run) -> Backoff:
    """Return the policy for a worker that stopped before it finished."""
    return Backoff(max_attempts=run.worker_retries, interval_seconds=60)


def sweep_pages(worker: Worker) -> int:
    """Return the most pages of a sweep: for all shards, and a quarter more, since an old and a new attempt overlap."""
    return max(_LEAST_PAGES, math.ceil(worker.shards * 1.25 / WORKERS_A_PAGE))


def watch_timeout_seconds(worker: Worker) -> int:
    """Return the timeout of the watch machine, which is longer the more pages its sweep may read."""
    return _WATCH_TIMEOUT_SECONDS + (sweep_pages(worker) - _LEAST_PAGES) * _PAGE_SECONDS


def overlap_turns(run: Run) -> int:
    """Return the maximum number of attempts to claim the pipeline."""
    if run.overlap is Overlap.WAIT:
        return CLAIM_TURNS + math.ceil(run.overlap_wait_seconds / OVERLAP_PAUSE_SECONDS)
    return CLAIM_TURNS
