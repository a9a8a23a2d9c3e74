"""Durations, amounts, counts and subjects in words, and the cleaning of text that programs wrote."""

import math
import re
import unicodedata

from reporter.settings import Settings

SUBJECT_MAX_CHARACTERS = 99
"""SNS Publish, parameter Subject: less than 100 characters; its first versions took printable ASCII only."""

_MINUTE_SECONDS = 60
_HOUR_SECONDS = 3600
_DAY_SECONDS = 86_400
# A duration of two days or more reads better in days than in hours.
_DAYS_FROM_SECONDS = 2 * _DAY_SECONDS
_CENT = 0.01

# The escape sequences of terminals: CSI (colours, cursor), and OSC (titles, links) up to its end. Source: ECMA-48.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
)
# Control characters; format characters, such as bidi marks and zero-width spaces; and surrogates, which no UTF-8 has.
_REMOVED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
_NOT_ASCII = re.compile(r"[^ -~]")


def clean(text: str) -> str:
    """Return a text from a program as one line of visible characters, so that it cannot forge a line of a message."""
    plain = _ESCAPE_SEQUENCE.sub("", text)
    if not plain.isprintable():
        plain = "".join(
            " " if letter.isspace() else letter
            for letter in plain
            if letter.isspace() or unicodedata.category(letter) not in _REMOVED_CATEGORIES
        )
    return " ".join(plain.split())


def text_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text that are not empty, each cleaned."""
    return tuple(line for each in text.splitlines() if (line := clean(each)))


def cut(text: str, most_characters: int) -> str:
    """Return a text with at most so many characters; a cut one ends in `…`."""
    return text if len(text) <= most_characters else f"{text[: most_characters - 1].rstrip()}…"


def number(value: float) -> str:
    """Return a whole number, e.g. `2,900`."""
    return f"{int(value):,}"


def count(value: float, noun: str, plural: str = "") -> str:
    """Return a number with its noun, e.g. `1 region` or `2,900 regions`."""
    return f"{number(value)} {noun if int(value) == 1 else plural or f'{noun}s'}"


def duration(seconds: float) -> str:
    """Return a duration with its two largest units, e.g. `45 s`, `12 min 5 s`, `12 h 5 min` or `8 days 1 h`."""
    if not math.isfinite(seconds):
        return "not known"
    whole = max(0, round(seconds))
    if whole < _HOUR_SECONDS:
        return _in_units(whole, _MINUTE_SECONDS, "min", 1, "s")
    if whole < _DAYS_FROM_SECONDS:
        return _in_units(whole, _HOUR_SECONDS, "h", _MINUTE_SECONDS, "min")
    return _in_units(whole, _DAY_SECONDS, "days", _HOUR_SECONDS, "h")


def _in_units(seconds: int, large_seconds: int, large: str, small_seconds: int, small: str) -> str:
    larges, rest = divmod(round(seconds / small_seconds) * small_seconds, large_seconds)
    smalls = rest // small_seconds
    parts = [f"{larges} {large}" if larges else "", f"{smalls} {small}" if smalls or not larges else ""]
    return " ".join(part for part in parts if part)


def usd(amount: float) -> str:
    """Return an amount of US dollars, e.g. `$0.16` or `less than $0.01`."""
    return f"${amount:,.2f}" if amount >= _CENT else f"less than ${_CENT}"


def ascii_text(text: str) -> str:
    """Return a text in printable ASCII: letters without their accents, and `?` for other characters."""
    letters = unicodedata.normalize("NFKD", clean(text))
    return _NOT_ASCII.sub("?", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def subject(settings: Settings, about: str, verdict: str) -> str:
    """Return a subject in printable ASCII; if it is too long, the part before the verdict is truncated."""
    end = ascii_text(verdict)[:SUBJECT_MAX_CHARACTERS]
    start = ascii_text(f"{settings.project} {settings.environment}: {about}")
    room = SUBJECT_MAX_CHARACTERS - len(end) - 1
    return f"{start[: max(room, 0)].rstrip()} {end}".strip()
