"""The containers of a task definition, as rules read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from guardrails.plan import Resource
from guardrails.properties import PropertyError, read_json


def containers_of(task_definition: Resource) -> Sequence[Mapping[str, Any]]:
    """Return the containers of a task definition.

    Raises:
        PropertyError: where they are not known yet, or no list of containers.
    """
    containers = read_json(task_definition, "containerDefinitions")
    if not isinstance(containers, list) or not all(isinstance(one, Mapping) for one in containers):
        raise PropertyError("containerDefinitions holds no list of containers; write one")
    return containers


def name_of(container: Mapping[str, Any], number: int) -> str:
    """Return how a message names a container, the first of which is number 1."""
    return str(container.get("name") or f"container {number}")
