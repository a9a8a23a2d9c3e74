"""Whether a fault in telling somebody can change what is told."""

from collections.abc import Iterator

from guardrails.aws.errors import ALL
from guardrails.aws.integrations import integration_of
from guardrails.aws.machines import State, definition_of, states_of, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time.worst import RETRY

_TELLING = {
    "cloudwatch:putMetricData",
    "events:putEvents",
    "sns:publish",
    "sns:publishBatch",
    "sqs:sendMessage",
    "sqs:sendMessageBatch",
}
"""What a Task calls that only tells somebody."""


def _faults_are_caught(subject: Subject) -> Iterator[str]:
    telling = [state for state in states_of_types(subject, "Task") if _only_tells(state)]
    if not telling:
        raise NotApplicableError("no Task of the machine only tells somebody")
    failing = {state.name for state in states_of(definition_of(subject)) if state.type == "Fail"}
    for state in telling:
        if all(retrier.get("MaxAttempts") == 0 for retrier in state.objects(RETRY)):
            yield f"{state.name} is never tried again; write a retrier of {ALL} with a MaxAttempts of 1 or more."
        caught = _way_out(state)
        if caught is None:
            yield (
                f"{state.name} has no Catch of {ALL}, so that a fault in telling ends the run; write one that goes "
                "on where it would have gone."
            )
        elif caught in failing and caught != state.fields.get("Next"):
            yield (
                f"{state.name} goes on at {caught} when it fails, so that a fault in telling fails the run; let its "
                f"Catch of {ALL} go on where it would have gone."
            )


def _only_tells(state: State) -> bool:
    # One that waits for an answer hands out work.
    integration = integration_of(state)
    return integration is not None and integration.name in _TELLING and not integration.pattern


def _way_out(state: State) -> str | None:
    """Return where a Task goes on whatever error it ends with, or None where it does not."""
    for catcher in state.objects("Catch"):
        names, target = catcher.get("ErrorEquals"), catcher.get("Next")
        if isinstance(names, list) and ALL in names:
            return target if isinstance(target, str) else None
    return None


RULES = (
    Rule(
        name="notification-failure-caught",
        requirement="A Task that only tells somebody is retried, and its fault never changes how a run ends.",
        rationale=(
            "A throttled topic would otherwise turn a run that succeeded into one that failed, or hide the failure "
            "that was to be told behind its own."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write a retrier and a Catch of States.ALL that goes on where the Task would have gone.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_faults_are_caught,
    ),
)
