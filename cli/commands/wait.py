"""`ccapi wait`: the end of all runs, before a deployment."""

import time
from datetime import timedelta

import click

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.next_commands import command
from cli.runs.document import execution_document
from cli.runs.executions import Executions
from cli.runs.following import LOCAL_POLL_SECONDS, POLL_SECONDS
from cli.runs.run import Execution
from cli.times import span

_pause = time.sleep


@click.command(cls=OperatorCommand)
@click.option(
    "--timeout",
    "timeout_text",
    default="2h",
    show_default=True,
    metavar="TIME",
    help="Wait at most so long, e.g. 30m or 2h; with 0m, only look.",
)
@pass_invocation
def wait(invocation: Invocation, timeout_text: str) -> None:
    """Wait until no run is running, so that a deployment changes nothing under a run.

    The exit code is 0 when none is running, and 1 if one still is after the timeout.
    """
    timeout = span(timeout_text)
    stack, output = invocation.stack, invocation.output
    start = invocation.now()
    with translated(stack):
        executions = Executions(stack, invocation.now)
    poll_seconds = LOCAL_POLL_SECONDS if stack.is_local else POLL_SECONDS
    known: dict[str, Execution] = {}
    while True:
        with translated(stack):
            arns = [item["executionArn"] for item in executions.running()]
            for arn in arns:
                if arn not in known:
                    known[arn] = executions.read(arn)
                    output.line(f"{invocation.now():%H:%M:%S} Run {known[arn].run} is running.")
        waited = invocation.now() - start
        if not arns or waited >= timeout:
            break
        _pause(min(poll_seconds, (timeout - waited).total_seconds()))
    running = [known[arn] for arn in arns]
    output.document(
        {
            "waited_seconds": round(waited.total_seconds()),
            "running": [{"run": each.run, **execution_document(each, invocation.now())} for each in running],
        }
    )
    if running:
        raise _still_running(invocation, running[0].run, timeout)
    output.line("No run is running.")


def _still_running(invocation: Invocation, run: str, timeout: timedelta) -> OperatorError:
    from reporter.words import duration  # noqa: PLC0415

    after = f" after {duration(timeout.total_seconds())}" if timeout else ""
    return OperatorError(
        f"run {run} is still running{after}" if timeout else f"run {run} is running",
        f"type `{command(invocation, 'follow', run)}` to see how far it is, or wait longer with --timeout",
    )
