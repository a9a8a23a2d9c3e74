"""The rule that a failed notification does not change the outcome of a run."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from guardrails.aws.errors import ALL
from guardrails.aws.integrations import integration_of
from guardrails.aws.machines import State, definition_of, scopes_of, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.time import definition
from guardrails.time.graph import components
from guardrails.time.values import UnknownError
from guardrails.time.worst import RETRY

_NOTIFICATIONS = {
    "cloudwatch:putMetricData",
    "mobiletargeting:sendMessages",
    "ses:sendBulkEmail",
    "ses:sendBulkTemplatedEmail",
    "ses:sendEmail",
    "ses:sendRawEmail",
    "ses:sendTemplatedEmail",
    "sms-voice:sendTextMessage",
    "sns:publish",
    "sns:publishBatch",
}
"""The calls that only notify people or publish metrics; a queue or an event bus may pass on work."""

States = Mapping[str, definition.State]
"""By name, which is unique in a machine."""


def _uncaught_notification_errors(subject: Subject) -> Iterator[str]:
    notifying = [state for state in states_of_types(subject, "Task") if _only_notifies(state)]
    checked = [state for state in notifying if state.name not in subject.limits["mayFailRun"]]
    if not checked:
        excepted = ", except those in mayFailRun" if notifying else ""
        raise NotApplicableError(f"no Task of the machine only sends a notification{excepted}")
    states = _read(definition_of(subject))
    for state in checked:
        if all(retrier.get("MaxAttempts") == 0 for retrier in state.objects(RETRY)):
            yield f"{state.name} is never retried; write a retrier of {ALL} with a MaxAttempts of 1 or more."
        if not any(ALL in _errors(catcher) for catcher in _catchers(state)):
            yield (
                f"{state.name} has no Catch of {ALL}, so that a failed notification ends the run; write one that "
                "continues with the Task's own Next."
            )
        otherwise = _certain_fails(state.fields.get("Next"), states)
        for target in dict.fromkeys(catcher["Next"] for catcher in _catchers(state)):
            fails = _certain_fails(target, states)
            if not fails <= otherwise:
                only = (
                    "" if fails == {target} else f", from where it can only reach {', '.join(sorted(fails))}"
                )
                yield (
                    f"{state.name} continues with {target} when it fails{only}, so that a failed notification fails "
                    "the run; let its Catch continue with the Task's own Next."
                )


def _only_notifies(state: State) -> bool:
    # A Task that waits for an answer passes on work.
    integration = integration_of(state)
    return integration is not None and integration.name in _NOTIFICATIONS and not integration.pattern


def _catchers(state: State) -> list[Mapping[str, Any]]:
    """Return the catchers of a Task that have a Next state."""
    return [catcher for catcher in state.objects("Catch") if isinstance(catcher.get("Next"), str)]


def _errors(catcher: Mapping[str, Any]) -> list[Any]:
    names = catcher.get("ErrorEquals")
    return names if isinstance(names, list) else []


def _read(machine: Mapping[str, Any]) -> States:
    """Return the states of a machine with their edges, as far as they can be read."""
    states: dict[str, definition.State] = {}
    for scope in scopes_of(machine):
        try:
            states.update(definition.read_scope(scope).states)
        except UnknownError:
            # The rule `machine-states-bounded` reports it.
            continue
    return states


def _certain_fails(start: object, states: States) -> frozenset[str]:
    """Return the Fail states that all paths from a state end in; none if a path may end in another state."""
    if not isinstance(start, str):
        return frozenset()
    targets = {name: [edge.target for edge in state.edges] for name, state in states.items()}
    reached = set(chain.from_iterable(components([start], targets)))
    if any(name not in states or states[name].faults for name in reached):
        return frozenset()
    ends = {name for name in reached if not targets[name] or states[name].fields.get("End") is True}
    return frozenset(ends) if all(states[name].type == "Fail" for name in ends) else frozenset()


RULES = (
    Rule(
        name="notification-failure-caught",
        requirement="A Task that only sends a notification is retried, and its failure never changes a run's outcome.",
        rationale=(
            "Otherwise a throttled topic turns a successful run into a failed one, or hides the failure that was to be "
            "reported behind its own."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation=(
            "Write a retrier and a Catch of States.ALL that continues with the Task's own Next, or name a Task whose "
            "message is the work itself in mayFailRun."
        ),
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_uncaught_notification_errors,
        limits=(
            Limit(
                key="mayFailRun",
                description=(
                    "The Tasks, by name, whose message is the work itself, so that their failure may fail the "
                    "run."
                ),
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
