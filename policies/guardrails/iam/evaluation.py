"""The decision on a request, from all policies that apply to it.

Source: "Policy evaluation logic"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html), and "Permissions boundaries
for IAM entities" on how a boundary limits what a resource's policy grants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from guardrails.iam.document import Policy, Statement
from guardrails.iam.match import Match, any_of, every
from guardrails.iam.principals import Reach
from guardrails.iam.request import PrincipalKind, Request


class Outcome(StrEnum):
    """The outcome of an evaluation."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """A statement denies it."""
    NOT_ALLOWED = "not allowed"
    """No statement allows it, or not every policy that must allow it does."""
    UNKNOWN = "unknown"
    """A fact that the policies depend on is not known."""


@dataclass(frozen=True)
class Decision:
    """The decision on a request."""

    outcome: Outcome
    reason: str
    """A clause that names the policy or the missing permission."""
    denied_by: str = ""
    """The name of the policy that denies it, empty if none certainly does."""

    @property
    def is_refused(self) -> bool:
        """True if AWS answers the request with AccessDenied."""
        return self.outcome in (Outcome.DENIED, Outcome.NOT_ALLOWED)


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All policies that apply to a request."""

    identity: tuple[Policy, ...] = ()
    """The policies of the role or user that makes the request."""
    are_identity_complete: bool = True
    """False if the identity has policies that could not be read."""
    boundary: Policy | None = None
    resource: tuple[Policy, ...] = ()
    """The policies of the resource: bucket, topic, queue, secret, key, function, or a role's trust."""
    needs_resource_policy: bool = False
    """True for keys and for the trust of roles, where the account's own policies count only if the resource's policy
    names the account."""


def evaluate(request: Request, policies: Policies) -> Decision:
    """Return the decision on a request."""
    every_policy = (*policies.identity, *((policies.boundary,) if policies.boundary else ()))
    denials = [
        (_applies_to(statement, request), policy)
        for policy in (*every_policy, *policies.resource)
        for statement in policy.statements
        if not statement.is_allow
    ]
    for match, policy in denials:
        if match is Match.YES:
            return Decision(Outcome.DENIED, f"{policy.name} denies it", policy.name)
    granted = _granted(request, policies)
    if granted is Match.NO:
        return Decision(Outcome.NOT_ALLOWED, _missing(request, policies))
    unsure = [policy.name for match, policy in denials if match is Match.MAYBE]
    if unsure:
        return Decision(Outcome.UNKNOWN, f"{unsure[0]} may deny it, by a condition on what is not known")
    if granted is Match.MAYBE:
        return Decision(Outcome.UNKNOWN, "a policy allows it only under conditions on what is not known")
    return Decision(Outcome.ALLOWED, "the policies allow it")


def _granted(request: Request, policies: Policies) -> Match:
    """Return the match of the statements that allow a request, without those that deny it."""
    named = _named_by_resource(request, policies)
    delegated = any_of(named.values())
    if request.principal.kind is not PrincipalKind.IDENTITY:
        return delegated
    identity = _allowed(policies.identity, request)
    if not policies.are_identity_complete:
        identity = max(identity, Match.MAYBE)
    boundary = Match.YES if policies.boundary is None else _allowed((policies.boundary,), request)
    own = every((identity, boundary))
    by_resource = any_of(
        (
            # A boundary limits a grant to the role's ARN, and none to a session; for `*` it is not documented.
            every((named[Reach.NAMED], boundary)),
            every((named[Reach.EVERYONE], max(boundary, Match.MAYBE))),
            named[Reach.SESSION],
        )
    )
    if request.principal.account != request.account:
        return every((own, delegated))
    if policies.needs_resource_policy:
        return any_of((by_resource, every((own, delegated))))
    return any_of((by_resource, own))


def _allowed(policies: Iterable[Policy], request: Request) -> Match:
    return any_of(
        statement.applies(request)
        for policy in policies
        for statement in policy.statements
        if statement.is_allow
    )


def _named_by_resource(request: Request, policies: Policies) -> Mapping[Reach, Match]:
    """Return the match of the resource's statements that allow a request, by the way they name its principal."""
    allowing = [
        (statement.principals, match)
        for policy in policies.resource
        for statement in policy.statements
        if statement.is_allow
        and statement.principals
        and (match := statement.applies(request)) is not Match.NO
    ]
    return {
        reach: any_of(
            every((principals.by(reach, request.principal), match)) for principals, match in allowing
        )
        for reach in Reach
    }


def _applies_to(statement: Statement, request: Request) -> Match:
    is_named = Match.YES if statement.principals is None else statement.principals.include(request.principal)
    return every((is_named, statement.applies(request)))


def _missing(request: Request, policies: Policies) -> str:
    """Return a clause on the policy that would have to allow a request."""
    if request.principal.kind is not PrincipalKind.IDENTITY:
        return f"no policy of the resource allows it to {request.principal.name or 'everyone'}"
    if _allowed(policies.identity, request) is Match.NO:
        return "no policy of the role allows it"
    if policies.boundary and _allowed((policies.boundary,), request) is Match.NO:
        return "the role's permissions boundary does not allow it"
    return "no policy of the resource allows it to the role or to its account"
