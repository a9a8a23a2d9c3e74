"""`ccapi show`: a run with its states, workers, errors, reports and cost."""

from dataclasses import replace

import click

from cli.aws_errors import translated
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.messages.deployed_reporter import reporter_settings
from cli.next_commands import command, next_commands
from cli.runs.argument import run_argument
from cli.runs.details import Details, missing_by_reason
from cli.runs.document import dollars
from cli.runs.message import finding, message_lines
from cli.runs.outcome import is_refused, outcome_of
from cli.runs.reading import Runs
from cli.runs.run import Named, Progress, Status
from cli.runs.snapshot import Snapshot
from cli.times import minute


@click.command(cls=OperatorCommand)
@run_argument()
@pass_invocation
def show(invocation: Invocation, named: str | None) -> None:
    """Show RUN, or the newest run: its message, its states, its workers, its reports, and what to type next.

    RUN is the name of a run or of one of its executions.
    """
    with translated(invocation.stack):
        runs = Runs(invocation.stack, invocation.now)
        details = _read(invocation, runs, runs.find(named))
    invocation.output.document(details.document())
    _print(invocation, details)


def _read(invocation: Invocation, runs: Runs, found: Named) -> Details:
    execution, history = runs.executions.read_with_history(found.execution.arn)
    # Read with its children, it may have a cost.
    executions = tuple(execution if each.arn == execution.arn else each for each in found.run.executions)
    run, now = replace(found.run, executions=executions), invocation.now()
    progress = Progress() if execution.validates_only else runs.records.progress(execution.run)
    files = () if execution.validates_only else tuple(runs.records.reports(execution.run))
    is_running = execution.status is Status.RUNNING
    message: list[str] = []
    needs_another_input = False
    failures: tuple[dict[str, str], ...] = ()
    settings = reporter_settings(invocation.stack)
    if execution.validates_only:
        message = [finding(execution)]
    elif is_running:
        snapshot = Snapshot(execution, history, progress, settings.timeout_seconds, now)
        message = [f"Run {execution.run} is running: {snapshot.line()}."]
    else:
        outcome = outcome_of(execution, progress, runs.records.summary(execution.run))
        again = command(invocation, "redo", execution.run)
        message = message_lines(outcome, settings, redo=again, reason=execution.reason)
        needs_another_input = is_refused(outcome)
        failures = tuple({str(key): str(value) for key, value in each.items()} for each in outcome.failures)
    is_decisive = execution.arn == run.decisive.arn
    missing = progress.missing if is_decisive else ()
    return Details(
        run=run,
        execution=execution,
        history=history,
        progress=progress,
        files=files,
        missing=missing_by_reason(failures, missing, is_running=is_running),
        message=tuple(message),
        now=now,
        next=(
            *next_commands(invocation, run.name, run.status, is_refused=needs_another_input),
            ("To see all runs", command(invocation, "runs")),
        ),
    )


def _print(invocation: Invocation, details: Details) -> None:
    output = invocation.output
    for line in details.message:
        output.line(line)
    executions = details.run.executions
    if len(executions) > 1:
        _title(invocation, "Executions of this run")
        listed = [
            (each.name, each.status.words, minute(each.start), dollars(each.usd)) for each in executions
        ]
        output.table(("execution", "status", "started (UTC)", "cost"), listed, right=("cost",))
    if rows := details.state_rows():
        _title(invocation, f"States of {details.execution.name} (UTC)")
        output.table(("state", "start", "took", "error"), rows, right=("took",))
    if rows := details.worker_rows():
        _title(invocation, "Workers")
        columns = ("worker", "attempt", "size", "capacity", "state", "took")
        output.table(columns, rows, right=("attempt", "took"))
        for line in details.error_lines():
            output.line(line)
    _print_missing(invocation, details)
    if details.files:
        _title(invocation, f"Reports: {len(details.files)} files")
        output.line(f"To list them: {command(invocation, 'reports', details.run.name)}")
    _title(invocation, "Next")
    for purpose, line in details.next:
        output.line(f"{purpose}: {line}")


def _print_missing(invocation: Invocation, details: Details) -> None:
    """Print the missing regions, unless the message has them."""
    text = "\n".join(details.message)
    hidden = {reason: names for reason, names in details.missing.items() if reason not in text}
    if not hidden:
        return
    _title(invocation, "Missing regions, by reason")
    for reason, names in hidden.items():
        invocation.output.line(f"- {reason}")
        invocation.output.line(f"  {', '.join(names)}")


def _title(invocation: Invocation, text: str) -> None:
    invocation.output.line()
    invocation.output.line(text, style="bold")
