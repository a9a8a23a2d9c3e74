"""`ccapi runs`: the runs, the newest first."""

import click

from cli.aws_errors import translated
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.next_commands import command
from cli.runs.document import dollars, run_document
from cli.runs.reading import Runs
from cli.runs.run import Run, Status
from cli.times import minute, since

_LIMIT = 20
_NUMBERS = ("took", "regions", "cost", "times")
_NARROW_COLUMNS = ("run", "status", "started (UTC)", "regions")
_WHOLE_WIDTH = 78
_COLUMNS = ("run", "status", "started (UTC)", "took", "regions", "cost", "times")


@click.command(cls=OperatorCommand)
@click.option(
    "--failed", is_flag=True, help="Only runs that failed, timed out, were stopped or lack regions."
)
@click.option("--running", is_flag=True, help="Only runs that are running.")
@click.option("--since", "since_text", metavar="TIME", help="Only runs since a time: 14d, 3h or 2026-11-23.")
@click.option(
    "--limit", type=click.IntRange(1, 500), default=_LIMIT, show_default=True, help="At most so many."
)
@pass_invocation
def runs(invocation: Invocation, failed: bool, running: bool, since_text: str | None, limit: int) -> None:
    """List the runs, the newest first; a run that was done again is one line."""
    now = invocation.now()
    start = since(since_text, now) if since_text else None

    def keep(run: Run) -> bool:
        if not failed and not running:
            return True
        return (failed and run.status.needs_redo) or (running and run.status is Status.RUNNING)

    with translated(invocation.stack):
        found = Runs(invocation.stack, invocation.now).newest(limit, keep, start)
    invocation.output.document({"runs": [run_document(run, now) for run in found]})
    if not found:
        chosen = failed or running or since_text
        invocation.output.line("There is no such run." if chosen else "There is no run yet.")
        if not chosen:
            invocation.output.line(f"To start one: {command(invocation, 'run')}")
        return
    rows = [dict(zip(_COLUMNS, _row(invocation, run), strict=True)) for run in found]
    is_narrow = invocation.output.console.width < _WHOLE_WIDTH
    columns = _NARROW_COLUMNS if is_narrow else _COLUMNS
    invocation.output.table(columns, [[row[name] for name in columns] for row in rows], right=_NUMBERS)


def _row(invocation: Invocation, run: Run) -> tuple[str, ...]:
    from reporter.words import duration  # noqa: PLC0415

    times = len([each for each in run.executions if each.status is not Status.SKIPPED])
    regions = f"{run.done}/{run.planned}" if run.planned and run.done is not None else ""
    return (
        run.name,
        run.status.words,
        minute(run.start),
        duration(run.decisive.seconds(invocation.now())),
        regions,
        dollars(run.usd),
        str(times) if times > 1 else "",
    )
