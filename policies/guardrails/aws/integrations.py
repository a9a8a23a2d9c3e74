"""The service integrations that Tasks call, with the IAM actions that `calls.json` lists for them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from guardrails.aws import data
from guardrails.aws.machines import State, machine_definition, states_of
from guardrails.aws.task_arguments import argument, only_text
from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import Plan
from guardrails.properties import PropertyError

_PREFIXES = data.read("iam_prefixes")["prefixes"]
TABLE = data.read("calls")

RUN_TASK = "ecs:runTask"
PASSING_ON = "iam:PassRole"
"""The action that passes a role to a service."""


@dataclass(frozen=True)
class Integration:
    """A service integration of a Task, optimized or of the AWS SDK."""

    name: str
    """As in `ecs:runTask`, with the service's prefix in IAM."""
    pattern: str = ""
    """`sync`, `sync:2` or `waitForTaskToken`; empty if it does not wait."""
    is_sdk: bool = False

    def needs(self, arguments: Any) -> list[str]:
        """Return the actions that the call needs."""
        entry = self._entry
        service, _, method = self.name.partition(":")
        needs = [
            *entry.get("needs", [f"{service}:{method[:1].upper()}{method[1:]}"]),
            *(entry.get("sync", ()) if self.pattern.startswith("sync") else ()),
            *(
                action
                for when, actions in entry.get("when", {}).items()
                if _holds(when, arguments)
                for action in actions
            ),
        ]
        return list(dict.fromkeys(needs))

    @property
    def may_need(self) -> list[str]:
        """The actions that the call may need in addition, depending on its arguments."""
        # AWS does not list which calls of the SDK pass a role.
        return [*self._entry.get("may", ()), *([PASSING_ON] if self.is_sdk else ())]

    @property
    def passes_roles_to(self) -> str | None:
        """The service that receives the roles that the call passes."""
        service: str | None = self._entry.get("passedTo")
        return service

    @property
    def _entry(self) -> Mapping[str, Any]:
        # Exact names come before patterns.
        found = (entry for pattern, entry in TABLE["calls"].items() if fnmatchcase(self.name, pattern))
        return next(found, {})


def integration_of(state: State) -> Integration | None:
    """Return the integration of a Task, or of a Map's reader or writer; None for an activity."""
    if state.resource.split(":", 3)[2:3] == ["lambda"]:
        return Integration("lambda:invoke")
    is_sdk = state.calls.startswith("aws-sdk:")
    service, _, method = state.calls.removeprefix("aws-sdk:").partition(":")
    if not service or not method:
        return None
    pattern = state.resource.partition(f"{state.calls}.")[2]
    return Integration(f"{_PREFIXES.get(service, service)}:{method}", pattern, is_sdk)


def calling_states(plan: Plan, *names: str) -> Iterator[State]:
    """Yield the states of the plan's machines that make one of some calls; skip unknown definitions."""
    for machine in plan.of_type(STATE_MACHINE):
        with suppress(PropertyError):
            for state in states_of(machine_definition(machine)):
                integration = integration_of(state)
                if integration is not None and integration.name in names:
                    yield state


def _holds(when: str, arguments: Any) -> bool:
    """Return True if the arguments satisfy `Key` (is set) or `Key=text`; a computed argument may."""
    key, _, wanted = when.partition("=")
    value = argument(arguments, key) if isinstance(arguments, Mapping) else None
    text = only_text(json.dumps(value) if isinstance(value, bool) else value)
    return value is not None and (not wanted or text is None or text == wanted)
