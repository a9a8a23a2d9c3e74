"""The permissions of roles: the policies in the plan, read for the evaluation in `guardrails.iam`.

What a plan cannot know, such as the address that a request comes from, counts neither as a missing permission nor as a
denial. Service control policies, and permissions boundaries outside of the plan, are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from guardrails.aws import data
from guardrails.aws.arns import unqualified
from guardrails.aws.references import (
    errors_naming,
    is_identified_by,
    resources_named_by,
    resources_naming,
    texts_of,
)
from guardrails.aws.resource_arns import arn_of, located
from guardrails.aws.types import POLICY, POLICY_ATTACHMENT, ROLE_POLICY, ROLE_POLICY_ATTACHMENT
from guardrails.iam.document import Policy, PolicyError, Statement, parse
from guardrails.iam.evaluation import Decision, Policies, evaluate
from guardrails.iam.request import Principal, Request
from guardrails.iam.request import role as identity
from guardrails.plan import Plan, Resource
from guardrails.properties import (
    PropertyError,
    UnknownPropertyError,
    is_set,
    read,
    read_json,
    read_list,
    read_partly,
)

PASSED_TO = "iam:PassedToService"

_WITH_REVISIONS = (":task-definition/", ":function:", ":stateMachine:")
"""The kinds of resources whose ARNs may end with a revision or a version.

The `:*` at the end of a log group's ARN is none: without it, a policy allows neither `logs:CreateLogStream` nor
`logs:PutLogEvents`. Source: CloudWatch Logs API reference, LogGroup, `arn`.
"""

_OF_AWS = ":iam::aws:policy/"
_BY_AWS: Mapping[str, Any] = data.read("managed_policies")["policies"]


@dataclass(frozen=True)
class Target:
    """The resource that a call is for, as the evaluation of the call sees it."""

    policies: tuple[Policy, ...] = ()
    """The policies of the resource in the plan."""
    needs_its_policy: bool = False
    """True for a key, which only the roles can use that its policy admits, alone or as its account."""
    account: str = ""
    """The account of the resource, empty if it is not known or not in the plan."""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The context keys that follow from the call, in lower case."""


NO_TARGET = Target()


@dataclass(frozen=True)
class Permissions:
    """The permissions of a role."""

    role: str
    principal: Principal
    policies: tuple[Policy, ...]
    """The role's policies in the plan."""
    unread: tuple[str, ...]
    """The names of the role's policies that are not in the plan."""
    by_aws: tuple[Policy, ...] = field(default=())
    """The policies among the unread ones that AWS manages, and whose actions this pack lists."""
    boundary: Policy | None = None

    @property
    def unlisted(self) -> tuple[str, ...]:
        """The names of the unread policies whose actions are not known."""
        known = {policy.name for policy in self.by_aws}
        return tuple(name for name in self.unread if name not in known)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of the policies in the plan."""
        return tuple(statement for policy in self.policies for statement in policy.statements)

    @property
    def grants(self) -> tuple[tuple[str, Statement], ...]:
        """The statements of the policies in the plan that allow something, each with the name of its policy."""
        return tuple(
            (policy.name, statement)
            for policy in self.policies
            for statement in policy.statements
            if statement.is_allow
        )

    def allow(
        self,
        action: str,
        resource: str | None = None,
        passed_to: str | None = None,
        target: Target = NO_TARGET,
    ) -> bool:
        """Return True if an action is allowed; on what is not known, such as a resource, if it may be allowed."""
        names = _names_of(resource)
        return any(not self.decide(action, name, passed_to, target).is_refused for name in names)

    def decide(
        self,
        action: str,
        resource: str | None = None,
        passed_to: str | None = None,
        target: Target = NO_TARGET,
    ) -> Decision:
        """Return the decision on a call with the role."""
        passes = {PASSED_TO.lower(): (passed_to,)} if passed_to else {}
        context = {**_WITHOUT_SOURCE, **passes, **target.context}
        request = Request(
            principal=self.principal,
            action=action,
            resource=resource,
            # Without a known account the resource is taken to be in the account of the role.
            account=(self.principal.account and target.account) or self.principal.account,
            context=context,
        )
        policies = Policies(
            identity=(*self.policies, *self.by_aws),
            boundary=self.boundary,
            resource=target.policies,
            needs_resource_policy=target.needs_its_policy,
        )
        return evaluate(request, policies)


_WITHOUT_SOURCE: Mapping[str, tuple[str, ...]] = {
    "aws:sourcearn": (),
    "aws:sourceaccount": (),
    "aws:sourceowner": (),
}
"""The keys that only requests of services in their own name have.

