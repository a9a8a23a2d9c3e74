"""How often a state is tried, and how long it waits in between.

Source: "Handling errors in Step Functions workflows", Retry fields
(https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html). Each retrier counts for itself over
all attempts of one visit, so that the most retries are those of all retriers together. FULL jitter draws a wait from
nothing up to the whole back-off, so that the whole of it counts.
"""

import math
from dataclasses import dataclass

from guardrails.time.definition import objects
from guardrails.time.values import Json, UnknownError, number, whole_number

MAX_NUMBER = 99_999_999
MAX_DELAY_SECONDS = 31_622_399


@dataclass(frozen=True)
class Attempts:
    """The most attempts of a state, and the most seconds that it waits between them."""

    count: float
    backoff_seconds: float


ONCE = Attempts(1, 0)
UNKNOWN_ATTEMPTS = Attempts(math.inf, math.inf)


def read_attempts(fields: Json) -> Attempts:
    """Read the attempts that a state's retriers allow."""
    retriers = [_read_retrier(retrier) for retrier in objects(fields, "Retry")]
    return Attempts(
        1.0 + sum(retrier.count for retrier in retriers), sum(retrier.backoff_seconds for retrier in retriers)
    )


def backoff_seconds(*, interval: int, rate: float, attempts: int, max_delay: float = math.inf) -> float:
    """Return the sum of the waits interval, interval × rate, interval × rate², …, each cut at the longest delay."""
    if rate == 1 or interval >= max_delay:
        return attempts * min(interval, max_delay)
    growing = (
        min(attempts, math.ceil(math.log(max_delay / interval, rate))) if max_delay < math.inf else attempts
    )
    try:
        below = interval * (math.pow(rate, growing) - 1) / (rate - 1)
    except OverflowError:
        return math.inf
    return below + (attempts - growing) * max_delay if attempts > growing else below


def _read_retrier(retrier: Json) -> Attempts:
    if not isinstance(retrier.get("ErrorEquals"), list):
        raise UnknownError("ErrorEquals of a retrier is not a list of errors; write one")
    attempts = whole_number(retrier, "MaxAttempts", least=0, most=MAX_NUMBER, default=3)
    interval = whole_number(retrier, "IntervalSeconds", least=1, most=MAX_NUMBER, default=1)
    rate = number(retrier, "BackoffRate", least=1, default=2)
    max_delay = (
        whole_number(retrier, "MaxDelaySeconds", least=1, most=MAX_DELAY_SECONDS)
        if "MaxDelaySeconds" in retrier
        else math.inf
    )
    waits = backoff_seconds(interval=interval, rate=rate, attempts=attempts, max_delay=max_delay)
    if waits == math.inf:
        raise UnknownError(f"the back-off of {attempts} retries grows without end; write MaxDelaySeconds")
    return Attempts(attempts, waits)
