"""`ccapi logs`: the log of a run's workers."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import click

from cli.aws_errors import translated
from cli.exit_codes import ExitCode
from cli.following import LOCAL_POLL_SECONDS, POLL_SECONDS
from cli.history import Attempt
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.log_lines import LogLine, of_region
from cli.log_streams import LogReader, LogStream
from cli.next_commands import command
from cli.run_argument import run_argument
from cli.run_input import unknown_regions
from cli.run_reading import Runs
from cli.run_records import regions_of, shard_of
from cli.runs import Named, Status
from cli.times import since

_MOST_LINES = 10_000


@click.command(cls=OperatorCommand)
@run_argument()
@click.option("--region", metavar="NAME", help="Only lines about this region.")
@click.option("--follow", "follows", is_flag=True, help="Print new lines until the run ends.")
@click.option(
    "--last", type=click.IntRange(1, _MOST_LINES), metavar="N", help="Only the last N lines so far."
)
@click.option("--since", "since_text", metavar="TIME", help="Only lines since a time: 10m, 2h or 2026-11-23.")
@pass_invocation
def logs(
    invocation: Invocation,
    /,
    *,
    named: str | None,
    region: str | None,
    follows: bool,
    last: int | None,
    since_text: str | None,
) -> int | None:
    """Print the log of the workers of RUN, or of the newest run, in order of time (UTC).

    With --json and --follow, each line is a JSON document of its own.
    """
    start = since(since_text, invocation.now()) if since_text else None
    with translated(invocation.stack):
        runs = Runs(invocation.stack, invocation.now)
        log = _Log(invocation, runs, runs.find(named), region, start)
        log.check_region()
        lines = log.first(last)
    if follows:
        return log.follow(lines)
    invocation.output.document({"run": log.found.run.name, "lines": [line.document() for line in lines]})
    for line in lines:
        invocation.output.line(line.plain())
    if not lines:
        invocation.output.note(f"No worker of run {log.found.run.name} has written such a line.")
    return None


@dataclass
class _Log:
    """The log of a run: the streams of its tasks, which grow in number while it goes on."""

    invocation: Invocation
    runs: Runs
    found: Named
    region: str | None
    since: datetime | None
    streams: dict[str, LogStream] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)

    def check_region(self) -> None:
        """Raise an error if the run does not have the region."""
        if self.region is None:
            return
        regions = regions_of(self.runs.records.plan(self.found.run.name))
        if regions and self.region not in regions:
            raise unknown_regions([self.region], regions)

    def first(self, last: int | None) -> list[LogLine]:
        """Return the lines so far; `last` is the number of the last ones that are wanted."""
        self._find_streams()
        reader = LogReader(self.invocation.stack)
        streams = list(self.streams.values())
        if last is not None and self.region is None and self.since is None:
            return reader.last(streams, last)
        lines = self._chosen(reader.lines(streams, self._since_milliseconds))
        return lines[-last:] if last is not None else lines

    def follow(self, lines: Iterable[LogLine]) -> int | None:
        """Print lines as they come until the execution ends; Ctrl-C leaves the run going."""
        reader = LogReader(self.invocation.stack)
        pause = LOCAL_POLL_SECONDS if self.invocation.stack.is_local else POLL_SECONDS
        try:
            while True:
                for line in lines:
                    self._print(line)
                with translated(self.invocation.stack):
                    is_over = self._find_streams()
                    lines = self._chosen(reader.lines(self.streams.values(), self._since_milliseconds))
                if is_over and not lines:
                    return None
                time.sleep(pause)
        except KeyboardInterrupt:
            again = command(self.invocation, "logs", self.found.run.name, "--follow")
            self.invocation.output.note(f"The run goes on. To see its log again: {again}")
            return ExitCode.INTERRUPTED

    @property
    def _since_milliseconds(self) -> int | None:
        return max(0, int(self.since.timestamp() * 1000)) if self.since else None

    def _find_streams(self) -> bool:
        """Add the streams of tasks that were started since the last time; return True once no execution is running."""
        is_over = True
        for execution in self.found.run.executions:
            if execution.status is Status.SKIPPED:
                continue
            if execution.status is not Status.RUNNING and execution.arn in self._read:
                continue
            current, history = self.runs.executions.read_with_history(execution.arn)
            self._read.add(execution.arn)
            is_over = is_over and current.status is not Status.RUNNING
            for attempt in history.attempts:
                if attempt.task and self._may_have(attempt):
                    self.streams.setdefault(attempt.task, LogStream.of(attempt))
        return is_over

    def _may_have(self, attempt: Attempt) -> bool:
        """Return False for a shard that does not have the region; shards of an earlier plan may have had it."""
        if self.region is None or attempt.shard is None or len(self.found.run.executions) > 1:
            return True
        shard = shard_of(self.runs.records.plan(self.found.run.name), self.region)
        return shard is None or shard == attempt.shard

    def _chosen(self, lines: Iterable[LogLine]) -> list[LogLine]:
        return list(of_region(lines, self.region) if self.region else lines)

    def _print(self, line: LogLine) -> None:
        if self.invocation.output.as_json:
            self.invocation.output.json_line(line.document())
        self.invocation.output.line(line.plain())
