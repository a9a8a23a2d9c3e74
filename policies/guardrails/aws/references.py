"""The references between resources of a plan, by the value of a property or by the source of the value."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from guardrails.aws.arns import unqualified
from guardrails.aws.provider import account_of, region_of
from guardrails.aws.task_arguments import argument, possible
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError, read

_OWN_NAMES = ("name", "family", "bucket")
"""The properties that hold a resource's own name in AWS."""

_KIND = re.compile(r"^[A-Za-z-]+[:/]")
"""The first part of an ARN's last field, as in `role/name` or `stateMachine:name`."""

_OPEN = re.compile(r"[*?]")
"""A wildcard, which may stand for any region or account."""


def resources_named_by(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a property names by ARN, id, URL or name; a list may name several.

    A value that is not known yet names the resources that it comes from. An empty result means that the property names
    a resource outside of the plan.
    """
    try:
        texts = texts_of(read(resource, path))
    except UnknownPropertyError:
        sources = _sources(resource, path)
        return [other for other in plan.of_type(*types) if other.urn in sources] if sources else []
    return resources_identified_by(plan, texts, *types)


def resources_naming(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types whose property names this resource."""
    naming = _naming(plan, path, types)
    found = {other.urn: other for key in (resource.urn, *_keys_of(resource)) for other in naming.get(key, ())}
    return _in_order(plan, (other for other in found.values() if _names(other, path)(resource)))


def resources_identified_by(plan: Plan, identifiers: Iterable[str], *types: str) -> list[Resource]:
    """Return the resources of some types that ARNs, ids, URLs or names identify, in any revision."""
    identified = _identified(plan, types)
    found = {
        resource.urn: resource
        for identifier in identifiers
        for key in _keys_in(identifier)
        for resource in identified.get(key, ())
        if is_identified_by(resource, identifier)
    }
    return _in_order(plan, found.values())


def resources_meant_by(plan: Plan, arguments: Any, key: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a Task's argument may name.

    An argument that is computed at run time may name any of them. An empty result means that the argument names a
    resource outside of the plan.
    """
    texts = possible(argument(arguments, key))
    return (
        resources_identified_by(plan, (option.text for option in texts), *types)
        if texts
        else plan.of_type(*types)
    )


@contextmanager
def errors_naming(resource: Resource) -> Iterator[None]:
    """Add a resource's name to property errors, for a rule that evaluates another resource."""
    try:
        yield
    except UnknownPropertyError:
        # It has the URN of the resource.
        raise
    except PropertyError as error:
        raise PropertyError(f"{resource.name}: {error}") from None


def is_identified_by(resource: Resource, identifier: str) -> bool:
    """Return True if an ARN, an id, a URL or a name identifies a resource, in any revision."""
    arn, others, names = _identity(resource)
    bare = unqualified(identifier)
    if bare == arn:
        return True
    if identifier.startswith("arn:") and (arn is not None or _is_elsewhere(resource, identifier)):
        return False
    return bare in others or not names.isdisjoint(_names_in(identifier))


def _is_elsewhere(resource: Resource, arn: str) -> bool:
    """Return True if an ARN is of another region or account than a resource; one that is not known is no other."""
    named = (*arn.split(":", 5)[3:5], "", "")
    its = (region_of(resource), account_of(resource))
    return any(
        known and other and other != known and not _OPEN.search(other)
        for known, other in zip(its, named, strict=False)
    )


def texts_of(value: Any) -> tuple[str, ...]:
    """Return the texts of a value that is a text or a list of texts."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _names(resource: Resource, path: str) -> Callable[[Resource], bool]:
    """Return a predicate that is True for the resources that a property names."""
    try:
        texts = texts_of(read(resource, path))
    except UnknownPropertyError:
        sources = _sources(resource, path)
        return lambda other: other.urn in sources
    return lambda other: any(is_identified_by(other, text) for text in texts)


def _sources(resource: Resource, path: str) -> tuple[str, ...]:
    return resource.sources.get(path.partition(".")[0], ())


def _in_order(plan: Plan, resources: Iterable[Resource]) -> list[Resource]:
    return sorted(resources, key=lambda resource: plan.places[resource.urn])


# A plan of thousands of resources is searched for each of them; an index keeps the time linear.
@lru_cache(maxsize=256)
def _identified(plan: Plan, types: tuple[str, ...]) -> Mapping[str, list[Resource]]:
    """Return the resources of some types by every key that may identify them."""
    found: dict[str, list[Resource]] = {}
    for resource in plan.of_type(*types):
        for key in _keys_of(resource):
            found.setdefault(key, []).append(resource)
    return found


@lru_cache(maxsize=256)
def _naming(plan: Plan, path: str, types: tuple[str, ...]) -> Mapping[str, list[Resource]]:
    """Return the resources of some types by every key that their property may name; a source's key is its URN."""
    found: dict[str, list[Resource]] = {}
    for other in plan.of_type(*types):
        try:
            keys = {key for text in texts_of(read(other, path)) for key in _keys_in(text)}
        except UnknownPropertyError:
            keys = set(_sources(other, path))
        for key in keys:
            found.setdefault(key, []).append(other)
    return found


def _keys_of(resource: Resource) -> frozenset[str]:
    arn, others, names = _identity(resource)
    return others | names | ({arn} if arn else frozenset())


def _keys_in(identifier: str) -> frozenset[str]:
    return _names_in(identifier) | {unqualified(identifier)}


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
