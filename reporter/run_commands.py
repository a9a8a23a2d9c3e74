"""The commands that run a whole run, or its missing regions, again."""

import re

from reporter import commands
from reporter.message import Command
from reporter.outcome import Outcome
from reporter.run_lines import explanation, other_run
from reporter.settings import Settings
from reporter.words import count

# The error of the run itself, or of an execution that could not report it.
_DAMAGED_FILE = re.compile(
    r"(?:Ccapi\.\w+: )*Ccapi\.StateUnreadable: (?P<uri>s3://(?P<bucket>[a-z0-9.-]+)/[\w./=-]+)(?: |$)",
    re.ASCII,
)


def run_commands(outcome: Outcome, settings: Settings) -> tuple[Command, ...]:
    """Return the commands of a run's message; one that succeeded and is summarized, or is still running, needs none."""
    if outcome.status == "succeeded" and outcome.is_summarized:
        return ()
    if outcome.status == "skipped":
        return _after_the_other_run(outcome, settings)
    found = explanation(outcome)
    if found is not None and not found.may_succeed_unchanged:
        purpose = (
            "To start a run with a corrected input, copy the old one from the Execution link into input.json, correct "
            "it, and type this without the #:"
        )
        return (commands.start_corrected(settings, purpose),)
    # A run without a plan cannot be named; a scheduled one gets its name from the time in its input.
    run_id = outcome.run_id if outcome.planned > 0 or outcome.regions is None else ""
    again = commands.start_again(settings, _purpose(outcome, settings), outcome.input, run_id)
    return (*_on_damaged_file(outcome, settings), again)


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
