"""The mistakes in a stack file, worded for the person who edits it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class InvalidSetting:
    """One wrong setting: its key and the correction."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class SettingsError(Exception):
    """An invalid stack file; the error lists every mistake in it."""

    def __init__(self, mistakes: Sequence[InvalidSetting]) -> None:
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        head = "1 setting cannot be used" if count == 1 else f"{count} settings cannot be used"
        super().__init__("\n".join([f"{head}:", *(f"  {mistake}" for mistake in self.mistakes)]))


_WHOLE_NUMBER = "is not a whole number; write one without quotes"
_AMOUNT = "is not a number; write one such as 19.90"
_TRUE_OR_FALSE = "is neither true nor false; write one of them"
_DATE = 'is not a date; write one in quotes, such as "2026-11-23"'

# The bounds in pydantic's error context, and their wording in a sentence.
_WORDING: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing; write it",
    "extra_forbidden": lambda _: "is not a setting; take it out, or write its name as in docs/settings.md",
    "greater_than": lambda c: f"is too low; write more than {c['gt']}",
    "greater_than_equal": lambda c: f"is below the lowest value; write {c['ge']} or more",
    "less_than_equal": lambda c: f"is above the highest value; write {c['le']} or less",
    "enum": lambda c: f"is not one of the choices; write {c['expected']}",
    "literal_error": lambda c: f"is not one of the choices; write {c['expected']}",
    "int_type": lambda _: _WHOLE_NUMBER,
    "int_parsing": lambda _: _WHOLE_NUMBER,
    "int_parsing_size": lambda _: _WHOLE_NUMBER,
    "int_from_float": lambda _: _WHOLE_NUMBER,
    "decimal_type": lambda _: _AMOUNT,
    "decimal_parsing": lambda _: _AMOUNT,
    "decimal_max_places": lambda c: (
        f"has too many digits after its point; write at most {c['decimal_places']}"
    ),
    "finite_number": lambda _: _AMOUNT,
    "bool_type": lambda _: _TRUE_OR_FALSE,
    "bool_parsing": lambda _: _TRUE_OR_FALSE,
    "date_type": lambda _: _DATE,
    "date_from_datetime_parsing": lambda _: _DATE,
    "date_from_datetime_inexact": lambda _: _DATE,
    "string_type": lambda _: "is not a text; write one, in quotes",
    "string_too_long": lambda c: f"is too long; write at most {c['max_length']} characters",
    "string_too_short": lambda c: f"is too short; write at least {c['min_length']} characters",
    "too_short": lambda c: f"has too few entries; write at least {c['min_length']}",
    "too_long": lambda c: f"has too many entries; write at most {c['max_length']}",
    "model_type": lambda _: "is not a group of settings; write its keys indented below it",
    "dict_type": lambda _: "is not a group; write its names indented below it",
    "tuple_type": lambda _: "is not a list; write one entry a line, each after a dash",
    "value_error": lambda c: str(c["error"]),
}


def from_pydantic(error: ValidationError, key: str, *, secret: bool = False) -> list[InvalidSetting]:
    """Return one mistake for each of the error's findings, with the stack file's key as a prefix."""
    findings = error.errors(include_url=False)
    return [
        _mistake(details, key, secret=secret)
        for details in findings
        if not _is_a_consequence(details, findings)
    ]


def _is_a_consequence(details: ErrorDetails, findings: Sequence[ErrorDetails]) -> bool:
    """Return true if another finding causes this one.

    Examples: a list has too few entries because some entries are invalid; a default is derived from an
    invalid value.
    """
    if details["type"] == "default_factory_not_called":
        return True
    depth = len(details["loc"])
    return details["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == details["loc"] for other in findings
    )


def _mistake(details: ErrorDetails, key: str, *, secret: bool) -> InvalidSetting:
    path = ".".join([key, *_spelled(details["loc"])])
    wording = _WORDING.get(details["type"])
    text = wording(details.get("ctx", {})) if wording else details["msg"]
    value = details["input"]
    message = (
        f"{value!r} {text}"
        if not secret and isinstance(value, str | int | float) and details["type"] != "missing"
        else text
    )
    return InvalidSetting(path, message)


def _spelled(location: Iterable[str | int]) -> list[str]:
    return [str(part) for part in location]
