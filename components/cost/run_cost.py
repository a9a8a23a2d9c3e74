"""The estimated cost of a run: JSONata over the unit prices in the run settings, for a metric and messages.

The estimate is available seconds after the run, while a bill takes a day. It counts the time of the workers,
each at least a minute, and for everything else the quantities of a successful run. It is slightly too high:
it includes the wait before an attempt, and counts all attempts of a retried shard at the price of the later
ones.
"""

import json

from components.cost.unit_prices import MINIMUM_SECONDS, NOT_KNOWN, is_priced
from components.settings import Settings
from components.settings.bounds import SUMMARY, VALIDATION, start_backoff, worker_backoff

METRIC = "EstimatedRunCostUsd"
"""The metric's name. If the run settings are unavailable, the metric is 0 and messages say "Cost: not known"."""

_PRICES = "$settings.unitPrices"
_ENTERED = "$toMillis(EnteredTime)"
_RETRIES = "$states.context.State.RetryCount"


def with_prices(settings: str) -> str:
    """Return JSONata for `settings`, a JSONata expression, with a price of 0 for each missing price.

    The settings may be those of an earlier deployment, and a missing price must not fail a run.
    """
    prices = f"$merge([{json.dumps(NOT_KNOWN)}, $read.unitPrices])"
    return f"($read := {settings}; $merge([$read, {{'unitPrices': {prices}}}]))"


def metrics(settings: Settings) -> tuple[tuple[str, str, str], ...]:
    """Return the metric of a run's cost in `outcome`, or none if the region's prices are not known."""
    return ((METRIC, "$outcome.usd", "None"),) if is_priced(settings) else ()


def of_small_worker() -> str:
    """Return JSONata for the cost of this state's workers, once one has answered or all attempts have failed.

    These workers validate or make the summary, with the size in the task definition.
    """
    return _of_workers(_ENTERED, "validation")


def of_shard(began: str, settings: str = "$settings") -> str:
    """Return JSONata for the cost of a shard's workers; `began` is JSONata for the shard's start in milliseconds."""
    price = f"{settings}.unitPrices.($r = 0 ? first : later)"
    return f"($r := {_RETRIES}; $max([{MINIMUM_SECONDS} * ($r + 1), ($millis() - {began}) / 1000]) * {price})"


def of_shards_at_most(settings: Settings) -> str:
    """Return JSONata for the highest possible cost of all shards, for when none of them answered."""
    return f"({_of_workers(_ENTERED, 'later')} * {settings.worker.shards})"


def of_silent_shards_at_most(shards: str) -> str:
    """Return JSONata for the highest possible cost of silent shards; `shards` is JSONata for their number."""
    return f"({_of_workers(_ENTERED, 'later')} * {shards})"


def of_execution_at_most(settings: Settings, seconds: str) -> str:
    """Return JSONata for the highest possible cost of an execution; `seconds` is JSONata for its duration.

    It assumes that all shards worked all the time, and bills each attempt for up to a minute more than it
    took.
    """
    attempts = 1 + start_backoff(settings.run).max_attempts + worker_backoff(settings.run).max_attempts
    shards = f"{settings.worker.shards} * ({seconds} + {MINIMUM_SECONDS * attempts}) * later"
    # Workers of the same size make the summary: the run's own, and one that the watch machine starts.
    small = MINIMUM_SECONDS * (1 + VALIDATION.max_attempts + 1 + SUMMARY.max_attempts + 1)
    # The sum of an empty list is 0: a price that is missing in the run settings is not known.
    return f"$sum([{_PRICES}.$round({shards} + {small} * validation + run, 4)])"


def _of_workers(since: str, price: str) -> str:
    """Return JSONata for the cost of consecutive workers, each billed for at least a minute."""
    seconds = f"$max([{MINIMUM_SECONDS} * (RetryCount + 1), ($millis() - {since}) / 1000])"
    return f"$states.context.State.{seconds} * {_PRICES}.{price}"
