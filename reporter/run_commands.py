"""The command that does a run again, or what is missing of it."""

from reporter import commands
from reporter.message import Command
from reporter.outcome import Outcome
from reporter.run_lines import explanation, other_run
from reporter.settings import Settings
from reporter.words import count


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
    run_id = outcome.run_id if outcome.regions > 0 else ""
    return (commands.start_again(settings, _purpose(outcome, settings), outcome.input, run_id),)


def _after_the_other_run(outcome: Outcome, settings: Settings) -> tuple[Command, ...]:
    if outcome.is_running_already:
        return ()
    run = f"run {outcome.run_id}" if outcome.run_id else "it"
    purpose = f"To start {run} when {other_run(outcome)} has ended:"
    return (commands.start_again(settings, purpose, outcome.input),)


def _purpose(outcome: Outcome, settings: Settings) -> str:
    if outcome.regions <= 0:
        is_stopped = outcome.status == "aborted"
        return (
            "To start the run again:" if is_stopped else "To start the run again, once the cause is removed:"
        )
    if outcome.status == "succeeded":
        return "To make the page and summary.json again:"
    if not settings.resumes:
        return "To do the whole run again (all regions; the program cannot do the missing ones only):"
    if outcome.is_summarized and outcome.failed > 0:
        if outcome.succeeded <= 0:
            all_regions = (
                "the 1 region" if outcome.regions == 1 else f"all {count(outcome.regions, 'region')}"
            )
            return f"To do {all_regions} again:"
        missing = count(outcome.failed, "missing region")
        return f"To do the {missing}, and only {'that one' if outcome.failed == 1 else 'those'}:"
    return "To do the missing regions, and only those:"
