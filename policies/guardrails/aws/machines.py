"""State machines as rules read them: the definition, every state in it, and how long it can run."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from guardrails.plan import Resource
from guardrails.properties import PropertyError, read_json, read_partly, read_text
from guardrails.rule import NotApplicableError, Subject
from guardrails.time.analysis import Analysis, analyse
from guardrails.time.bounds import Bounds

DECLARED = "bounds"
"""The input of a component that declares the bounds of the machines in it: `items`, `seconds` and `visits` by state."""

STATES_BOUNDED = "machine-states-bounded"
"""The rule whose limits declare bounds for a whole stack, and which tells where a definition cannot be read.

It is the first of all, so that the others know both.
"""

BOUND_LIMITS = {"items": "itemsOf", "seconds": "secondsOf", "visits": "visitsOf"}
"""The limit of that rule for each part of a component's declaration."""

_EXPRESS = "EXPRESS"


@dataclass(frozen=True)
class State:
    """One state, however deep it lies."""

    name: str
    fields: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Task, Map and so on; nothing where it has none."""
        type_ = self.fields.get("Type")
        return type_ if isinstance(type_, str) else ""

    @property
    def resource(self) -> str:
        """The integration that a Task calls; nothing where it has none."""
        resource = self.fields.get("Resource")
        return resource if isinstance(resource, str) else ""

    @property
    def calls(self) -> str:
        """The service and its action, such as `ecs:runTask` or `aws-sdk:sns:publish`; nothing where it calls no such.

        How it waits for the answer, `.sync` or `.waitForTaskToken`, is not part of it.
        """
        parts = self.resource.split(":", 5)
        integration = parts[5] if len(parts) == 6 and parts[2] == "states" else ""
        return "" if integration.startswith("activity:") else integration.partition(".")[0]

    @property
    def waits_for_token(self) -> bool:
        """Whether a Task goes on when somebody answers by its task token."""
        return self.resource.endswith(".waitForTaskToken")

    @property
    def is_activity(self) -> bool:
        """Whether a Task waits for a worker that asks for its activity."""
        return ":activity:" in self.resource

    @property
    def arguments(self) -> Any:
        """What a Task asks of it, in JSONata or in JSONPath."""
        return self.fields.get("Arguments", self.fields.get("Parameters"))

    def objects(self, key: str) -> list[Mapping[str, Any]]:
        """Return the objects of a field that should hold a list of them."""
        value = self.fields.get(key)
        return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def definition_of(subject: Subject) -> Mapping[str, Any]:
    """Return the definition of the state machine that a rule is asked about.

    Raises:
        NotApplicableError: where it cannot be read, and `machine-states-bounded` has refused it for that.
        PropertyError: where it is not known yet, or no machine.
    """
    with subject.told_by(STATES_BOUNDED):
        return machine_definition(subject.resource)


# Each rule asks for it, and some for those of all machines.
@lru_cache(maxsize=1_024)
def machine_definition(resource: Resource) -> Mapping[str, Any]:
    """Return a state machine's definition, whatever other rules have told of it.

    Raises:
        PropertyError: where it is not known yet, or no machine.
    """
    definition = read_json(resource, "definition")
    if not isinstance(definition, Mapping):
        raise PropertyError("definition holds no state machine; write one in Amazon States Language")
    return definition


def is_express(machine: Resource) -> bool:
    """Tell whether a state machine is of the type EXPRESS; of Standard where it says nothing."""
    return read_text(machine, "type") == _EXPRESS


def scopes_of(definition: Any) -> Iterator[Mapping[str, Any]]:
    """Return a machine, and every processor of its Maps and branch of its Parallels, each with its own States."""
    pending = [definition]
    while pending:
        scope = pending.pop()
        if isinstance(scope, Mapping) and isinstance(scope.get("States"), Mapping):
            yield scope
            for state in _states_in(scope):
                pending += [*state.objects("Branches"), *map(state.fields.get, ("ItemProcessor", "Iterator"))]


def states_of(definition: Any) -> Iterator[State]:
    """Return every state of a machine, also of its Maps and Parallels; of anything else there are none."""
    return chain.from_iterable(map(_states_in, scopes_of(definition)))


def _states_in(scope: Mapping[str, Any]) -> Iterator[State]:
    for name, fields in scope["States"].items():
        if isinstance(fields, Mapping):
            yield State(str(name), fields)


def states_of_types(subject: Subject, *types: str) -> list[State]:
    """Return the states of some types of the machine that a rule is asked about.

    Raises:
        NotApplicableError: where it has none, or another rule tells that its definition cannot be read.
        PropertyError: where its definition is not known yet, or no machine.
    """
    states = [state for state in states_of(definition_of(subject)) if state.type in types]
    if not states:
        raise NotApplicableError(f"the machine has no {' and no '.join(types)}")
    return states


def analysis_of(subject: Subject) -> Analysis:
    """Return how long the state machine that a rule is asked about can run.

    Raises:
        PropertyError: where its definition is not known yet, or no machine.
    """
    definition = definition_of(subject)
    # Of a type that is not known yet the rule about quotas tells.
    express = read_partly(subject.resource, "type") == _EXPRESS
    return _analyse(json.dumps(definition), json.dumps(_declared(subject), sort_keys=True), express)


def bounds_of(subject: Subject) -> Bounds:
    """Return what is declared about a machine: by the limits of the stack, else by the nearest component around it."""
    return _bounds(_declared(subject))


@lru_cache(maxsize=256)
def _analyse(definition: str, declared: str, is_express: bool) -> Analysis:
    return analyse(json.loads(definition), _bounds(json.loads(declared)), is_express=is_express)


def _bounds(declared: Mapping[str, Mapping[str, Any]]) -> Bounds:
    return Bounds(items_of=declared["items"], seconds_of=declared["seconds"], visits_of=declared["visits"])


def _declared(subject: Subject) -> dict[str, dict[str, float]]:
    configured = subject.ledger.limits.get(STATES_BOUNDED, {})
    declarations = [
        *(one.properties.get(DECLARED) for one in reversed(list(subject.plan.ancestors(subject.resource)))),
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
