"""Plans for tests of rules: resources as a rule sees them, and what a rule says about one."""

import json
from collections.abc import Mapping
from typing import Any

from guardrails.assessment import assess
from guardrails.aws.types import STATE_MACHINE
from guardrails.ledger import Assessment, Ledger, Outcome
from guardrails.plan import Plan, Resource
from guardrails.rule import Rule
from guardrails.rules import RULES


def rule(name: str) -> Rule:
    """Return a rule by its name."""
    (found,) = (one for one in RULES if one.name == name)
    return found


def resource(
    type_: str,
    name: str = "it",
    /,
    *,
    parent: Resource | None = None,
    provider: Mapping[str, Any] | None = None,
    sources: Mapping[str, tuple[Resource, ...]] | None = None,
    **properties: Any,
) -> Resource:
    """Return a resource; a property that comes from others is named in `sources` with them."""
    return Resource(
        urn=f"urn:pulumi:dev::anything::{type_}::{name}",
        type=type_,
        name=name,
        properties=properties,
        parent=parent.urn if parent else None,
        provider=provider or {},
        sources={key: tuple(one.urn for one in of) for key, of in (sources or {}).items()},
    )


def machine(definition: Mapping[str, Any], name: str = "machine", **properties: Any) -> Resource:
    """Return a state machine of this definition."""
    return resource(STATE_MACHINE, name, definition=json.dumps(definition), **properties)


def said(asked: Rule, about: Resource, *others: Resource, **limits: Any) -> Assessment:
    """Return what a rule says about a resource, in a plan with others, of which components are known as such."""
    plan = Plan.of([about, *others], (one for one in others if not one.type.startswith("aws:")))
    return assess(asked, about, plan, Ledger(), limits)


def passes(asked: Rule, about: Resource, *others: Resource, **limits: Any) -> bool:
    """Tell whether a rule has looked and found nothing."""
    return said(asked, about, *others, **limits).outcome is Outcome.PASSED


def breaches(asked: Rule, about: Resource, *others: Resource, **limits: Any) -> tuple[str, ...]:
    """Return what a rule finds wrong with a resource."""
    return said(asked, about, *others, **limits).breaches
