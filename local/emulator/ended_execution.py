"""The remains of an execution that has ended: its history, and its Map Runs."""

import pickle
import zlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from local.emulator.spill_file import spill


class EndedHistory:
    """The history of an execution that has ended, in place of moto's `EventManager`."""

    def __init__(self, events: Sequence[Any]) -> None:
        # Each event repeats data of the one before, and each snapshot of a state has all histories.
        self._events = spill(zlib.compress(pickle.dumps(events), level=1))

    def get_event_history(self) -> list[Any]:
        """Return the events."""
        events: list[Any] = pickle.loads(zlib.decompress(self._events.read()))  # noqa: S301 - of this user alone
        return events


def ended_worker(history: Any, map_runs: Any) -> Any:
    """Return the object in which moto looks for the environment of an execution."""
    return SimpleNamespace(env=SimpleNamespace(event_manager=history, map_run_record_pool_manager=map_runs))
