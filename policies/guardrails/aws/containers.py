"""The containers of a task definition."""

from collections.abc import Mapping, Sequence
from typing import Any

from guardrails.properties import PropertyError, read_json
from guardrails.rule import Subject

CONTAINERS_STOP = "container-stop-timeout"
"""The rule that reports unreadable containers; it is the first of the rules that read them."""


def containers_of(subject: Subject) -> Sequence[Mapping[str, Any]]:
    """Return the containers of the subject's task definition.

    Raises:
        NotApplicableError: if they cannot be read, and `container-stop-timeout` has reported that.
        PropertyError: if they are not known yet, or not a list of containers.
    """
    with subject.reported_by(CONTAINERS_STOP):
        containers = read_json(subject.resource, "containerDefinitions")
        if not isinstance(containers, list) or not all(isinstance(item, Mapping) for item in containers):
            raise PropertyError("containerDefinitions is not a list of containers; write one")
        return containers


def name_of(container: Mapping[str, Any], number: int) -> str:
    """Return the name of a container for messages; the first container is number 1."""
    return str(container.get("name") or f"container {number}")
