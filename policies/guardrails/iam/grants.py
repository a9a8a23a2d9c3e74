"""The single grants of policies: which of them a request needs, and the policies without one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from guardrails.iam.document import Policy, Statement
from guardrails.iam.evaluation import Policies, evaluate
from guardrails.iam.match import Match
from guardrails.iam.request import Request


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource that a statement allows."""

    policy: str
    statement: int
    """The place of the statement in its policy, from 0."""
    action: str
    """As written, e.g. `s3:Get*`; empty for a statement with NotAction."""
    resource: str
    """As written; empty for a statement with NotResource, or without a resource."""


def grants_of(policy: Policy) -> Iterator[Grant]:
    """Yield each grant of a policy."""
    for place, statement in enumerate(policy.statements):
        yield from _grants(policy, place, statement)


def _grants(policy: Policy, place: int, statement: Statement) -> Iterator[Grant]:
    if statement.is_allow:
        for action in statement.actions or ("",):
            for resource in statement.resources or ("",):
                yield Grant(policy.name, place, action, resource)


def granting(policy: Policy, request: Request) -> Iterator[Grant]:
    """Yield the grants of a policy that allow a request; a resource's policy may allow it to others only."""
    for place, statement in enumerate(policy.statements):
        if statement.applies(request) is not Match.NO:
            for grant in _grants(policy, place, statement):
                if _only(policy, grant).applies(request) is Match.YES:
                    yield grant


def without(policy: Policy, grant: Grant) -> Policy:
    """Return a policy without one of its grants; every other one stays."""
    if policy.name != grant.policy:
        return policy
    written = policy.statements[grant.statement]
    others = tuple(action for action in written.actions if action != grant.action)
    elsewhere = tuple(resource for resource in written.resources if resource != grant.resource)
    rest = (
        *([replace(written, actions=others)] if others else []),
        *([replace(written, actions=(grant.action,), resources=elsewhere)] if elsewhere else []),
    )
    before, after = policy.statements[: grant.statement], policy.statements[grant.statement + 1 :]
    return replace(policy, statements=(*before, *rest, *after))


def is_needed(grant: Grant, request: Request, policies: Policies) -> bool:
    """Return True if a request is refused without a grant."""
    rest = replace(
        policies,
        identity=tuple(without(policy, grant) for policy in policies.identity),
        resource=tuple(without(policy, grant) for policy in policies.resource),
    )
    return evaluate(request, rest).is_refused


def _only(policy: Policy, grant: Grant) -> Statement:
    statement = policy.statements[grant.statement]
    return replace(
        statement,
        actions=(grant.action,) if grant.action else (),
        resources=(grant.resource,) if grant.resource else (),
    )
