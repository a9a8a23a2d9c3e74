"""What a run costs by its own reckoning: JSONata over the unit prices in the run settings, for a metric and messages.

It is told within seconds of a run's end, where a bill takes a day: the time of its workers, each for a minute at
least, and all else as a good run has it. It counts a little too much: the wait before an attempt, and all attempts of
a shard that was tried again at the price of the later ones.
"""

from components.settings import Settings
from components.unit_prices import MINIMUM_SECONDS, unit_prices

METRIC = "EstimatedRunCostUsd"
_PRICES = "$settings.unitPrices"

BESIDES_WORKERS = f"{_PRICES}.run"


def metrics(settings: Settings) -> tuple[tuple[str, str, str], ...]:
    """Return the metric of what `outcome` says that a run has cost; none where the region's prices are not known."""
    is_known = unit_prices(settings) is not None
    return ((METRIC, "$outcome.usd", "None"),) if is_known else ()


def of_validation() -> str:
    """Return what the worker has cost that validates, once it has answered or was given up."""
    return _of_worker(_ENTERED, "validation")


def of_shard(began: str) -> str:
    """Return what the workers of a shard have cost that was begun at a time in milliseconds, which is JSONata."""
    tried = "$states.context.State.RetryCount"
    return f"({tried} = 0 ? {_of_worker(began, 'first')} : {_of_worker(began, 'later')})"


def of_shards_at_most(settings: Settings) -> str:
    """Return what all shards together have cost at most, where none of them can say."""
    return f"({_of_worker(_ENTERED, 'later')} * {settings.worker.shards})"


def of_execution_at_most(settings: Settings, seconds: str) -> str:
    """Return what an execution has cost at most that took so many seconds, which is JSONata; 0 where nobody knows."""
    cost = f"{seconds} * {settings.worker.shards} * {_PRICES}.later + {BESIDES_WORKERS}"
    return f"($exists({_PRICES}) ? $round({cost}, 4) : 0)"


_ENTERED = "$toMillis($states.context.State.EnteredTime)"


def _of_worker(since: str, price: str) -> str:
    return f"$max([{MINIMUM_SECONDS}, ($millis() - {since}) / 1000]) * {_PRICES}.{price}"
