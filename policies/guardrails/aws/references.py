"""The references between resources of a plan, by the value of a property or by the source of the value."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from guardrails.aws.arns import unqualified
from guardrails.aws.task_arguments import argument, possible
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read

_OWN_NAMES = ("name", "family", "bucket")
"""The properties that hold a resource's own name in AWS."""

_KIND = re.compile(r"^[A-Za-z-]+[:/]")
"""The first part of an ARN's last field, as in `role/name` or `stateMachine:name`."""


def resources_named_by(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a property names by ARN, id, URL or name; a list may name several.

    A value that is not known yet names the resources that it comes from. An empty result means that the property names
    a resource outside of the plan.
    """
    try:
        texts = texts_of(read(resource, path))
    except UnknownPropertyError:
        sources = resource.sources.get(path.partition(".")[0], ())
        found = (plan.resources[urn] for urn in dict.fromkeys(sources) if urn in plan.resources)
        return [other for other in found if other.type in types]
    return identified_by(plan, texts, *types)


def resources_naming(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types whose property names this resource."""
    return list(_naming(plan, path, types).get(resource.urn, ()))


def resources_meant_by(plan: Plan, arguments: Any, key: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a Task's argument may name.

    An argument that is computed at run time may name any of them. An empty result means that the argument names a
    resource outside of the plan.
    """
    texts = possible(argument(arguments, key))
    if not texts:
        return plan.of_type(*types)
    return identified_by(plan, [option.text for option in texts], *types)


def identified_by(plan: Plan, identifiers: Iterable[str], *types: str) -> list[Resource]:
    """Return the resources of some types that any of the ARNs, ids, URLs or names identifies, in the plan's order."""
    index = _index(plan, types)
    found = {
        place: resource
        for identifier in identifiers
        for part in (unqualified(identifier), *_names_in(identifier))
        for place, resource in index.get(part, ())
        if is_identified_by(resource, identifier)
    }
    return [found[place] for place in sorted(found)]


@contextmanager
def errors_naming(resource: Resource) -> Iterator[None]:
    """Add a resource's name to property errors, for a rule that evaluates another resource."""
    try:
        yield
    except PropertyError as error:
        raise PropertyError(f"{resource.name}: {error}") from None


def is_identified_by(resource: Resource, identifier: str) -> bool:
    """Return True if an ARN, an id, a URL or a name identifies a resource, in any revision."""
    arn, others, names = _identity(resource)
    bare = unqualified(identifier)
    if bare == arn:
        return True
    if arn is not None and identifier.startswith("arn:"):
        return False
    return bare in others or not names.isdisjoint(_names_in(identifier))


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the texts of a value that is a text or a list of texts."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(item for item in items if isinstance(item, str))


# Cached, because large plans would compare every reference with every resource otherwise.
@lru_cache(maxsize=64)
def _index(plan: Plan, types: tuple[str, ...]) -> Mapping[str, list[tuple[int, Resource]]]:
    """Return the resources of some types by ARN, id, URL and name, each with its place in the plan."""
    found: dict[str, list[tuple[int, Resource]]] = {}
    for place, resource in enumerate(plan.of_type(*types)):
        arn, others, names = _identity(resource)
        for identifier in {arn, *others, *names} - {None}:
            found.setdefault(str(identifier), []).append((place, resource))
    return found


@lru_cache(maxsize=64)
def _naming(plan: Plan, path: str, types: tuple[str, ...]) -> Mapping[str, list[Resource]]:
    """Return the resources of some types by the URN of each resource that their property names."""
    everything = tuple(plan.types)
    found: dict[str, list[Resource]] = {}
    for other in plan.of_type(*types):
        for named in resources_named_by(plan, other, path, *everything):
            found.setdefault(named.urn, []).append(other)
    return found


@lru_cache(maxsize=16_384)
def _identity(resource: Resource) -> tuple[str | None, frozenset[str], frozenset[str]]:
    """Return a resource's ARN, its id and URL, and its own names, as far as they are known."""
    # Cached, because every resource is compared with every text that names a resource of its type.
    arn, *others = (unqualified(_text(resource, path)) for path in ("arn", "id", "url"))
    names = (_text(resource, path) for path in _OWN_NAMES)
    return arn or None, frozenset(filter(None, others)), frozenset(filter(None, names))


@lru_cache(maxsize=16_384)
def _names_in(identifier: str) -> frozenset[str]:
    """Return the names that an identifier may contain."""
    bare = unqualified(identifier)
    if not identifier.startswith("arn:"):
        return frozenset({identifier, bare, *([bare.rpartition("/")[2]] if "://" in identifier else ())})
    fields = identifier.split(":", 5)
    named = unqualified(fields[-1])
    # In IAM the part before the last slash is a path and not part of the name.
    in_iam = {named.rpartition("/")[2]} if fields[2:3] == ["iam"] else set()
    return frozenset({named, _KIND.sub("", named), *in_iam})


def _text(resource: Resource, path: str) -> str:
    """Return the text of a property, empty if it is not known yet or not a text."""
    try:
        value = read(resource, path)
    except UnknownPropertyError:
        return ""
    return value if isinstance(value, str) else ""
