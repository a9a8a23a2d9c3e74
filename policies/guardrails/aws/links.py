"""How the resources of a plan hang together: by what a property says, or by where its value comes from."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from guardrails.aws.arguments import argument, possible
from guardrails.aws.arns import unqualified
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read

_OWN_NAMES = ("name", "family", "bucket")
"""The properties by which resources are named in AWS."""

_KIND = re.compile(r"^[A-Za-z-]+[:/]")
"""The first part of an ARN's last field, as in `role/name` or `stateMachine:name`."""


def named_by(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a property names by ARN, id, URL or name; a list may name several.

    A value that is not known yet names those that it comes from. Where that is none, it names what is not in the plan.
    """
    is_named = _names(resource, path)
    return [one for one in plan.of_type(*types) if is_named(one)]


def naming(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types of which a property names this one."""
    return [one for one in plan.of_type(*types) if _names(one, path)(resource)]


def meant_by(plan: Plan, arguments: Any, key: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a Task's argument may mean.

    One that is computed when the machine runs may mean any. Where that is none, it names what is not in the plan.
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
    arn, others, names = _identity(resource)
    bare = unqualified(identifier)
    if bare == arn:
        return True
    if arn is not None and identifier.startswith("arn:"):
        return False
    return bare in others or not names.isdisjoint(_names_in(identifier))


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the texts of a value that is one or a list of them."""
    return tuple(
        one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, str)
    )


def _names(resource: Resource, path: str) -> Callable[[Resource], bool]:
    """Return what tells whether a property names a resource."""
    try:
        texts = texts_of(read(resource, path))
    except UnknownPropertyError:
        sources = resource.sources.get(path.partition(".")[0], ())
        return lambda one: one.urn in sources
    return lambda one: any(answers_to(one, text) for text in texts)


@lru_cache(maxsize=16_384)
def _identity(resource: Resource) -> tuple[str | None, frozenset[str], frozenset[str]]:
    """Return a resource's ARN, its id and URL, and its own names, as far as they are known."""
    # Every resource is compared with every text that names one of its type: it is read once.
    arn, *others = (unqualified(_text(resource, path)) for path in ("arn", "id", "url"))
    names = (_text(resource, path) for path in _OWN_NAMES)
    return arn or None, frozenset(filter(None, others)), frozenset(filter(None, names))


@lru_cache(maxsize=16_384)
def _names_in(identifier: str) -> frozenset[str]:
    """Return the names that an identifier may hold."""
    bare = unqualified(identifier)
    if not identifier.startswith("arn:"):
        return frozenset({identifier, bare, *([bare.rpartition("/")[2]] if "://" in identifier else ())})
    fields = identifier.split(":", 5)
    named = unqualified(fields[-1])
    # What stands before the last slash of a name in IAM is a path, which names nothing.
    in_iam = {named.rpartition("/")[2]} if fields[2:3] == ["iam"] else set()
    return frozenset({named, _KIND.sub("", named), *in_iam})


def _text(resource: Resource, path: str) -> str:
    """Return a text that tells a resource from others; nothing where it is not known, or none."""
    try:
        value = read(resource, path)
    except UnknownPropertyError:
        return ""
    return value if isinstance(value, str) else ""
