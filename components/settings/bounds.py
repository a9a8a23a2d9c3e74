"""The time limits and retries of each part of a run, from which the state machines are built."""

import math
from dataclasses import dataclass

from components.settings.run import Overlap, Run

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

# Running workers are checked in pages of 25. A run has at most 40; the next sweep finds any that remain.
SWEEP_TIMEOUT_SECONDS = 10
SWEEP_PAGES = 2
SWEEP = Backoff(max_attempts=1, interval_seconds=2)

# Events start the watch machine, and a schedule every few hours. Its longest path reports a missed success, and then
# makes the summary of an unreported run and reports that.
WATCH_TIMEOUT_SECONDS = 3600
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


def overlap_turns(run: Run) -> int:
    """Return the maximum number of attempts to claim the pipeline."""
    if run.overlap is Overlap.WAIT:
        return CLAIM_TURNS + math.ceil(run.overlap_wait_seconds / OVERLAP_PAUSE_SECONDS)
    return CLAIM_TURNS
