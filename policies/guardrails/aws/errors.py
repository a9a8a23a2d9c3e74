"""The names of errors that states can raise, as far as they are known: `data/errors.json`, with its sources."""

from collections.abc import Collection
from typing import Final

from guardrails.aws import data
from guardrails.aws.integrations import Integration

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
NO_CAPACITY = "AmazonECS.Unknown"
"""What a container that could not be placed comes back as."""

_DATA: Final = data.read("errors")
_OF_STATES: Final = frozenset(_DATA["states"]["names"])
_PERMANENT: Final = frozenset(_DATA["states"]["permanent"])
_PERMANENT_BEGINNINGS: Final = tuple(_DATA["services"]["permanent_beginnings"])


def is_permanent(name: str, further: Collection[str] = ()) -> bool:
    """Tell whether an error comes back however often its state is tried; `further` names some of a stack's own."""
    if name in _PERMANENT or name in further:
        return True
    return not name.startswith("States.") and name.rpartition(".")[2].startswith(_PERMANENT_BEGINNINGS)


def is_never_raised(name: str, integration: Integration | None) -> bool:
    """Tell whether a state that calls this never raises an error of this name, as far as that is known for sure.

    Names are case-sensitive. Whatever does not look like an error of the called service is a worker's own.
    """
    prefix, _, error = name.partition(".")
    if prefix == "States":
        # States.Http.StatusCode goes on with a status.
        return ".".join(name.split(".")[:3]) not in _OF_STATES
    service = integration.name.partition(":")[0] if integration and not integration.is_sdk else ""
    prefixes = _DATA["integrations"].get(service, {}).get("prefixes", {})
    if prefix.lower() not in {known.lower() for known in prefixes}:
        return False
    return error not in prefixes.get(prefix, ())
