"""The end of a program, and the error that the worker reports for it."""

import signal

from worker.errors import ErrorName
from worker.memory import MemoryWatch

# A shell exits with 128 plus the number of the signal that ended its program.
_SHELL_SIGNAL_BASE = 128


class Ending:
    """The end of a program by its exit code, which is negative after a signal; as text, a description."""

    def __init__(self, exit_code: int, memory: MemoryWatch) -> None:
        self._exit_code = exit_code
        self._signal = _signal_of(exit_code)
        self._is_short_of_memory = self._signal is signal.SIGKILL and memory.was_short()
        self._memory = memory

    @property
    def is_bad(self) -> bool:
        """True if the program did not exit with 0."""
        return self._exit_code != 0

    @property
    def by_signal(self) -> bool:
        """True if a signal ended the program."""
        return self._signal is not None

    @property
    def error_name(self) -> ErrorName:
        """The error that the worker reports; it decides whether the attempt is retried."""
        if self._is_short_of_memory:
            return ErrorName.OUT_OF_MEMORY
        # The kill came from outside the program, so a retry may succeed.
        return ErrorName.CRASHED if self._signal is signal.SIGKILL else ErrorName.PROGRAM_FAILED

    @property
    def as_reason(self) -> str:
        """The reason why a region may have no result, or an empty text."""
        return f"the program {self} and gave no reason why it has no result" if self.is_bad else ""

    def __str__(self) -> str:
        if self._is_short_of_memory:
            return f"was killed (SIGKILL), since memory was short: {self._memory}"
        if self._signal is signal.SIGKILL:
            return f"was killed (SIGKILL), though not for memory: {self._memory}"
        if self._signal is not None:
            return f"was ended by {self._signal.name}"
        return f"ended with exit code {self._exit_code}"


def _signal_of(exit_code: int) -> signal.Signals | None:
    number = -exit_code if exit_code < 0 else exit_code - _SHELL_SIGNAL_BASE
    try:
        return signal.Signals(number)
    except ValueError:
        return None
