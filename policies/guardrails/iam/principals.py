"""The principals of a statement, compared with the principal of a request.

Source: "AWS JSON policy elements: Principal"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from guardrails.iam.match import Match, any_of, every, matched
from guardrails.iam.patterns import resource_matches
from guardrails.iam.request import Principal, PrincipalKind

_SESSION = ":assumed-role/"
_REGIONAL = re.compile(r"(?P<service>.+?)(\.(?P<region>[a-z]{2}(-[a-z]+)+-\d))?\.amazonaws\.com")
_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::(\d{12}):root|(\d{12}))")


class Reach(StrEnum):
    """The way in which a statement names a principal."""

    EVERYONE = "everyone"
    """`*`."""
    ACCOUNT = "account"
    """Its account, which leaves the decision to the account's own policies."""
    NAMED = "named"
    """The identity's or the service's own name."""
    SESSION = "session"
    """One session of a role."""


@dataclass(frozen=True)
class Principals:
    """The `Principal` or `NotPrincipal` of a statement."""

    named: tuple[tuple[str, str], ...]
    """The kind, e.g. `AWS` or `Service`, and the identifier of each."""
    is_negated: bool = False

    def by(self, reach: Reach, principal: Principal) -> Match:
        """Return the match of a principal that is named in one way; a negation names everyone else."""
        if self.is_negated:
            return ~self._excepts(principal) if reach is Reach.EVERYONE else Match.NO
        return any_of(_by(reach, kind, name, principal) for kind, name in self.named)

    def _excepts(self, principal: Principal) -> Match:
        """Return the match of a principal that a `NotPrincipal` lists.

        The account alone excepts none of its identities; without the account, an identity may not be excepted. Source:
        "AWS JSON policy elements: NotPrincipal"
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
        """
        by_account, *others = (
            any_of(_by(way, kind, name, principal) for kind, name in self.named)
            for way in (Reach.ACCOUNT, Reach.NAMED, Reach.SESSION, Reach.EVERYONE)
        )
        is_identity = principal.kind is PrincipalKind.IDENTITY
        return every((any_of(others), max(by_account, Match.MAYBE) if is_identity else Match.YES))

    def include(self, principal: Principal) -> Match:
        """Return the match of a principal, in whatever way it is named."""
        return any_of(self.by(reach, principal) for reach in Reach)


def account_of(name: str) -> str:
    """Return the account that an `AWS` principal names as a whole, or else an empty text."""
    found = _ACCOUNT.fullmatch(name)
    return next(filter(None, found.groups()), "") if found else ""


def _by(reach: Reach, kind: str, name: str, principal: Principal) -> Match:
    if kind == "Service":
        is_service = principal.kind is PrincipalKind.SERVICE
        return _same_service(name, principal.name) if reach is Reach.NAMED and is_service else Match.NO
    if kind != "AWS":
        return Match.NO
    if name == "*":
        return matched(reach is Reach.EVERYONE)
    if principal.kind is not PrincipalKind.IDENTITY:
        return Match.NO
    return _by_arn(reach, name, principal)


def _same_service(name: str, given: str) -> Match:
    """Return the match of two names of services, `MAYBE` if only one of them names a region."""
    if name == given:
        return Match.YES
    names = [_REGIONAL.fullmatch(each.removesuffix(".cn")) for each in (name, given)]
    regions = {found["region"] for found in names if found}
    services = {found["service"] for found in names if found}
    return Match.MAYBE if all(names) and len(services) == 1 and None in regions else Match.NO


def _by_arn(reach: Reach, name: str, principal: Principal) -> Match:
    match reach:
        case Reach.ACCOUNT:
            account = account_of(name)
            is_unknown = account != "" and not principal.account
            return Match.MAYBE if is_unknown else matched(account == principal.account != "")
        case Reach.NAMED:
            # A wildcard in the name of a principal is plain text; one in the request's is a part that is not known.
            is_open = "*" in principal.name and "*" not in name
            return resource_matches(name, principal.name) if is_open else matched(name == principal.name)
        case Reach.SESSION if _SESSION in name:
            return matched(name == principal.session) if principal.session else Match.MAYBE
    return Match.NO
