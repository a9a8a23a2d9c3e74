"""The rule that no policy of a resource lets in everyone, or another account, without being asked to."""

import re
from collections.abc import Iterator, Mapping

from guardrails.aws import types
from guardrails.aws.deliveries import permission_policy
from guardrails.aws.roles import policy_of
from guardrails.iam.conditions import Condition
from guardrails.iam.document import Policy, Statement
from guardrails.plan import Plan
from guardrails.properties import UnknownPropertyError, is_set
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_POLICIES: Mapping[str, str] = {
    types.BUCKET_POLICY: "policy",
    types.TOPIC_POLICY: "policy",
    types.QUEUE_POLICY: "policy",
    types.SECRET_POLICY: "policy",
    types.ECR_REPOSITORY_POLICY: "policy",
    types.KEY_POLICY: "policy",
    types.KEY: "policy",
    types.TOPIC: "policy",
    types.QUEUE: "policy",
    types.ROLE: "assumeRolePolicy",
}
"""The property with the policy of a resource, by type."""

_ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.+)?")
_RESTRICTING = re.compile(
    r"(ForAnyValue:)?(String(Equals|Like|EqualsIgnoreCase)|Arn(Equals|Like)|IpAddress)", re.IGNORECASE
)
_WHO = frozenset(
    {
        *("aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"),
        *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"),
        *(
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:sourceip",
            "aws:userid",
            "kms:calleraccount",
            "sns:endpoint",
        ),
    }
)
"""The context keys that limit a statement for everyone to some requesters."""


def _open(subject: Subject) -> Iterator[str]:
    resource, limits = subject.resource, subject.limits
    if resource.name in limits["publicResources"]:
        raise NotApplicableError("its policy is accepted in publicResources")
    for statement in _policy(subject).statements:
        if not statement.is_allow or statement.principals is None:
            continue
        if _lets_in_everyone(statement) and not any(map(_restricts, statement.conditions)):
            yield (
                f"its policy lets in everyone{_actions(statement)}, because the principal is * and no condition limits "
                "it; name the principals, or compare aws:SourceAccount, aws:SourceArn or aws:PrincipalOrgID."
            )
        own = _own_accounts(subject.plan)
        for account in _accounts(statement):
            if own and account not in {*own, *limits["acceptedAccounts"]}:
                yield (
                    f"its policy lets in the account {account}{_actions(statement)}, which is not the stack's own; "
                    "remove it, or name it in acceptedAccounts."
                )


def _policy(subject: Subject) -> Policy:
    resource = subject.resource
    if resource.type == types.FUNCTION_PERMISSION:
        return permission_policy(resource)
    path = _POLICIES[resource.type]
    if not is_set(resource, path):
        raise NotApplicableError("it has no policy of its own")
    try:
        return policy_of(resource, path)
    except UnknownPropertyError:
        raise NotApplicableError("its policy is not known yet") from None


def _lets_in_everyone(statement: Statement) -> bool:
    named = statement.principals
    return named is not None and (named.is_negated or any(name == "*" for _, name in named.named))


def _restricts(condition: Condition) -> bool:
    """Return True if a condition limits who makes the request."""
    is_compared = _RESTRICTING.fullmatch(condition.operator) is not None
    return is_compared and condition.key.lower() in _WHO and not {"*", "0.0.0.0/0"} & set(condition.values)


def _accounts(statement: Statement) -> Iterator[str]:
    """Yield the accounts of the principals that a statement names."""
    named = statement.principals
    for kind, name in named.named if named is not None and not named.is_negated else ():
        found = _ACCOUNT.fullmatch(name) if kind == "AWS" else None
        if found is not None:
            yield found[1]


def _own_accounts(plan: Plan) -> frozenset[str]:
    """Return the accounts that the stack's provider deploys to, none if the program does not name them."""
    allowed = (resource.provider.get("allowedAccountIds") for resource in plan.resources.values())
    return frozenset(
        account for accounts in allowed if isinstance(accounts, list | tuple) for account in accounts
    )


def _actions(statement: Statement) -> str:
    return f" for {', '.join(statement.actions)}" if statement.actions else ""


RULES = (
    Rule(
        name="policy-not-public",
        requirement="The policy of a resource lets in neither everyone nor another account unless the limits say so.",
        rationale=(
            "A policy for the principal * without a condition on the source opens a topic, a queue, a bucket or a key "
            "to the accounts of all others, who can read, write, and let the account pay."
        ),
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Name the principals, or add a condition on the account, the source or the organization.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        scope=Scope.STACK,
        resource_types=frozenset({*_POLICIES, types.FUNCTION_PERMISSION}),
        evaluate=_open,
        limits=(
            Limit(
                key="publicResources",
                description="The policies, by their names in Pulumi, that let in everyone or other accounts.",
                default=[],
                schema=NAMES,
            ),
            Limit(
                key="acceptedAccounts",
                description="The other accounts that policies may let in.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
