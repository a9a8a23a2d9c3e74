"""A request to AWS as its policies see it: principal, action, resource and context."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Values = tuple[str, ...]
"""The values of a context key; none means that the key is absent from the request."""

_SESSION = ":assumed-role/"


class PrincipalKind(StrEnum):
    """The kind of a principal."""

    IDENTITY = "identity"
    """A role, a role's session, or a user."""
    SERVICE = "service"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Principal:
    """The principal that makes a request."""

    kind: PrincipalKind
    name: str = ""
    """The ARN of an identity, e.g. `arn:aws:iam::123456789012:role/worker`, or a service's name.

    A `*` in an ARN stands for a part that is not known.
    """
    session: str = ""
    """The ARN of a role's session, e.g. `arn:aws:sts::123456789012:assumed-role/worker/task`; empty if not known."""

    @property
    def account(self) -> str:
        """The account of an identity, empty for a service and if it is not known."""
        account = self.name.split(":")[4] if self.kind is PrincipalKind.IDENTITY else ""
        return "" if account == "*" else account


def role(arn: str, session: str = "") -> Principal:
    """Return the principal of a role.

    Raises:
        ValueError: if it is not the ARN of an identity.
    """
    if arn.count(":") < 5 or _SESSION in arn:
        raise ValueError(f"{arn!r} is not the ARN of a role or user")
    return Principal(PrincipalKind.IDENTITY, arn, session)


def service(name: str) -> Principal:
    """Return the principal of an AWS service."""
    return Principal(PrincipalKind.SERVICE, name)


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request."""

    principal: Principal
    action: str
    """E.g. `sns:Publish`."""
    resource: str | None
    """The resource's ARN, `*` for an action without a resource, or None if it is not known."""
    account: str
    """The account of the resource."""
    context: Mapping[str, Values] = field(default_factory=lambda: MappingProxyType({}))
    """The known context keys in lower case; a key that is not in it has an unknown value."""

    def values(self, key: str) -> Values | None:
        """Return the values of a context key, none if it is absent, or None if that is not known."""
        known = self.context.get(key.lower())
        return _of_principal(self.principal, key.lower()) if known is None else known


def _of_principal(principal: Principal, key: str) -> Values | None:
    """Return the values of a context key that follow from the principal, or None for other keys."""
    is_identity = principal.kind is PrincipalKind.IDENTITY
    if is_identity and not principal.account and key in ("aws:principalarn", "aws:principalaccount"):
        # The rules of the pack evaluate a role whose ARN is not known before it is created.
        return None
    match key:
        case "aws:principalarn":
            return (principal.name,) if is_identity else ()
        case "aws:principalaccount":
            return (principal.account,) if is_identity else ()
        case "aws:principalisawsservice":
            return (str(principal.kind is PrincipalKind.SERVICE).lower(),)
        case "aws:principalservicename":
            return (principal.name,) if principal.kind is PrincipalKind.SERVICE else ()
    return None
