"""A process of the model: real code in a thread, which stops before each request until the model decides its fate."""

import threading
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from worker.errors import Stop

Answer = TypeVar("Answer")


class Fate(Enum):
    """The fate of a request."""

    ANSWERED = "answered"
    REPEATED = "performed, its answer lost, and repeated by the SDK"
    LOST = "performed, and its answer lost"
    REFUSED = "not performed"


class LostError(Exception):
    """A request has no answer; it may have been performed."""


class Killed(Stop):
    """The process is gone; what it asks for afterwards is not performed."""


_current = threading.local()


def this_process() -> "Process | None":
    """Return the process of the current thread, or None in a thread that the code itself started."""
    process: Process | None = getattr(_current, "process", None)
    return process


class Process:
    """A thread that runs only while the model lets it, so that one thread at a time runs."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name = name
        self.request: str = ""
        """The request that waits for its fate."""
        self.requests = 0
        self.is_over = False
        self._work = work
        self._is_ready: Callable[[], bool] = lambda: True
        self._fate: Fate | BaseException = Fate.ANSWERED
        self._crash: BaseException | None = None
        self._may_run, self._has_stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._is_killed = False
        threading.Thread(target=self._run, name=name, daemon=True).start()
        self._wait()

    @property
    def is_ready(self) -> bool:
        """True if its request can be answered now; a process that waits for a worker is not ready."""
        return not self.is_over and self._is_ready()

    def go_on(self, fate: Fate = Fate.ANSWERED) -> None:
        """Let the request have this fate, and the process run until its next one."""
        self._resume(fate)

    def stop(self, error: BaseException) -> None:
        """Raise an error in place of the request's answer, such as that of a signal."""
        self._resume(error)

    def kill(self) -> None:
        """End the process at once."""
        self._is_killed = True
        if not self.is_over:
            self._resume(Killed())
        assert self.is_over, f"{self.name} asks for {self.request} after its end"

    def ask(
        self, request: str, perform: Callable[[], Answer], is_ready: Callable[[], bool] = lambda: True
    ) -> Answer:
        """Return the answer to a request, when the model lets it go on.

        Raises:
            LostError: if there is no answer.
        """
        self.request, self._is_ready = request, is_ready
        if not self._is_killed:
            self.requests += 1
            self._has_stopped.release()
            self._may_run.acquire()
        if self._is_killed:
            raise Killed
        if isinstance(self._fate, BaseException):
            raise self._fate
        if self._fate is Fate.REFUSED:
            raise LostError(request)
        try:
            answer = perform()
        except Exception:
            if self._fate is not Fate.ANSWERED:
                raise LostError(request) from None
            raise
        if self._fate is Fate.LOST:
            raise LostError(request)
        return perform() if self._fate is Fate.REPEATED else answer

    def _resume(self, fate: Fate | BaseException) -> None:
        self._fate = fate
        self._may_run.release()
        self._wait()

    def _wait(self) -> None:
        self._has_stopped.acquire()
        if self._crash is not None:
            crash, self._crash = self._crash, None
            raise crash

    def _run(self) -> None:
        _current.process = self
        try:
            self._work()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - the model raises it in the thread of the test
            self._crash = error
        self.is_over = True
        self._has_stopped.release()


def ask(request: str, perform: Callable[[], Answer]) -> Answer:
    """Return the answer to a request of the current process; a helper thread's request is answered at once."""
    process = this_process()
    return process.ask(request, perform) if process else perform()


def nothing() -> Any:
    """Return nothing, for a request that only passes time."""
