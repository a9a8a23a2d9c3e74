"""`ccapi redo`: a new execution for what is missing of a run."""

import click

from cli.aws_errors import translated
from cli.commands.run import report_start
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.runs.argument import run_argument
from cli.runs.outcome import outcome_of
from cli.runs.reading import Runs
from cli.runs.redo import redo_input, refusal
from cli.runs.run import Status
from cli.runs.starting import start_execution


@click.command(cls=OperatorCommand)
@run_argument(required=True)
@click.option("--follow", "follows", is_flag=True, help="Follow the run until it ends.")
@pass_invocation
def redo(invocation: Invocation, named: str, follows: bool) -> int | None:
    """Do what is missing of RUN with its original input; regions that are done are kept."""
    with translated(invocation.stack):
        reader = Runs(invocation.stack, invocation.now)
        found = reader.find(named).run
        execution = found.decisive
        outcome = None
        if execution.status is not Status.RUNNING:
            outcome = outcome_of(execution, found.progress, reader.records.summary(found.name))
        if error := refusal(found, outcome):
            raise error
        assert outcome is not None  # noqa: S101 - a run without an outcome is refused
        given = redo_input(execution, outcome)
        started = start_execution(invocation.stack, given, kind="redo", now=invocation.now())
    is_named = "run_id" in given or "scheduled_time" in given
    return report_start(invocation, started, found.name if is_named else started.name, follows=follows)
