"""`ccapi stop`: the end of a run by the operator."""

import click

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.next_commands import command, next_commands
from cli.runs.argument import run_argument
from cli.runs.reading import Runs
from cli.runs.run import Execution, Named, Status
from cli.runs.stopping import CAUSE_MAX_CHARACTERS, Stopper, Task

_CAUSE = "Stopped by an operator with ccapi."


@click.command(cls=OperatorCommand)
@run_argument(required=True)
@click.option("--cause", default=_CAUSE, metavar="TEXT", help="The reason; messages and the history have it.")
@pass_invocation
def stop(invocation: Invocation, named: str, cause: str) -> None:
    """Stop RUN and its workers, and wait until they have stopped; finished regions are kept."""
    cause = cause[:CAUSE_MAX_CHARACTERS] or _CAUSE
    with translated(invocation.stack):
        runs = Runs(invocation.stack, invocation.now)
        execution = _running(runs.find(named))
        was_running = execution.status is Status.RUNNING
        tasks: list[Task] = []
        if was_running:
            stopper = Stopper(invocation.stack, execution.arn)
            stopping = stopper.stop(cause)
            invocation.output.note(f"Run {execution.run} is being stopped; waiting for its workers.")
            tasks = stopper.wait(stopping, cause)
            execution = runs.executions.read(execution.arn)
    _print(invocation, execution, tasks, was_running=was_running)
    if left := [task for task in tasks if not task.is_stopped]:
        raise OperatorError(
            f"{len(left)} of {len(tasks)} workers have not stopped yet",
            f"type `{command(invocation, 'show', execution.run)}` in some minutes; the watch machine stops them too",
        )


def _running(found: Named) -> Execution:
    """Return the execution of a run that is running, or the one that is meant if none is."""
    running = [each for each in found.run.executions if each.status is Status.RUNNING]
    return next(iter(running), found.execution)


def _print(invocation: Invocation, execution: Execution, tasks: list[Task], *, was_running: bool) -> None:
    output = invocation.output
    output.document(
        {
            "run": execution.run,
            "execution": execution.arn,
            "status": execution.status.value,
            "was_running": was_running,
            "tasks": [{"task": task.arn, "worker": task.words, "stopped": task.is_stopped} for task in tasks],
        }
    )
    if not was_running:
        output.line(f"Run {execution.run} had ended before ({execution.status.words}); nothing was stopped.")
        return
    if execution.status is Status.ABORTED:
        output.line(f"Run {execution.run} is stopped ({execution.status.words}).")
    else:
        output.line(f"Run {execution.run} ended just before it could be stopped ({execution.status.words}).")
    if tasks:
        output.table(("worker", "task", "state"), [_row(task) for task in tasks])
    else:
        output.line("No worker of it was running.")
    for purpose, line in next_commands(invocation, execution.run, execution.status)[:1]:
        output.line(f"{purpose}: {line}")


def _row(task: Task) -> tuple[str, str, str]:
    return task.words, task.arn.rpartition("/")[2], "stopped" if task.is_stopped else task.status.lower()
