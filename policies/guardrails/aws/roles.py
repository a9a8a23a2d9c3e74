"""What a role allows, read from the policies in the plan.

A condition is taken to hold where it allows and not to hold where it denies; only the service that a role is passed to
is compared. A permissions boundary, and what an organisation denies, are not looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from guardrails.aws.links import answers_to, named_by, naming, texts_of, told_of
from guardrails.aws.patterns import matches, matches_action, matches_arn
from guardrails.aws.types import POLICY, POLICY_ATTACHMENT, ROLE_POLICY, ROLE_POLICY_ATTACHMENT
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read, read_json, read_list, read_partly

_PASSED_TO = "iam:passedtoservice"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    policy: str
    """The name of the resource that holds it."""
    allows: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    passed_to: tuple[str, ...] = ()
    """The services to which it lets roles be passed; none where it does not say."""
    is_conditional: bool = False

    def grants(self, action: str, resource: str | None, passed_to: str | None) -> bool:
        """Tell whether it allows an action; on a resource that is not known it may."""
        return (
            self.allows
            and self._speaks_of(action)
            and (resource is None or self._covers(resource))
            and (
                passed_to is None
                or not self.passed_to
                or any(matches(one, passed_to) for one in self.passed_to)
            )
        )

    def denies(self, action: str, resource: str | None) -> bool:
        """Tell whether it certainly denies an action."""
        everywhere = "*" in self.resources
        on_it = everywhere if resource is None else self._covers(resource)
        return not self.allows and not self.is_conditional and on_it and self._speaks_of(action)

    def _speaks_of(self, action: str) -> bool:
        if self.not_actions:
            return not any(matches_action(one, action) for one in self.not_actions)
        return any(matches_action(one, action) for one in self.actions)

    def _covers(self, resource: str) -> bool:
        if self.not_resources:
            return not any(matches_arn(one, resource) for one in self.not_resources)
        return any(matches_arn(one, resource) for one in self.resources)


@dataclass(frozen=True)
class Permissions:
    """What a role may do."""

    role: str
    statements: tuple[Statement, ...]
    unread: tuple[str, ...]
    """The policies that are not in the plan, by name."""

    def allow(self, action: str, resource: str | None = None, passed_to: str | None = None) -> bool:
        """Tell whether an action is allowed; on a resource that is not known, whether it may be."""
        is_granted = any(one.grants(action, resource, passed_to) for one in self.statements)
        return is_granted and not self.deny(action, resource)

    def deny(self, action: str, resource: str | None = None) -> bool:
        """Tell whether an action is denied for certain."""
        return any(one.denies(action, resource) for one in self.statements)


# Each machine with the role asks for them.
@lru_cache(maxsize=1_024)
def permissions_of(plan: Plan, role: Resource) -> Permissions:
    """Return what the policies of a role allow.

    Raises:
        PropertyError: where one of them is not known yet, or no policy.
    """
    inline = naming(plan, role, "role", ROLE_POLICY)
    names = [read_partly(one, "name") for one in inline]
    for written in read_list(role, "inlinePolicies"):
        # AWS tells of a role what other resources give it, so that one may be there twice.
        if isinstance(written, Mapping) and written.get("name") not in names:
            inline.append(replace(role, properties=written))
    managed, unread = _managed(plan, role)
    statements = tuple(statement for policy in [*inline, *managed] for statement in _statements(policy))
    return Permissions(role.name, statements, tuple(dict.fromkeys(unread)))


def _managed(plan: Plan, role: Resource) -> tuple[list[Resource], list[str]]:
    """Return the managed policies of a role, and the names of those that are not in the plan."""
    attachments = [
        *((one, "policyArn") for one in naming(plan, role, "role", ROLE_POLICY_ATTACHMENT)),
        *((one, "policyArn") for one in naming(plan, role, "roles", POLICY_ATTACHMENT)),
        (role, "managedPolicyArns"),
    ]
    managed: dict[str, Resource] = {}
    unread: list[str] = []
    for attachment, path in attachments:
        found = named_by(plan, attachment, path, POLICY)
        managed |= {one.urn: one for one in found}
        try:
            arns = texts_of(read(attachment, path))
        except UnknownPropertyError:
            unread += [] if found else [attachment.name]
        else:
            others = [arn for arn in arns if not any(answers_to(one, arn) for one in found)]
            unread += [arn.rpartition("/")[2] for arn in others]
    return list(managed.values()), unread


def written_statements(resource: Resource, path: str) -> Sequence[Mapping[str, Any]]:
    """Return the statements of the policy that a property holds, as text or as an object.

    Raises:
        PropertyError: where it is not known yet, or no policy.
    """
    document = read(resource, path)
    if not isinstance(document, Mapping):
        document = read_json(resource, path)
    written = document.get("Statement") if isinstance(document, Mapping) else None
    listed = written if isinstance(written, list) else [written]
    statements = [one for one in listed if isinstance(one, Mapping)]
    if len(statements) < len(listed):
        raise PropertyError(f"{path} holds no statements; write them as IAM reads them")
    return statements


def _statements(policy: Resource) -> Iterator[Statement]:
    with told_of(policy):
        written = written_statements(policy, "policy")
    for one in written:
        condition = one.get("Condition")
        yield Statement(
            policy=policy.name,
            allows=one.get("Effect") == "Allow",
            actions=texts_of(one.get("Action")),
            not_actions=texts_of(one.get("NotAction")),
            resources=texts_of(one.get("Resource")),
            not_resources=texts_of(one.get("NotResource")),
            passed_to=tuple(_passed_to(condition)),
            is_conditional=bool(condition),
        )


def _passed_to(condition: Any) -> Iterator[str]:
    """Yield the services to which a condition lets roles be passed."""
    for operator, keys in condition.items() if isinstance(condition, Mapping) else ():
        is_positive = str(operator).rpartition(":")[2].startswith(("StringEquals", "StringLike"))
        for key, values in keys.items() if isinstance(keys, Mapping) and is_positive else ():
            if str(key).lower() == _PASSED_TO:
                yield from texts_of(values)
