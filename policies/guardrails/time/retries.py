"""The attempts of a state, and the waits between them.

Source: "Handling errors in Step Functions workflows", Retry fields
(https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html). Each retrier has its own count over
all attempts of one visit, so that the most retries are the sum over all retriers. FULL jitter draws a wait between 0
and the whole back-off, so that the whole back-off counts.
"""

import math
from dataclasses import dataclass

from guardrails.time.definition import objects
from guardrails.time.raised import may_raise
from guardrails.time.values import Json, UnknownError, number, whole_number

MAX_NUMBER = 99_999_999
MAX_DELAY_SECONDS = 31_622_399


@dataclass(frozen=True)
class Attempts:
    """The most attempts of a state, and the most seconds that it waits between them."""

    count: float
    backoff_seconds: float


UNKNOWN_ATTEMPTS = Attempts(math.inf, math.inf)


@dataclass(frozen=True, kw_only=True)
class Retrier:
    """One retrier, with AWS's defaults for absent fields."""

    retries: int
    interval_seconds: int
    rate: float
    max_delay_seconds: float

    @property
    def backoff_seconds(self) -> float:
        """The sum of its waits."""
        return backoff_seconds(
            interval=self.interval_seconds,
            rate=self.rate,
            attempts=self.retries,
            max_delay=self.max_delay_seconds,
        )

    @property
    def longest_wait_seconds(self) -> float:
        """The longest of its waits, which is the last one."""
        if not self.retries:
            return 0
        try:
            return min(self.interval_seconds * math.pow(self.rate, self.retries - 1), self.max_delay_seconds)
        except OverflowError:
            return self.max_delay_seconds


def read_attempts(fields: Json) -> Attempts:
    """Return the attempts that a state's retriers allow; a retrier counts only if the state can raise its errors."""
    retriers = [
        retrier
        for written in objects(fields, "Retry")
        if (retrier := read_retrier(written))
        and any(may_raise(fields, name) for name in written["ErrorEquals"])
    ]
    return Attempts(
        1.0 + sum(retrier.retries for retrier in retriers),
        sum(retrier.backoff_seconds for retrier in retriers),
    )


def read_retrier(fields: Json) -> Retrier:
    """Return one retrier."""
    if not isinstance(fields.get("ErrorEquals"), list):
        raise UnknownError("ErrorEquals of a retrier is not a list of errors; write one")
    retrier = Retrier(
        retries=whole_number(fields, "MaxAttempts", least=0, most=MAX_NUMBER, default=3),
        interval_seconds=whole_number(fields, "IntervalSeconds", least=1, most=MAX_NUMBER, default=1),
        rate=number(fields, "BackoffRate", least=1, default=2),
        max_delay_seconds=whole_number(fields, "MaxDelaySeconds", least=1, most=MAX_DELAY_SECONDS)
        if "MaxDelaySeconds" in fields
        else math.inf,
    )
    if retrier.backoff_seconds == math.inf:
        raise UnknownError(
            f"the back-off of {retrier.retries} retries grows without end; write MaxDelaySeconds"
        )
    return retrier


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
