"""The following of an execution: a snapshot at each poll, until it ends."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation
from cli.messages.deployed_reporter import reporter_settings
from cli.runs.reading import Runs
from cli.runs.snapshot import Snapshot

LOCAL_POLL_SECONDS = 1.0
POLL_SECONDS = 5.0
_MOST_FAILED_POLLS = 5


@dataclass
class Follower:
    """The reader of the snapshots of an execution."""

    invocation: Invocation
    arn: str
    pause: Callable[[float], None] = field(default_factory=lambda: time.sleep)

    def __post_init__(self) -> None:
        stack = self.invocation.stack
        with translated(stack):
            self._runs = Runs(stack, self.invocation.now)
            self._timeout_seconds = reporter_settings(stack).timeout_seconds
        self._poll_seconds = LOCAL_POLL_SECONDS if stack.is_local else POLL_SECONDS

    def snapshots(self) -> Iterator[Snapshot]:
        """Yield a snapshot at each poll; the last one is that of the ended execution.

        Raises:
            OperatorError: if AWS could not be reached several times in a row.
        """
        failed = 0
        while True:
            try:
                snapshot = self._read()
            except OperatorError as error:
                failed += 1
                if error.exit_code is not ExitCode.UNREACHABLE or failed >= _MOST_FAILED_POLLS:
                    raise
            else:
                failed = 0
                yield snapshot
                if snapshot.is_over:
                    return
            self.pause(self._poll_seconds)

    def _read(self) -> Snapshot:
        with translated(self.invocation.stack):
            execution, history = self._runs.executions.read_with_history(self.arn)
            progress = self._runs.records.progress(execution.run)
        return Snapshot(execution, history, progress, self._timeout_seconds, self.invocation.now())
