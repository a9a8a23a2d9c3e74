"""State machines of a plan: the definition, every state in it, and the analysis of its running time."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import Resource
from guardrails.properties import PropertyError, read_json, read_partly, read_text
from guardrails.rule import NotApplicableError, Subject
from guardrails.time.analysis import Analysis, analyse
from guardrails.time.bounds import Bounds

DECLARED = "bounds"
"""The input of a component with declared bounds of its machines: `items`, `seconds` and `visits` by state."""

STATES_BOUNDED = "machine-states-bounded"
"""The rule whose limits declare bounds for a whole stack, and which reports unreadable definitions.

It is evaluated first, so that the other rules know both.
"""

BOUND_LIMITS = {"items": "itemsOf", "seconds": "secondsOf", "visits": "visitsOf"}
"""The limit of that rule for each field of a component's declaration."""

_EXPRESS = "EXPRESS"


@dataclass(frozen=True)
class State:
    """One state, at any depth of nesting."""

    name: str
    fields: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The type, such as `Task`; empty if it has none."""
        type_ = self.fields.get("Type")
        return type_ if isinstance(type_, str) else ""

    @property
    def resource(self) -> str:
        """The `Resource` of a Task; empty if it has none."""
        resource = self.fields.get("Resource")
        return resource if isinstance(resource, str) else ""

    @property
    def calls(self) -> str:
        """The called service and action, such as `ecs:runTask` or `aws-sdk:sns:publish`, without `.sync` and the like.

        Empty if the state calls no service integration.
        """
        parts = self.resource.split(":", 5)
        integration = parts[5] if len(parts) == 6 and parts[2] == "states" else ""
        return "" if integration.startswith("activity:") else integration.partition(".")[0]

    @property
    def waits_for_token(self) -> bool:
        """True if a Task waits for an answer with its task token."""
        return self.resource.endswith(".waitForTaskToken")

    @property
    def is_activity(self) -> bool:
        """True if a Task waits for a worker that polls its activity."""
        return ":activity:" in self.resource

    @property
    def arguments(self) -> Any:
        """The arguments of a Task, in JSONata or in JSONPath."""
        return self.fields.get("Arguments", self.fields.get("Parameters"))

    def objects(self, key: str) -> list[Mapping[str, Any]]:
        """Return the objects in a field that should be a list of objects."""
        value = self.fields.get(key)
        return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def definition_of(subject: Subject) -> Mapping[str, Any]:
    """Return the definition of the subject's state machine.

    Raises:
        NotApplicableError: if it cannot be read, and `machine-states-bounded` has reported that.
        PropertyError: if it is not known yet, or not a state machine.
    """
    with subject.reported_by(STATES_BOUNDED):
        return machine_definition(subject.resource)


# Every rule needs it, and some rules need the definitions of all machines.
@lru_cache(maxsize=1_024)
def machine_definition(resource: Resource) -> Mapping[str, Any]:
    """Return a state machine's definition, even if another rule has reported it.

    Raises:
        PropertyError: if it is not known yet, or not a state machine.
    """
    definition = read_json(resource, "definition")
    if not isinstance(definition, Mapping):
        raise PropertyError("definition is not a state machine; write one in Amazon States Language")
    return definition


def is_express(machine: Resource) -> bool:
    """Return True if a state machine has the type EXPRESS; the default is STANDARD."""
    return read_text(machine, "type") == _EXPRESS


def scopes_of(definition: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a machine, every processor of its Maps and every branch of its Parallels, each with its own States."""
    pending = [definition]
    while pending:
        scope = pending.pop()
        if isinstance(scope, Mapping) and isinstance(scope.get("States"), Mapping):
            yield scope
            for state in _states_in(scope):
                pending += [*state.objects("Branches"), *map(state.fields.get, ("ItemProcessor", "Iterator"))]


def states_of(definition: Any) -> Iterator[State]:
    """Yield every state of a machine, including those in Maps and Parallels; none for any other value."""
    return chain.from_iterable(map(_states_in, scopes_of(definition)))


def state_named_in(resource: Resource, sentence: str) -> str | None:
    """Return the state of a machine whose name a sentence begins with, or None if there is none."""
    if resource.type != STATE_MACHINE:
        return None
    try:
        names = {state.name for state in states_of(machine_definition(resource))}
    except PropertyError:
        return None
    # `Work` and `Work again` may both be states: the longest name is the one that is meant.
    named = (name for name in names if re.match(rf"{re.escape(name)}(?![\w-])", sentence))
    return max(named, key=len, default=None)


def _states_in(scope: Mapping[str, Any]) -> Iterator[State]:
    for name, fields in scope["States"].items():
        if isinstance(fields, Mapping):
            yield State(str(name), fields)


def states_of_types(subject: Subject, *types: str) -> list[State]:
    """Return the states of some types of the subject's machine.

    Raises:
        NotApplicableError: if it has none, or another rule has reported its definition.
        PropertyError: if its definition is not known yet, or not a state machine.
    """
    states = [state for state in states_of(definition_of(subject)) if state.type in types]
    if not states:
        raise NotApplicableError(f"the machine has no {' and no '.join(types)}")
    return states


def analysis_of(subject: Subject) -> Analysis:
    """Return the analysis of the running time of the subject's state machine.

    Raises:
        NotApplicableError: if another rule has reported its definition.
        PropertyError: if its definition is not known yet, or not a state machine.
    """
    definition = definition_of(subject)
    # The rule `machine-within-quotas` reports a type that is not known yet.
    express = read_partly(subject.resource, "type") == _EXPRESS
    return _analyse(json.dumps(definition), json.dumps(_declared(subject), sort_keys=True), express)


def bounds_of(subject: Subject) -> Bounds:
    """Return the declared bounds of a machine: from the stack's limits, or else from the nearest component."""
    return _bounds(_declared(subject))


@lru_cache(maxsize=256)
def _analyse(definition: str, declared: str, is_express: bool) -> Analysis:
    return analyse(json.loads(definition), _bounds(json.loads(declared)), is_express=is_express)


def _bounds(declared: Mapping[str, Mapping[str, Any]]) -> Bounds:
    return Bounds(items_of=declared["items"], seconds_of=declared["seconds"], visits_of=declared["visits"])


def _declared(subject: Subject) -> dict[str, dict[str, float]]:
    configured = subject.results.limits.get(STATES_BOUNDED, {})
    declarations = [
        *(
            component.properties.get(DECLARED)
            for component in reversed(list(subject.plan.ancestors(subject.resource)))
        ),
        {part: configured.get(limit) for part, limit in BOUND_LIMITS.items()},
    ]
    declared: dict[str, dict[str, float]] = {part: {} for part in BOUND_LIMITS}
    for declaration in declarations:
        for part, of_states in declared.items():
            found = declaration.get(part) if isinstance(declaration, Mapping) else None
            if isinstance(found, Mapping):
                of_states.update({name: n for name, n in found.items() if _is_count(n)})
    return declared


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
