"""What is expected of resources, or was measured, in a file: the parts that components declare, by resource."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from guardrails.mistakes import mistakes
from guardrails.plan import Plan

_QUANTITY: Mapping[str, Any] = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\d{1,15}(\.\d{1,15})?$"}]
}
_QUANTITIES: Mapping[str, Any] = {"type": "object", "additionalProperties": _QUANTITY}
_PARTS: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "path": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        **dict.fromkeys(("seconds", "items", "run", "month", "startsByRun"), _QUANTITIES),
        "starts": _QUANTITY,
        "everyStarts": {"type": "number", "minimum": 1},
    },
}


class ExpectedFileError(Exception):
    """A file does not say what is expected; the message lists every mistake."""


def read_expected(path: Path, plan: Plan) -> Mapping[str, Mapping[str, Any]]:
    """Return what a file says of resources of a plan, by their names.

    Raises:
        ExpectedFileError: where it cannot be read, or has mistakes.
    """
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExpectedFileError(
            f"{path} cannot be read ({error.strerror}); name a file that is there"
        ) from None
    except (ValueError, RecursionError):
        raise ExpectedFileError(
            f'{path} is not JSON; write an object such as {{"machine": {{"starts": 9}}}}'
        ) from None
    names = dict.fromkeys(one.name for one in plan.resources.values())
    schema = {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(names, _PARTS)}
    if found := mistakes(schema, written):
        # Whoever prints it ends the sentence.
        told = "\n".join(f"  {mistake}" for mistake in found).rstrip(".")
        raise ExpectedFileError(f"{path} has mistakes:\n{told}")
    of_resources: dict[str, dict[str, Any]] = written
    return of_resources
