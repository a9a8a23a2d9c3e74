"""The message that no run has succeeded for longer than the schedule allows."""

from dataclasses import asdict

from reporter import commands, links
from reporter.documents import document
from reporter.footer import footer
from reporter.message import Message, Occasion
from reporter.operator_commands import operator_command, troubleshooting
from reporter.outcome import Outcome
from reporter.run_message import MISSED
from reporter.settings import Settings
from reporter.words import clean, duration, subject

_HOUR_SECONDS = 3600


def missed_message(outcome: Outcome, settings: Settings) -> Message:
    """Return the message of an outcome whose status is `missed`."""
    occasion = Occasion.MISSED
    since = duration(outcome.hours // 1 * _HOUR_SECONDS)
    last = clean(outcome.last_run)
    before = "the last one" if last else "that change"
    due = duration(settings.missed_after_hours * _HOUR_SECONDS)
    return Message(
        id=f"missed/{outcome.since}",
        occasion=occasion,
        subject=subject(settings, "", f"no run has succeeded for {since}"),
        headline=f"No run has succeeded for {since}."
        if last
        else f"No run has succeeded since the schedule was last changed, {since} ago.",
        lines=(
            f"The schedule is not paused, and a success is due within {due} of {before}.",
            f"The last run that succeeded: {last}." if last else "No run that succeeded is on record.",
            "What to do: see whether a run was started and how it ended. If none was, its start may be in the queue "
            f"{settings.schedule_queue}. Then start a run.",
        ),
        details=(
            f"Counted from: {clean(outcome.since)}, the last success or the last change of the schedule",
        )
        if outcome.since
        else (),
        links=(
            links.executions(settings, settings.machine_arn),
            links.dashboard(settings),
            *troubleshooting(settings, occasion),
        ),
        commands=(
            operator_command(settings, "To check all that a run needs:", "doctor"),
            commands.list_executions(settings, "To see the last runs:", settings.machine_arn),
            commands.read_queue(
                settings, "To see the starts that were not delivered:", settings.schedule_queue
            ),
            commands.start(settings, "To start a run now:"),
        ),
        footer=footer(settings),
        incident=MISSED,
        document=document(settings, occasion, outcome=asdict(outcome)),
    )
