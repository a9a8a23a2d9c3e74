"""`ccapi logs`: the log of a run's workers."""

from collections.abc import Iterable

import click

from cli.aws_errors import translated
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.next_commands import command
from cli.runs.argument import run_argument
from cli.runs.log import RunLog
from cli.runs.log_lines import LogLine
from cli.runs.reading import Runs
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
        log = RunLog(invocation.stack, runs, runs.find(named).run, region, start)
        log.check_region()
        lines = log.lines(last)
    if follows:
        return _follow(invocation, log, lines)
    invocation.output.document({"run": log.run.name, "lines": [line.document() for line in lines]})
    for line in lines:
        invocation.output.line(line.plain())
    if not lines:
        invocation.output.note(f"No worker of run {log.run.name} has written such a line.")
    return None


def _follow(invocation: Invocation, log: RunLog, lines: Iterable[LogLine]) -> int | None:
    """Print lines, and those that follow until the run ends; Ctrl-C leaves the run going."""
    try:
        _print(invocation, lines)
        for new in log.new_lines():
            _print(invocation, new)
    except KeyboardInterrupt:
        again = command(invocation, "logs", log.run.name, "--follow")
        invocation.output.note(f"The run goes on. To see its log again: {again}")
        return ExitCode.INTERRUPTED
    return None


def _print(invocation: Invocation, lines: Iterable[LogLine]) -> None:
    for line in lines:
        invocation.output.json_line(line.document())
        invocation.output.line(line.plain())
