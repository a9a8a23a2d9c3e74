"""The rule that no policy of a resource lets in everyone, or another account, unless the limits say so."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from guardrails.aws import types
from guardrails.aws.deliveries import has_unknown_source, permission_policy
from guardrails.aws.roles import policy_of
from guardrails.iam.conditions import Condition
from guardrails.iam.document import Policy, Statement, parse
from guardrails.plan import Plan, Resource
from guardrails.properties import UnknownPropertyError, is_set, read, read_partly, read_text
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_POLICIES: Mapping[str, str] = {
    types.BUCKET: "policy",
    types.BUCKET_POLICY: "policy",
    types.EVENT_BUS_POLICY: "policy",
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


_WITH_SOURCE = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "s3",
        "sns",
        "events",
        "cloudwatch",
        "lambda.alarms.cloudwatch",
        "apigateway",
        "logs",
        "iot",
        "ses",
    )
)
"""The services that any account can make send, and that name the account or the ARN of their source.

Source: AWS Identity and Access Management User Guide, "The confused deputy problem", and AWS Lambda Developer Guide,
"Granting Lambda function access to AWS services".
"""
_RECEIVING = frozenset(
    {
        *(
            types.BUCKET,
            types.BUCKET_POLICY,
            types.TOPIC,
            types.TOPIC_POLICY,
            types.QUEUE,
            types.QUEUE_POLICY,
        ),
        types.FUNCTION_PERMISSION,
    }
)
"""The types whose policies let in services in their own name, each with its source.

EventBridge sends no source to a KMS key, and roles have rules of their own.
"""
_REPORTED_FOR_FUNCTIONS = "sns.amazonaws.com"
"""The service whose permission without a source `subscription-may-invoke-function` reports."""

_ACLS = {types.BUCKET: "acl", types.BUCKET_ACL: "acl"}
_OPEN_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
"""Source: Amazon S3 User Guide, "Access control list (ACL) overview", canned ACL."""

_ISSUER = re.compile(r"arn:[^:]*:iam::\d*:oidc-provider/(.+)")
_SHARED_ISSUERS = frozenset(
    {
        *("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "api.pulumi.com/oidc"),
        *("agent.buildkite.com", "accounts.google.com"),
    }
)
"""The OIDC issuers that give a token to each of their customers, whose audience anyone may choose.

Source: AWS Identity and Access Management User Guide, "Identity-provider controls for shared OIDC providers".
"""


def _open(subject: Subject) -> Iterator[str]:
    resource, limits = subject.resource, subject.limits
    if resource.name in limits["publicResources"]:
        raise NotApplicableError("its policy is accepted in publicResources")
    acl = read_partly(resource, _ACLS[resource.type]) if resource.type in _ACLS else None
    if acl in _OPEN_ACLS:
        yield f"its acl {acl} lets everyone read it, or every account; remove acl, and name the readers in a policy."
    if resource.type == types.BUCKET_ACL:
        return
    yield from _let_in(subject, _policy(subject))


def _let_in(subject: Subject, policy: Policy) -> Iterator[str]:
    resource, limits = subject.resource, subject.limits
    # A source that is not known yet is one.
    has_source = resource.type == types.FUNCTION_PERMISSION and has_unknown_source(resource)
    for statement in policy.statements:
        if not statement.is_allow or statement.principals is None:
            continue
        is_limited = has_source or any(map(_restricts, statement.conditions))
        for principal in (
            () if is_limited or resource.type not in _RECEIVING else _services(resource, statement)
        ):
            yield (
                f"its policy lets in {principal} without a source{_actions(statement)}, so that other accounts can "
                "make the service send to it; compare aws:SourceAccount or aws:SourceArn (in a Lambda "
                "permission, sourceAccount or sourceArn)."
            )
        for issuer in _open_issuers(statement):
            yield (
                f"its policy lets in every token of {issuer}, because no condition names its owner; compare "
                f"{issuer}:sub."
            )
        if _lets_in_everyone(statement) and not is_limited:
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


def _services(resource: Resource, statement: Statement) -> list[str]:
    """Return the services that a statement lets in, and that name the source of what they send."""
    named = statement.principals
    reported = {_REPORTED_FOR_FUNCTIONS} if resource.type == types.FUNCTION_PERMISSION else set()
    return [
        name
        for kind, name in (named.named if named is not None and not named.is_negated else ())
        if kind == "Service" and name in _WITH_SOURCE - reported
    ]


def _open_issuers(statement: Statement) -> Iterator[str]:
    """Yield the OIDC issuers whose tokens a statement does not limit to an owner."""
    named = statement.principals
    for kind, name in named.named if named is not None and not named.is_negated else ():
        found = _ISSUER.fullmatch(name) if kind == "Federated" else None
        if found is not None and not any(_names_owner(found[1], each) for each in statement.conditions):
            yield found[1]


def _names_owner(issuer: str, condition: Condition) -> bool:
    """Return True if a condition limits the tokens of an issuer; the audience of a shared one limits nothing."""
    key = condition.key.lower()
    claim = key.removeprefix(f"{issuer.lower()}:")
    if claim == key or not _RESTRICTING.fullmatch(condition.operator):
        return False
    # "repo:*" names every repository of GitHub.
    is_narrow = all(value.removeprefix("repo:")[:1] not in ("", "*", "?") for value in condition.values)
    return is_narrow and (claim != "aud" or issuer.lower() not in _SHARED_ISSUERS)


def _policy(subject: Subject) -> Policy:
    resource = subject.resource
    if resource.type == types.FUNCTION_PERMISSION:
        return permission_policy(resource)
    if resource.type == types.EVENT_PERMISSION:
        return _of_event_permission(resource)
    path = _POLICIES[resource.type]
    if not is_set(resource, path):
        raise NotApplicableError("it has no policy of its own")
    try:
        return policy_of(resource, path)
    except UnknownPropertyError:
        raise NotApplicableError("its policy is not known yet") from None


def _of_event_permission(permission: Resource) -> Policy:
    """Return the statement that a permission adds to its event bus."""
    principal = read_text(permission, "principal")
    written = read(permission, "condition")
    condition = written if isinstance(written, Mapping) else {}
    return parse(
        permission.name,
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": "*" if principal == "*" else {"AWS": principal or []},
                "Action": read_text(permission, "action") or "events:PutEvents",
                "Resource": "*",
                "Condition": {condition["type"]: {condition["key"]: condition["value"]}} if condition else {},
            }
        },
    )


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
            "to the accounts of all others, who can read, write, and let the account pay. So does a policy for a "
            "service such as S3 without a source, which the buckets of all others can make send, and a role for every "
            "token of an issuer that many share, such as GitHub."
        ),
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Name the principals, or add a condition on the account, the source or the organization.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
        scope=Scope.STACK,
        resource_types=frozenset({*_POLICIES, *_ACLS, types.FUNCTION_PERMISSION, types.EVENT_PERMISSION}),
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
