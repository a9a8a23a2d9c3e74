"""What a run costs by its own reckoning: JSONata over the unit prices in the run settings, for a metric and messages.

It is told within seconds of a run's end, where a bill takes a day: the time of its workers, each for a minute at
least, and all else as a good run has it. It counts a little too much: the wait before an attempt, and all attempts of
a shard that was tried again at the price of the later ones.
"""

import json

from components.cost.unit_prices import MINIMUM_SECONDS, NOT_KNOWN, is_priced
from components.settings import Settings
from components.settings.bounds import SUMMARY, VALIDATION, start_backoff, worker_backoff

METRIC = "EstimatedRunCostUsd"
"""Published as 0, and told as not known, where the run settings could not be read."""

_PRICES = "$settings.unitPrices"
_ENTERED = "$toMillis(EnteredTime)"
_RETRIES = "$states.context.State.RetryCount"


def with_prices(settings: str) -> str:
    """Return run settings, which are JSONata, with a price of 0 for each that they do not hold.

    They may be those of a stack of before, and what a run costs is nothing that it should fail for.
    """
    prices = f"$merge([{json.dumps(NOT_KNOWN)}, $read.unitPrices])"
    return f"($read := {settings}; $merge([$read, {{'unitPrices': {prices}}}]))"


def metrics(settings: Settings) -> tuple[tuple[str, str, str], ...]:
    """Return the metric of what `outcome` says that a run has cost; none where the region's prices are not known."""
    return ((METRIC, "$outcome.usd", "None"),) if is_priced(settings) else ()


def of_small_worker() -> str:
    """Return what the workers of this state have cost, once one has answered or they were given up.

    They validate, or make the summary, and have the task definition's own size.
    """
    return _of_workers(_ENTERED, "validation")


def of_shard(began: str) -> str:
    """Return what the workers of a shard have cost that was begun at a time in milliseconds, which is JSONata."""
    price = f"{_PRICES}.($r = 0 ? first : later)"
    return f"($r := {_RETRIES}; $max([{MINIMUM_SECONDS} * ($r + 1), ($millis() - {began}) / 1000]) * {price})"


def of_shards_at_most(settings: Settings) -> str:
    """Return what all shards together have cost at most, where none of them can say."""
    return f"({_of_workers(_ENTERED, 'later')} * {settings.worker.shards})"


def of_execution_at_most(settings: Settings, seconds: str) -> str:
    """Return what an execution has cost at most that took so many seconds, which is JSONata.

    All shards worked all the time, and each attempt is billed for up to a minute more than it took.
    """
    attempts = 1 + start_backoff(settings.run).max_attempts + worker_backoff(settings.run).max_attempts
    shards = f"{settings.worker.shards} * ({seconds} + {MINIMUM_SECONDS * attempts}) * later"
    # The summary is made by workers of the same size: by the run's own, and by one on its behalf.
    small = MINIMUM_SECONDS * (1 + VALIDATION.max_attempts + 1 + SUMMARY.max_attempts + 1)
    # The sum of nothing is 0: what the run settings lack is not known.
    return f"$sum([{_PRICES}.$round({shards} + {small} * validation + run, 4)])"


def _of_workers(since: str, price: str) -> str:
    """One after the other, each for a minute at least."""
    seconds = f"$max([{MINIMUM_SECONDS} * (RetryCount + 1), ($millis() - {since}) / 1000])"
    return f"$states.context.State.{seconds} * {_PRICES}.{price}"
