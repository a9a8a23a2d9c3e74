"""The time limits and retries of each part of a run, of which the state machines are built."""

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
