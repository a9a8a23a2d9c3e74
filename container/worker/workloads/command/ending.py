"""How a program ended, and which error that is."""

import signal

from worker.errors import ErrorName
from worker.memory import MemoryWatch

# A shell tells of the program behind it with 128 and the number of the signal.
_SHELL_SIGNAL_BASE = 128


class Ending:
    """The end of a program by its exit code, which is negative after a signal; as text, what it did."""

    def __init__(self, exit_code: int, memory: MemoryWatch) -> None:
        self._exit_code = exit_code
        self._signal = _signal_of(exit_code)
        self._is_short_of_memory = self._signal is signal.SIGKILL and memory.was_short()
        self._memory = memory

    @property
    def is_bad(self) -> bool:
        """Whether it ended otherwise than well."""
        return self._exit_code != 0

    @property
    def by_signal(self) -> bool:
        """Whether a signal ended it, and not the program itself."""
        return self._signal is not None

    @property
    def error_name(self) -> ErrorName:
        """The error that a worker reports of it, by which it is tried again or not."""
        if self._is_short_of_memory:
            return ErrorName.OUT_OF_MEMORY
        # Somebody or something killed it, which need not happen again.
        return ErrorName.CRASHED if self._signal is signal.SIGKILL else ErrorName.PROGRAM_FAILED

    @property
    def as_reason(self) -> str:
        """Why a region may be missing that the program did not write of, or nothing."""
        return f"the program {self} and did not say why it has no result" if self.is_bad else ""

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
