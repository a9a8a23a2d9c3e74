"""Plans and evaluations for tests of rules."""

import json
from collections.abc import Mapping
from typing import Any

from guardrails.aws.types import STATE_MACHINE
from guardrails.evaluation import evaluate
from guardrails.plan import Plan, Resource
from guardrails.results import Evaluation, Outcome, Results
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
    """Return a resource; `sources` names the resources that a property's value comes from."""
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


def said(asked: Rule, about: Resource, *others: Resource, **limits: Any) -> Evaluation:
    """Return the evaluation of a rule for a resource in a plan with other resources and components."""
    plan = Plan.of([about, *others], (one for one in others if not one.type.startswith("aws:")))
    return evaluate(asked, about, plan, Results(), limits)


def passes(asked: Rule, about: Resource, *others: Resource, **limits: Any) -> bool:
    """Return True if a rule was evaluated without a violation."""
    return said(asked, about, *others, **limits).outcome is Outcome.PASSED


def violations(asked: Rule, about: Resource, *others: Resource, **limits: Any) -> tuple[str, ...]:
    """Return the violations of a rule by a resource; a property that is not known yet is one, as in our own stacks."""
    found = said(asked, about, *others, **limits)
    if found.unknown is None:
        return found.violations
    other = "" if found.unknown.urn == about.urn else f"{found.unknown.resource}: "
    return (*found.violations, f"{about.name}: {other}{found.unknown.path} is not known until later.")
