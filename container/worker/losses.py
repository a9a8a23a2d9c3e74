"""Files that could not be published or read; each is skipped with a reason, and the work continues."""

from collections.abc import Callable

from worker.errors import ErrorName, WorkerError
from worker.logs import logger
from worker.regular_files import UnfitFileError, shown

# If S3 refuses this many files in a row, the cause is not the files, and each further request costs time.
MOST_IN_A_ROW = 3
_MOST_NAMED = 20


class Losses:
    """The files that were lost, each with its reason; `reasons` has the first ones and the log has all."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self._count = 0
        self._in_a_row = 0

    def spared(self, name: str, work: Callable[[], object]) -> bool:
        """Call `work`, which concerns one file; return true if it succeeded."""
        if self._in_a_row == MOST_IN_A_ROW:
            logger.warning("not tried any more: %s", shown(name))
            return False
        try:
            work()
        except WorkerError as error:
            self._in_a_row += error.name is not ErrorName.OBJECT_REFUSED
            self._lose(name, error.cause)
            if self._in_a_row == MOST_IN_A_ROW:
                self.reasons.append("the files after these were not tried, see the log")
        except (UnfitFileError, OSError, ValueError) as error:
            self._lose(name, str(error))
        else:
            self._in_a_row = 0
            return True
        return False

    def _lose(self, name: str, why: str) -> None:
        self._count += 1
        reason = f"{shown(name)}: {shown(why)}"
        logger.warning("lost %s", reason)
        if self._count <= _MOST_NAMED:
            self.reasons.append(reason)
        elif self._count == _MOST_NAMED + 1:
            self.reasons.append("and more, see the log")
