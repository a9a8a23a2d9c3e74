"""The rules that a Choice always has a next state, and that the failure of a container is caught."""

from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.aws.errors import ALL
from guardrails.aws.integrations import integration_of
from guardrails.aws.machines import State, definition_of, states_of, states_of_types
from guardrails.aws.types import STATE_MACHINE
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_STARTS_CONTAINER = frozenset({"ecs:runTask", "batch:submitJob", "eks:runJob"})


def _without_default(subject: Subject) -> Iterator[str]:
    for state in states_of_types(subject, "Choice"):
        if not isinstance(state.fields.get("Default"), str) and not _is_exhaustive(state):
            yield (
                f"{state.name} has no Default, so that the execution fails with States.NoChoiceMatched if none of its "
                f"{len(state.objects('Choices'))} rules holds, which no Catch can prevent; write a Default."
            )


def _is_exhaustive(state: State) -> bool:
    """Return True if one of two rules on the same variable always holds."""
    choices = state.objects("Choices")
    if any(str(choice.get("Condition")).strip("{}% ") == "true" for choice in choices):
        return True
    compared = {
        (choice.get("Variable"), choice["BooleanEquals"])
        for choice in choices
        if isinstance(choice.get("BooleanEquals"), bool) and isinstance(choice.get("Variable"), str)
    }
    return any((variable, not value) in compared for variable, value in compared)


def _uncaught(subject: Subject) -> Iterator[str]:
    definition = definition_of(subject)
    if not any(map(_catches, states_of(definition))):
        raise NotApplicableError(f"the machine has no Catch of {ALL}: each failure fails the execution")
    working = list(_working(definition, is_caught=False))
    if not working:
        raise NotApplicableError("no state waits for a task token or starts a container")
    for state, is_caught in working:
        if not is_caught and state.name not in subject.limits["mayFailRun"]:
            yield (
                f"{state.name} has no Catch of {ALL}, nor has a Map or a Parallel around it, so that its failure ends "
                "the execution past the states that handle failures; write a Catch, or name it in mayFailRun."
            )


def _working(scope: Any, *, is_caught: bool) -> Iterator[tuple[State, bool]]:
    """Yield the Tasks that wait for a token or start a container, with True for those whose failure is caught."""
    states = scope.get("States") if isinstance(scope, Mapping) else None
    for name, fields in states.items() if isinstance(states, Mapping) else ():
        if not isinstance(fields, Mapping):
            continue
        state = State(str(name), fields)
        caught = is_caught or _catches(state)
        if state.type == "Task" and (state.waits_for_token or _starts_container(state)):
            yield state, caught
        for inner in (*state.objects("Branches"), fields.get("ItemProcessor"), fields.get("Iterator")):
            yield from _working(inner, is_caught=caught)


def _starts_container(state: State) -> bool:
    integration = integration_of(state)
    return integration is not None and integration.name in _STARTS_CONTAINER


def _catches(state: State) -> bool:
    return any(ALL in (catcher.get("ErrorEquals") or ()) for catcher in state.objects("Catch"))


RULES = (
    Rule(
        name="choice-has-default",
        requirement="A Choice has a Default, unless one of its rules always holds.",
        rationale=(
            "A value that no rule expects ends the execution with States.NoChoiceMatched. A Choice has no Catch, so "
            "that the states that report failures are never reached."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write a Default that leads to the state that reports a failure.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_without_default,
    ),
    Rule(
        name="work-failure-caught",
        requirement=(
            "In a machine that catches failures, a Task that waits for a token or starts a container is in a Catch."
        ),
        rationale=(
            "The work of a container is what fails most often. Without a Catch its failure ends the execution at once: "
            "no message, no metric, no release of what the run holds."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write a Catch of States.ALL at the Task, or at the Map or Parallel around it.",
        url="https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}),
        evaluate=_uncaught,
        limits=(
            Limit(
                key="mayFailRun",
                description="The Tasks, by name, whose failure may end the execution at once.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
