"""The permissions of roles, from the policies in the plan.

A condition is taken as true in an Allow and as false in a Deny; only the service that a role is passed to is compared.
Permissions boundaries and service control policies are ignored.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from guardrails.aws.patterns import matches, matches_action, matches_arn
from guardrails.aws.references import (
    errors_naming,
    is_identified_by,
    resources_named_by,
    resources_naming,
    texts_of,
)
from guardrails.aws.types import POLICY, POLICY_ATTACHMENT, ROLE_POLICY, ROLE_POLICY_ATTACHMENT
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read, read_json, read_list, read_partly

_PASSED_TO = "iam:passedtoservice"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    policy: str
    """The name of the resource that contains the statement."""
    allows: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    passed_to: tuple[str, ...] = ()
    """The services in its `iam:PassedToService` condition, empty without one."""
    is_conditional: bool = False

    def grants(self, action: str, resource: str | None, passed_to: str | None) -> bool:
        """Return True if the statement allows an action; on an unknown resource, if it may allow it."""
        return (
            self.allows
            and self._includes(action)
            and (resource is None or self._covers(resource))
            and (
                passed_to is None
                or not self.passed_to
                or any(matches(service, passed_to) for service in self.passed_to)
            )
        )

    def denies(self, action: str, resource: str | None) -> bool:
        """Return True if the statement certainly denies an action."""
        everywhere = "*" in self.resources
        on_it = everywhere if resource is None else self._covers(resource)
        return not self.allows and not self.is_conditional and on_it and self._includes(action)

    def _includes(self, action: str) -> bool:
        if self.not_actions:
            return not any(matches_action(pattern, action) for pattern in self.not_actions)
        return any(matches_action(pattern, action) for pattern in self.actions)

    def _covers(self, resource: str) -> bool:
        if self.not_resources:
            return not any(matches_arn(pattern, resource) for pattern in self.not_resources)
        return any(matches_arn(pattern, resource) for pattern in self.resources)


@dataclass(frozen=True)
class Permissions:
    """The permissions of a role."""

    role: str
    statements: tuple[Statement, ...]
    unread: tuple[str, ...]
    """The names of the role's policies that are not in the plan."""

    def allow(self, action: str, resource: str | None = None, passed_to: str | None = None) -> bool:
        """Return True if an action is allowed; on an unknown resource, if it may be allowed."""
        is_granted = any(statement.grants(action, resource, passed_to) for statement in self.statements)
        return is_granted and not self.deny(action, resource)

    def deny(self, action: str, resource: str | None = None) -> bool:
        """Return True if an action is certainly denied."""
        return any(statement.denies(action, resource) for statement in self.statements)


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
    managed, unread = _managed(plan, role)
    statements = tuple(statement for policy in [*inline, *managed] for statement in _statements(policy))
    return Permissions(role.name, statements, tuple(dict.fromkeys(unread)))


def _managed(plan: Plan, role: Resource) -> tuple[list[Resource], list[str]]:
    """Return the managed policies of a role, and the names of those that are not in the plan."""
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
            others = [arn for arn in arns if not any(is_identified_by(policy, arn) for policy in found)]
            unread += [arn.rpartition("/")[2] for arn in others]
    return list(managed.values()), unread


def written_statements(resource: Resource, path: str) -> Sequence[Mapping[str, Any]]:
    """Return the statements of the policy in a property, which is a text or an object.

    Raises:
        PropertyError: if it is not known yet, or not a policy.
    """
    document = read(resource, path)
    if not isinstance(document, Mapping):
        document = read_json(resource, path)
    written = document.get("Statement") if isinstance(document, Mapping) else None
    listed = written if isinstance(written, list) else [written]
    statements = [statement for statement in listed if isinstance(statement, Mapping)]
    if len(statements) < len(listed):
        raise PropertyError(f"{path} is not a list of statements; write an IAM policy")
    return statements


def _statements(policy: Resource) -> Iterator[Statement]:
    with errors_naming(policy):
        written = written_statements(policy, "policy")
    for statement in written:
        condition = statement.get("Condition")
        yield Statement(
            policy=policy.name,
            allows=statement.get("Effect") == "Allow",
            actions=texts_of(statement.get("Action")),
            not_actions=texts_of(statement.get("NotAction")),
            resources=texts_of(statement.get("Resource")),
            not_resources=texts_of(statement.get("NotResource")),
            passed_to=tuple(_passed_to(condition)),
            is_conditional=bool(condition),
        )


def _passed_to(condition: Any) -> Iterator[str]:
    """Yield the services to which a condition allows roles to be passed."""
    for operator, keys in condition.items() if isinstance(condition, Mapping) else ():
        is_positive = str(operator).rpartition(":")[2].startswith(("StringEquals", "StringLike"))
        for key, values in keys.items() if isinstance(keys, Mapping) and is_positive else ():
            if str(key).lower() == _PASSED_TO:
                yield from texts_of(values)
