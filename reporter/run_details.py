"""The facts of a run: duration, cost, attempts, its name and the original error."""

import json
from datetime import UTC, datetime

from reporter.log_streams import log_streams, without_log_stream
from reporter.outcome import Outcome
from reporter.run_lines import NO_REGION_SUCCEEDED
from reporter.settings import Settings
from reporter.words import clean, count, cut, duration, usd

CAUSE_MAX_CHARACTERS = 2_000
INPUT_MAX_CHARACTERS = 1_000
MOST_LOG_STREAMS = 5
REFUSED = "Worker.InvalidInput"
NAME_MAX_CHARACTERS = 80
"""The longest `execution_name` that a worker accepts."""


def run_details(outcome: Outcome, settings: Settings) -> tuple[str, ...]:
    """Return the facts of a run, a line each."""
    if outcome.status == "skipped":
        return ("Cost: less than one cent, since no worker was started.", *_name(outcome))
    return (
        *_started(outcome),
        f"Duration: {_duration(outcome)}",
        f"Cost: {_cost(outcome)}",
        *_attempts(outcome, settings),
        *_name(outcome),
        *_refused(outcome),
        *_logs(outcome, settings),
        *_error(outcome),
    )


def _started(outcome: Outcome) -> tuple[str, ...]:
    """Return the line of the start: a message that the watch machine's sweep sends may be hours late."""
    try:
        started = datetime.fromisoformat(outcome.start_time).astimezone(UTC)
    except (ValueError, OverflowError):
        return ()
    return (f"Started: {started:%Y-%m-%d %H:%M} UTC",)


def _duration(outcome: Outcome) -> str:
    took = duration(outcome.duration_seconds)
    if outcome.usual_seconds <= 0 or outcome.planned <= 0:
        return took
    return f"{took} (the last full success took {duration(outcome.usual_seconds)})"


def _cost(outcome: Outcome) -> str:
    if outcome.usd <= 0:
        return "not known"
    about = "at most about" if outcome.usd_is_at_most else "about"
    usual = f", usually {usd(outcome.usual_usd)}" if outcome.usual_usd > 0 and outcome.planned > 0 else ""
    return f"{about} {usd(outcome.usd)}{usual}".replace("about less", "less")


def _attempts(outcome: Outcome, settings: Settings) -> tuple[str, ...]:
    """Return the line of retries and sizes; a run without a plan has started no worker but the one that validates."""
    # The watch machine knows neither the retries nor the exact cost.
    if outcome.retries <= 0 and (outcome.planned <= 0 or outcome.usd_is_at_most):
        return ()
    retried = f"{count(outcome.retries, 'retry', 'retries')}" if outcome.retries > 0 else "no retry"
    first, *later = settings.worker_sizes or ("",)
    used = f"; worker size {first}" if first else ""
    # A retry of the validation, or of the summary, has the size of the first attempt.
    larger = f", {later[0]} in retries of the work" if later and outcome.retries > 0 else ""
    return (f"Attempts: {retried}{used}{larger}",)


def _name(outcome: Outcome) -> tuple[str, ...]:
    name = outcome.input_fields.get("execution_name")
    return (
        (f"Name: {cut(clean(name), NAME_MAX_CHARACTERS)}",) if isinstance(name, str) and clean(name) else ()
    )


def _logs(outcome: Outcome, settings: Settings) -> tuple[str, ...]:
    """Return the line of the log streams, for readers who follow no link."""
    streams = log_streams(outcome)
    if not streams:
        return ()
    hidden = len(streams) - MOST_LOG_STREAMS
    more = f" and {hidden:,} more" if hidden > 0 else ""
    label = "Log stream" if len(streams) == 1 else "Log streams"
    return (f"{label}: {', '.join(streams[:MOST_LOG_STREAMS])}{more} in {settings.worker_log_group}",)


def _refused(outcome: Outcome) -> tuple[str, ...]:
    """Return the line of an input that was refused, to be corrected."""
    if outcome.error != REFUSED or not outcome.input:
        return ()
    text = json.dumps(outcome.input, separators=(",", ":"))
    return (f"Input: {cut(clean(text), INPUT_MAX_CHARACTERS)}",)


def _error(outcome: Outcome) -> tuple[str, ...]:
    # Its cause is the list of failed regions, which the message has already.
    cause = (
        "" if outcome.error == NO_REGION_SUCCEEDED and outcome.failures else without_log_stream(outcome.cause)
    )
    if not outcome.error and not cause:
        return ("Error: no name and no cause were reported",) if outcome.status == "failed" else ()
    text = ": ".join(part for part in (outcome.error, cause) if part)
    if len(text) > CAUSE_MAX_CHARACTERS:
        text = f"{cut(text, CAUSE_MAX_CHARACTERS)} (cut: the Execution link has the whole)"
    return (f"Error: {text}",)
