"""The agent's wait for a task that it must start or stop, in place of frequent polls."""

from threading import Condition
from typing import Any

# The agent gives up after 10 seconds without an answer.
_MOST_SECONDS = 5.0


class AgentWakes:
    """Counts the changes of tasks that an agent must act on."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = Condition()

    def note(self, task: Any) -> None:
        """Wake the agent if a changed task is to be started or stopped."""
        is_to_stop = task.desired_status == "STOPPED" != task.last_status
        if is_to_stop or task.last_status == "PROVISIONING":
            with self._changed:
                self._count += 1
                self._changed.notify_all()

    def wait(self, *, seen: int, seconds: float) -> dict[str, int]:
        """Return the count: at once if it is not the one that was seen, else after a change or `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, min(seconds, _MOST_SECONDS))
            return {"count": self._count}