Source: "AWS global condition context keys"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
"""


# Every machine with the role needs them.
@lru_cache(maxsize=1_024)
def permissions_of(plan: Plan, role: Resource) -> Permissions:
    """Return the permissions of a role.

    Raises:
        PropertyError: if one of its policies is not known yet, or not a policy.
    """
    inline = resources_naming(plan, role, "role", ROLE_POLICY)
    names = [read_partly(policy, "name") for policy in inline]
    for written in read_list(role, "inlinePolicies"):
        # AWS lists the policies that other resources attach to a role in the role, too; skip duplicates.
        if isinstance(written, Mapping) and written.get("name") not in names:
            inline.append(replace(role, properties=written))
    managed, arns = _managed(plan, role)
    boundaries = resources_named_by(plan, role, "permissionsBoundary", POLICY)
    return Permissions(
        role=role.name,
        principal=identity(arn_of(role) or located("arn:*:iam::*:role/*", role)),
        policies=tuple(policy_of(policy, "policy") for policy in [*inline, *managed]),
        unread=tuple(dict.fromkeys(arn.rpartition("/")[2] for arn in arns)),
        by_aws=tuple(_policy_by_aws(arn) for arn in dict.fromkeys(arns) if _is_listed(arn)),
        boundary=policy_of(boundaries[0], "policy") if len(boundaries) == 1 else None,
    )


def _managed(plan: Plan, role: Resource) -> tuple[list[Resource], list[str]]:
    """Return the managed policies of a role, and the ARNs of those that are not in the plan."""
    attachments = [
        *((found, "policyArn") for found in resources_naming(plan, role, "role", ROLE_POLICY_ATTACHMENT)),
        *((found, "policyArn") for found in resources_naming(plan, role, "roles", POLICY_ATTACHMENT)),
        (role, "managedPolicyArns"),
    ]
    managed: dict[str, Resource] = {}
    unread: list[str] = []
    for attachment, path in attachments:
        found = resources_named_by(plan, attachment, path, POLICY)
        managed |= {policy.urn: policy for policy in found}
        try:
            arns = texts_of(read(attachment, path))
        except UnknownPropertyError:
            unread += [] if found else [attachment.name]
        else:
            unread += [arn for arn in arns if not any(is_identified_by(policy, arn) for policy in found)]
    return list(managed.values()), unread


def policy_of(resource: Resource, path: str) -> Policy:
    """Return the policy in a property, which is a text or an object.

    Raises:
        PropertyError: if it is not known yet, or not a policy.
    """
    try:
        document = read(resource, path)
    except UnknownPropertyError:
        # `errors_naming` would make a general error of it.
        raise UnknownPropertyError(f"{resource.name}: {path}") from None
    with errors_naming(resource):
        if isinstance(document, str):
            document = read_json(resource, path)
        try:
            return parse(resource.name, document)
        except PolicyError as error:
            raise PropertyError(f"{path} is not a policy that AWS accepts ({error})") from None


def trust_of(role: Resource) -> Policy | None:
    """Return the trust policy of a role, or None if it is not known yet.

    Raises:
        PropertyError: if it is not a policy.
    """
    try:
        return policy_of(role, "assumeRolePolicy") if is_set(role, "assumeRolePolicy") else None
    except UnknownPropertyError:
        return None


def _names_of(resource: str | None) -> tuple[str | None, ...]:
    """Return the ARNs under which a policy may name a resource: with a revision, or without."""
    if resource is None or not any(kind in resource for kind in _WITH_REVISIONS):
        return (resource,)
    bare = unqualified(resource)
    return (resource, bare, f"{bare}:*")


def _is_listed(arn: str) -> bool:
    return _OF_AWS in arn and arn.rpartition("/")[2] in _BY_AWS


@lru_cache(maxsize=64)
def _policy_by_aws(arn: str) -> Policy:
    name = arn.rpartition("/")[2]
    return parse(name, {"Statement": _BY_AWS[name]})
