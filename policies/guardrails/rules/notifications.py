"""Whether a fault in telling somebody can change what is told."""

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

_TELLING = {
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
"""What a Task calls that only tells people, or their dashboards; a queue or an event bus may as well hand work on."""

States = Mapping[str, definition.State]
"""By name, which is unique in a machine."""


def _faults_are_caught(subject: Subject) -> Iterator[str]:
    telling = [state for state in states_of_types(subject, "Task") if _only_tells(state)]
    judged = [state for state in telling if state.name not in subject.limits["mayFailRun"]]
    if not judged:
        excepted = ", but for those in mayFailRun" if telling else ""
        raise NotApplicableError(f"no Task of the machine only tells somebody{excepted}")
    states = _read(definition_of(subject))
    for state in judged:
        if all(retrier.get("MaxAttempts") == 0 for retrier in state.objects(RETRY)):
            yield f"{state.name} is never tried again; write a retrier of {ALL} with a MaxAttempts of 1 or more."
        if not any(ALL in _errors(catcher) for catcher in _catchers(state)):
            yield (
                f"{state.name} has no Catch of {ALL}, so that a fault in telling ends the run; write one that goes "
                "on where it would have gone."
            )
        otherwise = _certain_fails(state.fields.get("Next"), states)
        for target in dict.fromkeys(catcher["Next"] for catcher in _catchers(state)):
            fails = _certain_fails(target, states)
            if not fails <= otherwise:
                only = (
                    ""
                    if fails == {target}
                    else f", from where it can only come to {', '.join(sorted(fails))}"
                )
                yield (
                    f"{state.name} goes on at {target} when it fails{only}, so that a fault in telling fails the run; "
                    "let its Catch go on where it would have gone."
                )


def _only_tells(state: State) -> bool:
    # One that waits for an answer hands out work.
    integration = integration_of(state)
    return integration is not None and integration.name in _TELLING and not integration.pattern


def _catchers(state: State) -> list[Mapping[str, Any]]:
    """Return the catchers of a Task that go on somewhere."""
    return [one for one in state.objects("Catch") if isinstance(one.get("Next"), str)]


def _errors(catcher: Mapping[str, Any]) -> list[Any]:
    names = catcher.get("ErrorEquals")
    return names if isinstance(names, list) else []


def _read(machine: Mapping[str, Any]) -> States:
    """Return the states of a machine with the ways between them, as far as they can be read."""
    states: dict[str, definition.State] = {}
    for scope in scopes_of(machine):
        try:
            states.update(definition.read_scope(scope).states)
        except UnknownError:
            # Told by machine-states-bounded.
            continue
    return states


def _certain_fails(start: object, states: States) -> frozenset[str]:
    """Return the Fail states in one of which all ways from a state end; none where one may end otherwise."""
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
        requirement="A Task that only tells somebody is retried, and its fault never changes how a run ends.",
        rationale=(
            "A throttled topic would otherwise turn a run that succeeded into one that failed, or hide the failure "
            "that was to be told behind its own."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation=(
            "Write a retrier and a Catch of States.ALL that goes on where the Task would have gone, or name a Task "
            "whose message is the work itself in mayFailRun."
        ),
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.RESOURCE,
        judges=frozenset({STATE_MACHINE}),
        judge=_faults_are_caught,
        limits=(
            Limit(
                key="mayFailRun",
                description="The Tasks by name whose message is the work itself, so that its fault may fail the run.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
