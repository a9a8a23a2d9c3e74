"""The time of the local AWS's schedules: that of this machine, or ahead of it when asked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock


def _machine_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """A clock that can be put forward, goes on from there, and never goes back."""

    def __init__(self, machine_time: Callable[[], datetime] = _machine_time) -> None:
        self._machine_time = machine_time
        self._ahead = timedelta(0)
        self._awake_since: datetime | None = None
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the time that this clock shows."""
        return self._machine_time() + self._ahead

    @property
    def awake_since(self) -> datetime | None:
        """Until when it slept last: what fell due before is passed over."""
        return self._awake_since

    def advance_to(self, moment: datetime, *, skip: bool = False) -> None:
        """Put the clock forward; when it skips, as if this machine had slept till that moment.

        Raises:
            ValueError: when that would put it back, or the moment names no zone.
        """
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no zone; write {moment.isoformat()}Z for UTC.")
        with self._lock:
            ahead = moment - self._machine_time()
            if ahead < self._ahead:
                raise ValueError(f"{moment.isoformat()} is over; it is {self.now().isoformat()}.")
            self._ahead = ahead
            if skip:
                self._awake_since = moment


CLOCK = Clock()
"""The clock of this process, which is one local AWS."""
