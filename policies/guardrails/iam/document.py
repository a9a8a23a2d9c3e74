"""The parsed form of an IAM policy document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from guardrails.iam.conditions import Condition, conditions_of
from guardrails.iam.match import Match, any_of, every
from guardrails.iam.patterns import action_matches, resource_matches
from guardrails.iam.principals import Principals
from guardrails.iam.request import Request, Values
from guardrails.iam.variables import has_variables, resolved

_WITH_VARIABLES = "2012-10-17"
"""The version with policy variables; a policy that names none has the older one, 2008-10-17."""

_KEYS = frozenset(
    {
        *("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"),
        "Condition",
    }
)


class PolicyError(ValueError):
    """A policy document that AWS refuses; the message says what is wrong, and what to write."""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    sid: str
    is_allow: bool
    actions: Values
    not_actions: Values
    resources: Values
    not_resources: Values
    principals: Principals | None
    """None in a policy of an identity, which has no principals."""
    conditions: tuple[Condition, ...]
    has_literal_variables: bool = False
    """True if the policy's version has no variables, so that a text such as `${aws:username}` is plain text."""

    def applies(self, request: Request) -> Match:
        """Return the match of a request's action, resource and context, without its principal."""
        included = self.includes(request.action)
        # Most statements are about other actions.
        if included is Match.NO:
            return included
        found = every((included, self.covers(request), self.holds(request)))
        # Compared as variables they match more than as plain text.
        return min(found, Match.MAYBE) if self.has_literal_variables else found

    def includes(self, action: str) -> Match:
        """Return the match of an action."""
        if self.not_actions:
            return ~any_of(action_matches(pattern, action) for pattern in self.not_actions)
        return any_of(action_matches(pattern, action) for pattern in self.actions)

    def covers(self, request: Request) -> Match:
        """Return the match of a request's resource; a trust policy names none and covers its role."""
        if self.not_resources:
            return ~any_of(_resource(pattern, request) for pattern in self.not_resources)
        if not self.resources and self.principals is not None:
            return Match.YES
        return any_of(_resource(pattern, request) for pattern in self.resources)

    def holds(self, request: Request) -> Match:
        """Return the match of all conditions."""
        return every(condition.compare(request) for condition in self.conditions)


@dataclass(frozen=True)
class Policy:
    """A policy document, with the name under which a message mentions it."""

    name: str
    statements: tuple[Statement, ...]


def parse(name: str, document: Any) -> Policy:
    """Return the policy of a document.

    Raises:
        PolicyError: if it is not a policy.
    """
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise PolicyError(f"{name} has no Statement; write an IAM policy")
    written = document["Statement"]
    listed = written if isinstance(written, list | tuple) else [written]
    statements = (_statement(f"{name}, statement {n}", each) for n, each in enumerate(listed, 1))
    if document.get("Version") != _WITH_VARIABLES:
        statements = (
            replace(statement, has_literal_variables=has_variables(str(each)))
            for statement, each in zip(statements, listed, strict=True)
        )
    return Policy(name, tuple(statements))


def _statement(name: str, written: Any) -> Statement:
    if not isinstance(written, Mapping):
        raise PolicyError(f"{name} is not an object; write an IAM statement")
    if unknown := sorted(set(map(str, written)) - _KEYS):
        raise PolicyError(f"{name} has {', '.join(unknown)}, which is no key of a statement; remove it")
    effect = written.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"{name} has the effect {effect!r}; write Allow or Deny")
    for key in ("Action", "Resource", "Principal"):
        if key in written and f"Not{key}" in written:
            raise PolicyError(f"{name} has both {key} and Not{key}; write one of them")
    if "Action" not in written and "NotAction" not in written:
        raise PolicyError(f"{name} has neither Action nor NotAction; write one of them")
    principals = None
    for key in ("Principal", "NotPrincipal"):
        if key in written:
            principals = Principals(tuple(_principals(name, written[key])), is_negated=key == "NotPrincipal")
    return Statement(
        sid=str(written.get("Sid", "")),
        is_allow=effect == "Allow",
        actions=_texts(name, written, "Action"),
        not_actions=_texts(name, written, "NotAction"),
        resources=_texts(name, written, "Resource"),
        not_resources=_texts(name, written, "NotResource"),
        principals=principals,
        conditions=tuple(conditions_of(_condition(name, written.get("Condition")))),
    )


def _principals(name: str, written: Any) -> Iterator[tuple[str, str]]:
    """Yield the kind and the identifier of each principal; `*` alone is every principal."""
    if written == "*":
        yield "AWS", "*"
    elif isinstance(written, Mapping):
        for kind in written:
            for value in _texts(f"{name}, Principal", written, kind):
                yield str(kind), value
    else:
        raise PolicyError(f"{name} has a Principal that is neither * nor an object; name the principals")


def _condition(name: str, written: Any) -> dict[str, dict[str, Values]]:
    if written is None:
        return {}
    if not isinstance(written, Mapping) or not all(isinstance(keys, Mapping) for keys in written.values()):
        raise PolicyError(f"{name} has a Condition that is no object of operators; write operators with keys")
    return {
        str(operator): {str(key): _texts(f"{name}, Condition", keys, key, scalars=True) for key in keys}
        for operator, keys in written.items()
    }


def _texts(name: str, holder: Mapping[Any, Any], key: Any, *, scalars: bool = False) -> Values:
    value = holder.get(key, ())
    items = value if isinstance(value, list | tuple) else (value,)
    kinds = (str, bool, int, float) if scalars else (str,)
    if not all(isinstance(item, kinds) for item in items):
        raise PolicyError(f"{name} has a {key} that is not text; write a text or a list of texts")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in items)


def _resource(pattern: str, request: Request) -> Match:
    known = resolved(pattern, request)
    return Match.MAYBE if known is None else resource_matches(known, request.resource)
