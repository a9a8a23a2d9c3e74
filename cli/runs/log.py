"""The log of a run: the lines of all of its workers, whose number grows while the run goes on."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cli.aws_errors import translated
from cli.runs.following import LOCAL_POLL_SECONDS, POLL_SECONDS
from cli.runs.history import Attempt
from cli.runs.log_lines import LogLine, of_region
from cli.runs.log_streams import LogReader, LogStream
from cli.runs.reading import Runs
from cli.runs.records import regions_of, shard_of
from cli.runs.run import Run, Status
from cli.runs.run_input import unknown_regions
from cli.stack import Stack


@dataclass
class RunLog:
    """The log of a run, or the part of it that is about a region and later than a time."""

    stack: Stack
    runs: Runs
    run: Run
    region: str | None = None
    since: datetime | None = None
    pause: Callable[[float], None] = field(default_factory=lambda: time.sleep)
    _streams: dict[str, LogStream] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)

    def check_region(self) -> None:
        """Check the name of the region.

        Raises:
            OperatorError: if the run does not have the region.
        """
        if self.region is None:
            return
        regions = regions_of(self.runs.records.plan(self.run.name))
        if regions and self.region not in regions:
            raise unknown_regions([self.region], regions)

    def lines(self, last: int | None = None) -> list[LogLine]:
        """Return the lines so far, or the last ones of them."""
        self._find_streams()
        reader = LogReader(self.stack)
        streams = list(self._streams.values())
        if last is not None and self.region is None and self.since is None:
            return reader.last(streams, last)
        lines = self._chosen(reader.lines(streams, self._since_milliseconds))
        return lines[-last:] if last is not None else lines

    def new_lines(self) -> Iterator[list[LogLine]]:
        """Yield the lines that were written since `lines` returned, at each poll, until the run has ended."""
        reader = LogReader(self.stack)
        while True:
            with translated(self.stack):
                is_over = self._find_streams()
                lines = self._chosen(reader.lines(self._streams.values(), self._since_milliseconds))
            yield lines
            if is_over and not lines:
                return
            self.pause(LOCAL_POLL_SECONDS if self.stack.is_local else POLL_SECONDS)

    @property
    def _since_milliseconds(self) -> int | None:
        return max(0, int(self.since.timestamp() * 1000)) if self.since else None

    def _find_streams(self) -> bool:
        """Add the streams of tasks that were started since the last time; return True once no execution is running."""
        is_over = True
        shard = self._shard_of_region()
        for execution in self.run.executions:
            is_known = execution.status is not Status.RUNNING and execution.arn in self._read
            if is_known or execution.status is Status.SKIPPED:
                continue
            current, history = self.runs.executions.read_with_history(execution.arn)
            self._read.add(execution.arn)
            is_over = is_over and current.status is not Status.RUNNING
            self._add(each for each in history.attempts if shard is None or each.shard in {None, shard})
        return is_over

    def _add(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            if attempt.task:
                self._streams.setdefault(attempt.task, LogStream.of(attempt))

    def _shard_of_region(self) -> int | None:
        """Return the only shard that can have lines about the region; None if it can be any.

        A redo may have dealt the regions to other shards.
        """
        if self.region is None or len(self.run.executions) > 1:
            return None
        return shard_of(self.runs.records.plan(self.run.name), self.region)

    def _chosen(self, lines: Iterable[LogLine]) -> list[LogLine]:
        return list(of_region(lines, self.region) if self.region else lines)
