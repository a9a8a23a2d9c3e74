"""The plans of the stacks of the checkout, from the resources that the program registers."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from guardrails.plan import UNKNOWN, Plan, Resource
from tests.components.deployment import UNKNOWN as NOT_KNOWN
from tests.components.deployment import Deployment, deploy, deployed

_SIGNATURE = "4dabf18193072939515e22adb298388d"


@cache
def plan_of_stack(environment: str) -> Plan:
    """Return the plan of a stack of the checkout."""
    return plan_of(deployed(environment))


def plan_with(environment: str, **changes: Any) -> Plan:
    """Return the plan of a stack with changes to whole keys of its stack file; the same changes are deployed once."""
    return _plan_with(environment, json.dumps(changes)) if changes else plan_of_stack(environment)


@cache
def _plan_with(environment: str, changes: str) -> Plan:
    return plan_of(deploy(environment, **json.loads(changes)))


def plan_of(deployment: Deployment) -> Plan:
    """Return the plan of a deployment; a property that another resource gives is not known, as in a preview."""
    made = {f"arn:made:{one.type}:{one.name}": urn for urn, one in deployment.resources.items()}
    made |= {f"{one.name}-id": urn for urn, one in deployment.resources.items()}
    resources = [
        Resource(
            urn=urn,
            type=one.type,
            name=one.name,
            properties={key: _plain(value, made) for key, value in one.inputs.items()},
            parent=one.parent or None,
            provider=_provider(deployment, one.provider),
            sources={key: tuple(_sources(value, made)) for key, value in one.inputs.items()},
        )
        # The program registers resources in any order.
        for urn, one in sorted(deployment.resources.items())
    ]
    return Plan.of(resources, (one for one in resources if not one.type.startswith("aws:")))


def _provider(deployment: Deployment, reference: str) -> Mapping[str, Any]:
    provider = deployment.resources.get(reference.rpartition("::")[0])
    return provider.inputs if provider else {}


def _sources(value: Any, made: Mapping[str, str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _sources(inner, made)
    elif isinstance(value, list):
        for inner in value:
            yield from _sources(inner, made)
    elif value in made:
        yield made[value]


def _plain(value: Any, made: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return UNKNOWN if _SIGNATURE in value else {key: _plain(inner, made) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, made) for inner in value]
    return UNKNOWN if isinstance(value, str) and (value in made or value == NOT_KNOWN) else value
