"""How the resources of a plan hang together: by what a property says, or by where its value comes from."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from guardrails.aws.arguments import argument, possible
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read

_OWN_NAMES = ("name", "family", "bucket")
"""The properties by which resources are named in AWS."""

_QUALIFIER = re.compile(r":(\d+|\*)$")
"""A revision, a version, or all that lies in a log group."""

_KIND = re.compile(r"^[A-Za-z-]+[:/]")
"""The first part of an ARN's last field, as in `role/name` or `stateMachine:name`."""


def named_by(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a property names by ARN, id, URL or name; a list may name several.

    A value that is not known yet names those that it comes from. None means that it names what is not in the plan.
    """
    candidates = plan.of_type(*types)
    try:
        value = read(resource, path)
    except UnknownPropertyError:
        sources = resource.sources.get(path.partition(".")[0], ())
        return [one for one in candidates if one.urn in sources]
    return [one for one in candidates if any(answers_to(one, text) for text in texts_of(value))]


def naming(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types of which a property names this one."""
    return [
        one
        for one in plan.of_type(*types)
        if any(found is resource for found in named_by(plan, one, path, resource.type))
    ]


def meant_by(plan: Plan, arguments: Any, key: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a Task's argument may mean.

    One that is computed when the machine runs may mean any. None means that it names what is not in the plan.
    """
    candidates = plan.of_type(*types)
    texts = possible(argument(arguments, key))
    if not texts:
        return candidates
    return [one for one in candidates if any(answers_to(one, each.text) for each in texts)]


@contextmanager
def told_of(resource: Resource) -> Iterator[None]:
    """Let what cannot be read of a resource say whose it is, where a rule is asked about another."""
    try:
        yield
    except PropertyError as error:
        raise PropertyError(f"{resource.name}: {error}") from None


def answers_to(resource: Resource, identifier: str) -> bool:
    """Tell whether a resource is what an ARN, an id, a URL or a name means, whatever revision of it."""
    for path in ("arn", "id", "url"):
        known = _text(resource, path)
        if known is None:
            continue
        if _unqualified(known) == _unqualified(identifier):
            return True
        if path == "arn" and identifier.startswith("arn:"):
            return False
    names = {_text(resource, path) for path in _OWN_NAMES} - {None, ""}
    return not names.isdisjoint(_names_in(identifier))


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the texts of a value that is one or a list of them."""
    return tuple(
        one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, str)
    )


def _names_in(identifier: str) -> Iterator[str]:
    """Yield the names that an identifier may hold."""
    if not identifier.startswith("arn:"):
        yield identifier
        yield _unqualified(identifier)
        if "://" in identifier:
            yield identifier.rpartition("/")[2]
        return
    fields = identifier.split(":", 5)
    named = _unqualified(fields[-1])
    yield named
    yield _KIND.sub("", named)
    if fields[2:3] == ["iam"]:
        # What stands before the last slash is a path, which names nothing.
        yield named.rpartition("/")[2]


def _unqualified(identifier: str) -> str:
    return _QUALIFIER.sub("", identifier)


def _text(resource: Resource, path: str) -> str | None:
    try:
        value = read(resource, path)
    except UnknownPropertyError:
        return None
    return value if isinstance(value, str) and value else None
