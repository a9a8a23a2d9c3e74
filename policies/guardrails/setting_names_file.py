"""The file of a project that lists the settings of AWS's properties, `settings.toml` beside the limits."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from guardrails.limits import LimitsError
from guardrails.mistakes import mistakes
from guardrails.setting_names import Named

FILE = "settings.toml"

_SETTINGS = {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"^[\w-]+:[\w.-]+$"}}
_PROPERTIES = {"type": "object", "additionalProperties": _SETTINGS}
_SCHEMA = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": {"if": {"type": "object"}, "then": _PROPERTIES, "else": _SETTINGS},
    },
}


def names_of(file: Path) -> tuple[Named, ...]:
    """Return the properties in a file, with their settings; none if there is no file.

    Raises:
        LimitsError: if it cannot be read, or has mistakes.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise LimitsError(f"{file} cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise LimitsError(f"{file} is not TOML ({error}).") from None
    if found := mistakes(_SCHEMA, content):
        raise LimitsError("\n".join([f"{file} has mistakes:", *(f"  {mistake}" for mistake in found)]))
    return tuple(_named(content))


def _named(content: Mapping[str, Mapping[str, Mapping[str, list[str]] | list[str]]]) -> Iterator[Named]:
    for type_, of_type in content.items():
        for key, value in of_type.items():
            if isinstance(value, list):
                yield Named(type=type_, resource=None, path=key, settings=value)
                continue
            for path, settings in value.items():
                yield Named(type=type_, resource=key, path=path, settings=settings)
