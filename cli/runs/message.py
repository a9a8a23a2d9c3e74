"""The reporter's message of an execution, as lines for a terminal."""

from dataclasses import replace
from typing import TYPE_CHECKING

from cli.runs.run import Execution, Status

if TYPE_CHECKING:
    from reporter.outcome import Outcome
    from reporter.settings import Settings

_SKIPS = {
    "not this week": "was skipped: the schedule does not run every week, and leaves out this one",
    "already run": "was not started a second time: it has succeeded, or another execution is doing it",
}


def message_lines(outcome: "Outcome", settings: "Settings", *, redo: str, reason: str = "") -> list[str]:
    """Return the message of an execution that has ended, with the command `redo` in place of those of the AWS CLI.

    The reporter sends no message for a run that was skipped for a harmless reason.
    """
    if reason in _SKIPS:
        return [f"Run {outcome.run_id} {_SKIPS[reason]}."]
    from reporter.plain_text import plain_text  # noqa: PLC0415
    from reporter.run_message import run_message  # noqa: PLC0415

    message = replace(run_message(outcome, settings), commands=(), footer=())
    text = plain_text(message).text.replace("the command below", f"`{redo}`")
    return text.rstrip("\n").split("\n")


def finding(execution: Execution) -> str:
    """Return the result of an execution that was to validate its input only."""
    found = execution.outcome
    match execution.status:
        case Status.RUNNING:
            return "The input is being validated."
        case Status.VALIDATED:
            planned = found.get("regions")
            names = f": {', '.join(map(str, planned))}" if isinstance(planned, list) else ""
            number = len(planned) if isinstance(planned, list) else planned
            return f"The input is valid. Regions of the run: {number}{names}."
    error, cause = found.get("error") or execution.error, found.get("cause") or execution.cause
    return (
        f"The input is not valid. {error}: {cause}"
        if error
        else f"The validation was {execution.status.words}."
    )
