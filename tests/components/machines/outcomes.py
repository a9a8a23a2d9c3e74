"""The outcomes that walks through the machines report, and the messages that the reporter writes about them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from components.machines.weekly.state_names import WeeklyState
from components.resources.reporter_settings import reporter_settings
from components.settings import Settings
from components.settings.names import Names
from reporter.events import outcome_message
from reporter.message import Message
from reporter.outcome import Outcome
from reporter.plain_text import plain_text
from reporter.settings import VARIABLE
from reporter.settings import Settings as ReporterSettings
from tests.components.machines.walk import Failed, Walk
from tests.stacks import settings_of

Json = dict[str, Any]

REPORTER_FAULTS = (
    Failed("Lambda.AWSLambdaException", "Service exception"),
    Failed("Lambda.AccessDeniedException", "User is not authorized to perform: lambda:InvokeFunction"),
    Failed("Lambda.ResourceNotFoundException", "Function not found"),
    Failed("Lambda.TooManyRequestsException", "Rate Exceeded."),
    Failed("Lambda.KMSAccessDeniedException", "Lambda was unable to decrypt the environment variables"),
    Failed("NotDeliveredError", '{"errorMessage": "email: the topic was not found"}'),
    Failed("Sandbox.Timedout", "Task timed out after 60.00 seconds"),
    Failed("States.Timeout"),
)
"""The errors of the state that invokes the reporter: it is denied, absent, throttled, broken or slow."""


def outcome_of(walked: Walk, state: str = WeeklyState.REPORT_OUTCOME) -> Json:
    """Return the outcome that a walk passes to the reporter, the same in each attempt."""
    first, *others = [call.arguments["Payload"] for call in walked.called(state)]
    assert all(other == first for other in others)
    # The weekly machine passes `counts_as_success` beside its outcome.
    beside = {field: first[field] for field in first if field not in {"outcome", "counts_as_success"}}
    return {**first["outcome"], **beside}


def message_of(outcome: Mapping[str, Any], settings: Settings | None = None) -> Message:
    """Return the message that the reporter of a stack writes about an outcome."""
    settings = settings or settings_of("dev")
    document = reporter_settings(settings, Names.of(settings))
    return outcome_message(outcome, ReporterSettings.read({VARIABLE: json.dumps(document)}))


def text_of(outcome: Mapping[str, Any], settings: Settings | None = None) -> str:
    """Return the text of that message, with its subject as the first line."""
    mail = plain_text(message_of(outcome, settings))
    return f"{mail.subject}\n{mail.text}"


def contract_faults(outcome: Mapping[str, Any]) -> Iterator[str]:
    """Yield each field of a document that `Outcome` does not store unchanged."""
    known = vars(Outcome.of(outcome))
    for name, value in outcome.items():
        if name not in known:
            yield f"{name}: is no field of Outcome"
        elif isinstance(value, bool) != isinstance(known[name], bool) or known[name] != _frozen(value):
            yield f"{name}: {value!r} is taken for {known[name]!r}"
    for failure in known["failures"]:
        if set(failure) != {"region", "error"} or not all(isinstance(each, str) for each in failure.values()):
            yield f"failures: {failure!r} is not a region with its error"


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
