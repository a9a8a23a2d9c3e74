"""The containers of a task definition, as rules read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from guardrails.properties import PropertyError, read_json
from guardrails.rule import Subject

CONTAINERS_STOP = "container-stop-timeout"
"""The rule that tells where containers cannot be read; the first of all that look at them."""


def containers_of(subject: Subject) -> Sequence[Mapping[str, Any]]:
    """Return the containers of the task definition that a rule is asked about.

    Raises:
        NotApplicableError: where they cannot be read, and `container-stop-timeout` has refused them for that.
        PropertyError: where they are not known yet, or no list of containers.
    """
    with subject.told_by(CONTAINERS_STOP):
        containers = read_json(subject.resource, "containerDefinitions")
        if not isinstance(containers, list) or not all(isinstance(one, Mapping) for one in containers):
            raise PropertyError("containerDefinitions holds no list of containers; write one")
        return containers


def name_of(container: Mapping[str, Any], number: int) -> str:
    """Return how a message names a container, the first of which is number 1."""
    return str(container.get("name") or f"container {number}")
