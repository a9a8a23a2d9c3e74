"""How the resources of a plan hang together: by what a property says, or by where its value comes from."""

import re

from guardrails.plan import Plan, Resource
from guardrails.properties import UnknownPropertyError, is_set, read

_OWN_NAMES = ("name", "family", "bucket")
"""The properties by which resources are named in AWS."""

_SEPARATORS = re.compile(r"[:/]")


def named_by(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types that a property names by ARN, id, URL or name.

    A value that is not known yet names those that it comes from. None means that it names what is not in the plan.
    """
    candidates = plan.of_type(*types)
    try:
        value = read(resource, path)
    except UnknownPropertyError:
        sources = resource.sources.get(path.partition(".")[0], ())
        return [one for one in candidates if one.urn in sources]
    return [one for one in candidates if isinstance(value, str) and answers_to(one, value)]


def naming(plan: Plan, resource: Resource, path: str, *types: str) -> list[Resource]:
    """Return the resources of some types of which a property names this one."""
    return [
        one
        for one in plan.of_type(*types)
        if any(found is resource for found in named_by(plan, one, path, resource.type))
    ]


def answers_to(resource: Resource, identifier: str) -> bool:
    """Tell whether a resource is what an ARN, an id, a URL or a name means."""
    for path in ("arn", "id", "url"):
        known = _text(resource, path)
        if known == identifier:
            return True
        if known is not None and path == "arn" and identifier.startswith("arn:"):
            return False
    names = {_text(resource, path) for path in _OWN_NAMES} - {None}
    return identifier in names or _SEPARATORS.split(identifier)[-1] in names


def _text(resource: Resource, path: str) -> str | None:
    try:
        value = read(resource, path)
    except UnknownPropertyError:
        return None
    return value if isinstance(value, str) and is_set(resource, path) else None
