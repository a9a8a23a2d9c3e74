"""The clock of the local AWS's schedules: this machine's time, or ahead of it after an advance."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock


def _machine_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """A clock that can be advanced, runs on from there, and never goes back."""

    def __init__(self, machine_time: Callable[[], datetime] = _machine_time) -> None:
        self._machine_time = machine_time
        self._ahead = timedelta(0)
        self._awake_since: datetime | None = None
        self._pause: tuple[datetime, datetime] | None = None
        self._lock = Lock()
        self.on_advance: Callable[[timedelta, datetime | None], None] = lambda _ahead, _awake_since: None
        """Called after each advance with the arguments of `restore`."""

    def now(self) -> datetime:
        """Return the current time of this clock."""
        return self._machine_time() + self._ahead

    @property
    def awake_since(self) -> datetime | None:
        """The end of the last skipped period; starts that were due before it are skipped."""
        return self._awake_since

    def note_pause(self, since: datetime, until: datetime) -> None:
        """Note that the local AWS did not run from one time of this machine to another."""
        self._pause = (since + self._ahead, until + self._ahead)

    def take_pause(self) -> tuple[datetime, datetime] | None:
        """Return the noted pause in the time of this clock, the first time that this is called."""
        pause, self._pause = self._pause, None
        return pause

    def restore(self, ahead: timedelta, awake_since: datetime | None) -> None:
        """Show the time as a clock of an earlier process did."""
        self._ahead, self._awake_since = ahead, awake_since

    def advance_to(self, moment: datetime, *, skip: bool = False) -> None:
        """Advance the clock; with `skip`, starts that are due before `moment` are skipped.

        Raises:
            ValueError: when the moment is in the past, or has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no time zone; write {moment.isoformat()}Z for UTC.")
        with self._lock:
            ahead = moment - self._machine_time()
            if ahead < self._ahead:
                raise ValueError(
                    f"{moment.isoformat()} is in the past; the clock shows {self.now().isoformat()}."
                )
            self._ahead = ahead
            if skip:
                self._awake_since = moment
        self.on_advance(self._ahead, self._awake_since)


CLOCK = Clock()
"""The clock of this process's local AWS."""
