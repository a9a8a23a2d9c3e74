"""The message of a run that ended, or that was skipped."""

import hashlib
from dataclasses import asdict, replace
from typing import Any

from reporter import links
from reporter.documents import document
from reporter.footer import footer
from reporter.log_streams import log_streams
from reporter.message import Link, Message, Occasion
from reporter.operator_commands import troubleshooting
from reporter.outcome import Outcome
from reporter.reasons import bounded, grouped
from reporter.run_commands import run_commands
from reporter.run_details import run_details
from reporter.run_lines import headline, run_lines, verdict
from reporter.settings import Settings
from reporter.words import clean, subject

RUN = "run"
"""The incident of a run that did not succeed, with the name of the run after a slash."""
MISSED = "missed"
"""The incident of a success that is overdue."""

_OCCASIONS = {
    "succeeded": Occasion.SUCCEEDED,
    "partial": Occasion.PARTIAL,
    "skipped": Occasion.SKIPPED,
}
_WITHOUT_INCIDENT = (Occasion.SUCCEEDED, Occasion.SKIPPED)


def run_message(outcome: Outcome, settings: Settings) -> Message:
    """Return the message of an outcome whose status is any but `missed`."""
    occasion = _OCCASIONS.get(outcome.status, Occasion.FAILED)
    shown = _cleaned(outcome)
    failures = grouped(shown.failures)
    # Each run has its own incident: the success of another run, or of a run of fewer regions, does not resolve it.
    incident = f"{RUN}/{shown.run_id}" if shown.run_id else RUN
    return Message(
        id=f"execution/{outcome.execution}" if outcome.execution else f"outcome/{_digest(outcome)}",
        occasion=occasion,
        subject=subject(settings, shown.run_id or "a run", verdict(shown)),
        headline=headline(shown, settings),
        lines=run_lines(shown, failures),
        groups=bounded(failures),
        details=run_details(shown, settings),
        links=(*_links(shown, settings), *troubleshooting(settings, occasion)),
        commands=run_commands(shown, settings),
        footer=footer(settings),
        incident=None if occasion in _WITHOUT_INCIDENT else incident,
        resolves=(
            *([incident] if occasion is Occasion.SUCCEEDED else []),
            *([MISSED] if outcome.counts_as_success else []),
        ),
        document=document(settings, occasion, outcome=asdict(outcome)),
    )


def _digest(outcome: Outcome) -> str:
    """Return a hash of an outcome; two outcomes without an execution are the same event only if they are equal."""
    return hashlib.sha256(repr(outcome).encode()).hexdigest()[:32]


def _cleaned(outcome: Outcome) -> Outcome:
    """Return an outcome whose texts are one line each; failures are cleaned where they are grouped."""
    texts: dict[str, Any] = {
        name: clean(value) for name, value in vars(outcome).items() if isinstance(value, str)
    }
    warnings = tuple(text for warning in outcome.warnings if (text := clean(warning)))
    return replace(outcome, **texts, warnings=warnings)


def _links(outcome: Outcome, settings: Settings) -> tuple[Link, ...]:
    return (
        *([links.reports(settings, outcome.run_id)] if outcome.planned > 0 and outcome.run_id else []),
        links.execution(settings, outcome.execution)
        if outcome.execution
        else links.executions(settings, settings.machine_arn),
        *(
            [links.execution(settings, outcome.owner_execution, "Execution that is still running")]
            if outcome.owner_execution
            else []
        ),
        *(
            [links.worker_log(settings, next(iter(log_streams(outcome)), ""))]
            if outcome.status != "skipped"
            else []
        ),
        *([links.all_runs(settings)] if outcome.status != "skipped" else []),
        links.dashboard(settings),
    )
