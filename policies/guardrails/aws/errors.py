"""The names of the errors that states can raise, from `data/errors.json`, which names its sources."""

from collections.abc import Collection
from typing import Final

from guardrails.aws import data
from guardrails.aws.integrations import Integration

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
NO_CAPACITY = "AmazonECS.Unknown"
"""The error of an ECS task that could not be placed for lack of capacity."""

_DATA: Final = data.read("errors")
_OF_STATES: Final = frozenset(_DATA["states"]["names"])
_PERMANENT: Final = frozenset(_DATA["states"]["permanent"])
_PERMANENT_BEGINNINGS: Final = tuple(_DATA["services"]["permanent_beginnings"])


def is_permanent(name: str, further: Collection[str] = ()) -> bool:
    """Return True if an error occurs again on every retry; `further` adds error names of the stack's own."""
    if name in _PERMANENT or name in further:
        return True
    return not name.startswith("States.") and name.rpartition(".")[2].startswith(_PERMANENT_BEGINNINGS)


def is_never_raised(name: str, integration: Integration | None) -> bool:
    """Return True if a state with this integration certainly never raises an error of this name.

    Names are case-sensitive. A name that is not in the form of the called service's errors may be a worker's own.
    """
    prefix, _, error = name.partition(".")
    if prefix == "States":
        # States.Http.StatusCode is followed by a status code.
        return ".".join(name.split(".")[:3]) not in _OF_STATES
    service = integration.name.partition(":")[0] if integration and not integration.is_sdk else ""
    prefixes = _DATA["integrations"].get(service, {}).get("prefixes", {})
    if prefix.lower() not in {known.lower() for known in prefixes}:
        return False
    return error not in prefixes.get(prefix, ())
