"""The rule that no policy of a resource lets in everyone, or another account, without being asked to."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network

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
_ACCOUNT_KEYS = frozenset(
    {"aws:sourceaccount", "aws:sourceowner", "aws:principalaccount", "kms:calleraccount"}
)
_WILDCARD = re.compile(r"[*?]")
_WIDEST = {4: 8, 6: 32}
"""The widest ranges of addresses that limit access, by version of IP.

Source: Amazon S3 User Guide, "The meaning of public".
"""


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
        for account in dict.fromkeys([*_accounts(statement), *_accounts_compared(statement)]):
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
    key = condition.key.lower()
    return is_compared and key in _WHO and all(_is_limited(key, value) for value in condition.values)


def _is_limited(key: str, value: str) -> bool:
    """Return False if a value leaves the account, or nearly every address, open."""
    if key == "aws:sourceip":
        return _is_narrow(value)
    if key in ("aws:sourcearn", "aws:principalarn"):
        account, rest = (*value.split(":", 5)[4:], "", "")[:2]
        # The ARN of a bucket has no account; the bucket's name is unique.
        return _is_fixed(account) if account else rest[:1] not in ("", "*", "?")
    return _is_fixed(value) if key in _ACCOUNT_KEYS else bool(value.strip("*?"))


def _is_fixed(value: str) -> bool:
    return _WILDCARD.search(value) is None


def _is_narrow(addresses: str) -> bool:
    try:
        network = ip_network(addresses, strict=False)
    except ValueError:
        return True
    return network.prefixlen >= _WIDEST[network.version]


def _accounts(statement: Statement) -> Iterator[str]:
    """Yield the accounts of the principals that a statement names."""
    named = statement.principals
    for kind, name in named.named if named is not None and not named.is_negated else ():
        found = _ACCOUNT.fullmatch(name) if kind == "AWS" else None
        if found is not None:
            yield found[1]


def _accounts_compared(statement: Statement) -> Iterator[str]:
    """Yield the accounts to whose requests the conditions of a statement limit it."""
    for condition in statement.conditions:
        if _RESTRICTING.fullmatch(condition.operator):
            for value in condition.values if condition.key.lower() in _ACCOUNT_KEYS else ():
                yield from [value] if _ACCOUNT.fullmatch(value) else []


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
