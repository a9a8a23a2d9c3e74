"""`ccapi follow`: the progress of a run until it ends."""

from collections.abc import Iterable

import click

from cli.aws_errors import translated
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.messages.deployed_reporter import reporter_settings
from cli.next_commands import command, next_commands
from cli.runs.argument import run_argument
from cli.runs.document import execution_document
from cli.runs.following import Follower
from cli.runs.message import finding, message_lines
from cli.runs.outcome import is_refused, outcome_of
from cli.runs.reading import Runs
from cli.runs.run import exit_code
from cli.runs.snapshot import Snapshot

_LINE_SECONDS = 60


@click.command(cls=OperatorCommand)
@run_argument()
@pass_invocation
def follow(invocation: Invocation, named: str | None) -> int:
    """Follow RUN, or the newest run, until it ends; Ctrl-C ends the following and not the run.

    The exit code is 0 for a complete run, 3 for a partial one, and 1 for any other.
    """
    with translated(invocation.stack):
        found = Runs(invocation.stack, invocation.now).find(named)
    return follow_execution(invocation, found.execution.arn, found.run.name)


def follow_execution(invocation: Invocation, arn: str, run_name: str) -> int:
    """Follow an execution, print its end, and return the exit code of its outcome."""
    last: Snapshot | None = None
    try:
        snapshots = Follower(invocation, arn).snapshots()
        is_live = invocation.output.console.is_terminal and not invocation.output.as_json
        last = _live(invocation, snapshots) if is_live else _lines(invocation, snapshots)
    except KeyboardInterrupt:
        invocation.output.note(
            f"The run goes on. To follow it again: {command(invocation, 'follow', run_name)}. "
            f"To stop it: {command(invocation, 'stop', run_name)}."
        )
        return ExitCode.INTERRUPTED
    _print_end(invocation, last)
    return exit_code(last.execution)


def _lines(invocation: Invocation, snapshots: Iterable[Snapshot]) -> Snapshot:
    """Print a line for each change, and one a minute; return the last snapshot."""
    shown: Snapshot | None = None
    for snapshot in snapshots:
        is_due = shown is None or (snapshot.now - shown.now).total_seconds() >= _LINE_SECONDS
        if not snapshot.is_over and (is_due or shown is None or snapshot.change != shown.change):
            invocation.output.line(f"{snapshot.now:%H:%M:%S} {snapshot.line()}")
            shown = snapshot
    return snapshot


def _live(invocation: Invocation, snapshots: Iterable[Snapshot]) -> Snapshot:
    """Show the current snapshot in a terminal; return the last one."""
    from rich.live import Live  # noqa: PLC0415

    from cli.runs.live_display import display  # noqa: PLC0415

    with Live(console=invocation.output.console, auto_refresh=False, transient=True) as live:
        for snapshot in snapshots:
            live.update(display(snapshot), refresh=True)
    return snapshot


def _print_end(invocation: Invocation, last: Snapshot) -> None:
    execution, output = last.execution, invocation.output
    document = execution_document(execution, last.now)
    output.document({"run": execution.run, **document, "outcome": execution.outcome})
    if output.as_json:
        return
    if execution.validates_only:
        output.line(finding(execution))
        return
    with translated(invocation.stack):
        summary = Runs(invocation.stack, invocation.now).records.summary(execution.run)
        outcome = outcome_of(execution, last.progress, summary)
        settings = reporter_settings(invocation.stack)
    redo = command(invocation, "redo", execution.run)
    first, *_ = message_lines(outcome, settings, redo=redo, reason=execution.reason)
    output.line(first)
    is_bad = execution.status.needs_redo
    more = ("To see why" if is_bad else "To see all of it", command(invocation, "show", execution.run))
    again = next_commands(invocation, execution.run, execution.status, is_refused=is_refused(outcome))
    for purpose, line in (*again, more):
        output.line(f"{purpose}: {line}")
