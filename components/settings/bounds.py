"""The time limits of each part of a run: the state machine is built from them and checked against them."""

import math
from dataclasses import dataclass

from components.settings.run import Overlap, Run

# One call to an AWS service, such as a message or a metric, is over in well under a second.
CALL_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Backoff:
    """How often something is tried again, and how long it waits before each try."""

    max_attempts: int
    interval_seconds: int
    rate: float = 2.0
    max_delay_seconds: int = 300

    @property
    def worst_case_seconds(self) -> int:
        """All waits together; jitter only shortens them."""
        waits = (self.interval_seconds * self.rate**attempt for attempt in range(self.max_attempts))
        return int(sum(min(wait, self.max_delay_seconds) for wait in waits))

    def around(self, timeout_seconds: int) -> int:
        """Return the worst case of something that is tried again by this policy, in seconds."""
        return (1 + self.max_attempts) * timeout_seconds + self.worst_case_seconds


# A claim is contested in turns: what it asks S3 and Step Functions is answered at once, or asked again in the next one.
CLAIM_TIMEOUT_SECONDS = 10
CLAIM_PAUSE_SECONDS = 5
CLAIM_TURNS = 5
# How often a run that waits for another one looks whether it is over.
OVERLAP_PAUSE_SECONDS = 60

# Workers that still run are looked through in pages of 25; a run has 40 at most, and what is left is found next time.
SWEEP_TIMEOUT_SECONDS = 10
SWEEP_PAGES = 2
SWEEP = Backoff(max_attempts=1, interval_seconds=2)

# Events start the watch machine, and a schedule every few hours. Its longest path reports a missed success, and then
# makes the summary of an unreported run and reports that.
WATCH_TIMEOUT_SECONDS = 3600
WATCH_HOURS = 6

CALL = Backoff(max_attempts=2, interval_seconds=2)
# The reporter retries by itself, and the watch machine reports later what it could not send. The state's timeout is
# longer than the function's, for its cold start.
REPORT = Backoff(max_attempts=1, interval_seconds=2)
REPORTER_TIMEOUT_SECONDS = 60
REPORT_TIMEOUT_SECONDS = 90
VALIDATION = Backoff(max_attempts=2, interval_seconds=30)

# A cold start takes a minute, and a run of 2,900 regions is reduced in seconds. What the watch may run is counted at
# worst for each of its starts, so that it waits for less.
SUMMARY_TIMEOUT_SECONDS = 240
WATCH_SUMMARY_TIMEOUT_SECONDS = 140
SUMMARY = Backoff(max_attempts=1, interval_seconds=10)


def start_backoff(run: Run) -> Backoff:
    """Return the policy for a worker that could not be started."""
    return Backoff(max_attempts=run.start_retries, interval_seconds=30)


def worker_backoff(run: Run) -> Backoff:
    """Return the policy for a worker that stopped before it was done."""
    return Backoff(max_attempts=run.worker_retries, interval_seconds=60)


def overlap_turns(run: Run) -> int:
    """Return how often the claim of the pipeline is asked for at most."""
    if run.overlap is Overlap.WAIT:
        return CLAIM_TURNS + math.ceil(run.overlap_wait_seconds / OVERLAP_PAUSE_SECONDS)
    return CLAIM_TURNS


# LoadSettings, ReadLastSuccess, RecordSuccess, PublishMetrics, PublishOutcome, CountUnreported.
_CALLS_A_RUN = 6
# Write, read, whose it is, and take it over.
_CALLS_A_CLAIM = 4


def _claim_seconds(turns: int, pause_seconds: int) -> int:
    return (1 + turns) * (_CALLS_A_CLAIM * CLAIM_TIMEOUT_SECONDS + pause_seconds)


def _claims_seconds(run: Run) -> int:
    this_run = _claim_seconds(CLAIM_TURNS, CLAIM_PAUSE_SECONDS)
    if run.overlap is Overlap.ALLOW:
        return this_run
    pause = OVERLAP_PAUSE_SECONDS if run.overlap is Overlap.WAIT else CLAIM_PAUSE_SECONDS
    return this_run + _claim_seconds(overlap_turns(run), pause)


def worst_case_seconds(run: Run) -> int:
    """Return the longest time that the states of a run take together: claims, validation, every attempt of a worker,
    the summary, and the calls.

    All workers run side by side, so that their number does not matter. A retry of either kind may come after an
    attempt that lasted to its timeout.
    """
    start, worker = start_backoff(run), worker_backoff(run)
    attempts = 1 + start.max_attempts + worker.max_attempts
    return (
        _claims_seconds(run)
        + VALIDATION.around(run.validation_timeout_seconds)
        + attempts * run.task_timeout_seconds
        + start.worst_case_seconds
        + worker.worst_case_seconds
        # Each page is listed, described, and stopped.
        + SWEEP_PAGES * 3 * SWEEP.around(SWEEP_TIMEOUT_SECONDS)
        + SUMMARY.around(SUMMARY_TIMEOUT_SECONDS)
        + REPORT.around(REPORT_TIMEOUT_SECONDS)
        + _CALLS_A_RUN * CALL.around(CALL_TIMEOUT_SECONDS)
    )
