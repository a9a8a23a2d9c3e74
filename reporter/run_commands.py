"""The commands that run a whole run, or its missing regions, again."""

import re

from reporter import commands
from reporter.message import Command
from reporter.operator_commands import operator_command
from reporter.outcome import Outcome
from reporter.run_lines import explanation, other_run
from reporter.settings import Settings
from reporter.words import count

# The error of the run itself, or of an execution that could not report it.
_DAMAGED_FILE = re.compile(
    r"(?:Ccapi\.\w+: )*(?:Ccapi\.StateUnreadable|Worker\.InvalidInput(?=: \S+ is not a usable plan )): "
    r"(?P<uri>s3://(?P<bucket>[a-z0-9.-]+)/[\w./=-]+)(?: |$)",
    re.ASCII,
)


def run_commands(outcome: Outcome, settings: Settings) -> tuple[Command, ...]:
    """Return the commands of a run's message: a line of `ccapi`, then the same with the AWS CLI."""
    if outcome.status == "succeeded" and outcome.is_summarized:
        return (_about_the_run(outcome, settings, "To list its reports:", "reports"),)
    if outcome.status == "skipped":
        return (_show(outcome, settings), *_after_the_other_run(outcome, settings))
    if not may_be_redone_unchanged(outcome):
        purpose = (
            "To start a run with a corrected input, copy the old one from the Execution link into input.json, correct "
            "it, and type this without the #:"
        )
        return (_show(outcome, settings), commands.start_corrected(settings, purpose))
    again = commands.start_again(
        settings, "The same with the AWS CLI:", outcome.input, run_id_to_redo(outcome)
    )
    redo = _about_the_run(outcome, settings, _purpose(outcome, settings), "redo")
    return (*_on_damaged_file(outcome, settings), redo, again)


def _show(outcome: Outcome, settings: Settings) -> Command:
    return _about_the_run(outcome, settings, "To see all about it:", "show")


def _about_the_run(outcome: Outcome, settings: Settings, purpose: str, command: str) -> Command:
    """Return a line of `ccapi` about the run, which its execution names if its claim failed."""
    if run := outcome.run_id or outcome.execution.rpartition(":")[2]:
        return operator_command(settings, purpose, command, run)
    return operator_command(settings, "To list the runs:", "runs")


def run_id_to_redo(outcome: Outcome) -> str:
    """Return the name that the input of a redo has; empty for a run without a plan, which cannot be named.

    A scheduled run gets its name from the time in its input.
    """
    return outcome.run_id if outcome.planned > 0 or outcome.regions is None else ""


def may_be_redone_unchanged(outcome: Outcome) -> bool:
    """Return False if the run would fail again with the same input, as that was refused."""
    found = explanation(outcome)
    return found is None or found.may_succeed_unchanged


def _on_damaged_file(outcome: Outcome, settings: Settings) -> tuple[Command, ...]:
    """Return the commands on a file of the cache bucket that the pipeline could not read; the error names it first."""
    found = _DAMAGED_FILE.match(f"{outcome.error}: {outcome.cause}")
    if not found or found["bucket"] != settings.cache_bucket:
        return ()
    return (
        commands.list_executions(
            settings, "To see whether another run is running:", settings.machine_arn, "RUNNING"
        ),
        commands.show_file(settings, "To look at the file that cannot be read:", found["uri"]),
        commands.delete_file(settings, "To delete it, if no other run is running:", found["uri"]),
    )


def _after_the_other_run(outcome: Outcome, settings: Settings) -> tuple[Command, ...]:
    if outcome.is_running_already:
        return ()
    run = f"run {outcome.run_id}" if outcome.run_id else "it"
    purpose = f"To start {run} when {other_run(outcome)} has ended:"
    return (commands.start_again(settings, purpose, outcome.input),)


def _purpose(outcome: Outcome, settings: Settings) -> str:
    if outcome.planned <= 0:
        return _purpose_without_plan(outcome)
    if outcome.status == "succeeded":
        return "To make the page and summary.json again:"
    if not settings.resumes:
        return "To do the whole run again (all regions; the program cannot do the missing ones only):"
    if outcome.is_summarized and outcome.failed > 0:
        if outcome.succeeded <= 0:
            all_regions = (
                "the 1 region" if outcome.planned == 1 else f"all {count(outcome.planned, 'region')}"
            )
            return f"To do {all_regions} again:"
        missing = count(outcome.failed, "missing region")
        return f"To do the {missing}, and only {'that one' if outcome.failed == 1 else 'those'}:"
    return "To do the missing regions, and only those:"


def _purpose_without_plan(outcome: Outcome) -> str:
    if outcome.regions is None:
        return "To do what is missing of the run (if it is refused because the run has no plan, leave out run_id):"
    is_stopped = outcome.status == "aborted"
    return "To start the run again:" if is_stopped else "To start the run again, once the cause is removed:"
