"""The estimated cost of an execution that has not computed it: one that is running, or that was ended from outside.

The formula is the machine's (`components.cost.run_cost`): the time of each worker, at least a minute, at the price of
its size, and a fixed amount for everything else.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cli.runs.history import Attempt

MINIMUM_SECONDS = 60


def estimated_usd(attempts: Iterable[Attempt], prices: Mapping[str, Any], now: datetime) -> float:
    """Return the cost so far from the unit prices in the run settings; 0 if they are not known."""
    if not prices.get("run"):
        return 0.0
    workers = sum(_seconds(attempt, now) * float(prices.get(_price(attempt), 0)) for attempt in attempts)
    return round(float(prices["run"]) + workers, 4)


def _seconds(attempt: Attempt, now: datetime) -> float:
    return max(MINIMUM_SECONDS, ((attempt.ended or now) - attempt.scheduled).total_seconds())


def _price(attempt: Attempt) -> str:
    if attempt.command != "monitor":
        return "validation"
    return "later" if attempt.number else "first"
