"""The reader of a file with declared bounds, which `bounds.schema.json` describes."""

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from guardrails import strict_json
from guardrails.mistakes import mistakes
from guardrails.time.bounds import Bounds
from guardrails.time.files.machine import MachineFileError

_SCHEMA = Path(__file__).parents[1] / "bounds.schema.json"
_PARTS = ("items", "seconds", "visits")


def read_bounds(path: Path, states: Collection[str], items: int | None) -> Bounds:
    """Return the bounds in a file for machines with these states; `items` are those of every other Map.

    Raises:
        MachineFileError: if the file cannot be read, has mistakes, or names a state that does not exist.
    """
    try:
        declared = strict_json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MachineFileError(f"{path} cannot be read ({error.strerror}); name a file of bounds") from None
    except (ValueError, RecursionError) as error:
        raise MachineFileError(f"{path} is not JSON ({error}); write an object of bounds") from None
    if found := mistakes(strict_json.loads(_SCHEMA.read_text(encoding="utf-8")), declared):
        raise MachineFileError("\n".join([f"{path} has mistakes:", *(f"  {mistake}" for mistake in found)]))
    for name in (name for part in _PARTS for name in declared.get(part, {}) if name not in states):
        nearest = get_close_matches(name, states, n=1)
        remedy = f"the nearest name is {nearest[0]}" if nearest else "write the name of a state"
        raise MachineFileError(f"{path} bounds {name}, which is no state of the machine; {remedy}")
    items_of, seconds_of, visits_of = (declared.get(part, {}) for part in _PARTS)
    return Bounds(items=items, items_of=items_of, seconds_of=seconds_of, visits_of=visits_of)
