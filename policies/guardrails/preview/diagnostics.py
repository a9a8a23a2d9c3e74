"""Why a preview failed, from what the engine and those whom it runs have printed."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

_COLOUR = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")
_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+)')
_TRACEBACK = "Traceback (most recent call last):"
# What the engine says after the violations, which say more.
_SUMMARY = "preview failed"


class Diagnostic(Protocol):
    """What the engine told."""

    severity: str
    message: str


def without_colours(text: str) -> str:
    """Return a text without the marks for colours, neither the engine's own nor a terminal's."""
    return _COLOUR.sub("", text)


def reasons(diagnostics: Iterable[Diagnostic], stderr: Sequence[str]) -> list[str]:
    """Return why a preview failed, without tracebacks; nothing where only violations stopped it."""
    told = [(one.severity, without_colours(one.message)) for one in diagnostics]
    errors = [message for severity, message in told if severity == "error"]
    printed = "".join(message for severity, message in told if severity == "info#err")
    said = errors or [printed, _of_command(stderr)]
    return [
        reason
        for reason in dict.fromkeys(without_traceback(text) for text in said)
        if reason and reason != _SUMMARY
    ]


def without_traceback(text: str) -> str:
    """Return a text in which each traceback is its last line, with the place of the mistake."""
    kept: list[str] = []
    place = ""
    inside = False
    for line in filter(str.strip, text.splitlines()):
        frame = _FRAME.match(line)
        if line.strip() == _TRACEBACK:
            inside = True
        elif frame:
            inside, place = True, f" ({frame['file']}:{frame['line']})"
        elif not inside:
            kept.append(line.rstrip())
        elif not line.startswith(" "):
            kept.append(line.rstrip() + place)
            inside, place = False, ""
    return "\n".join(kept).strip()


def _of_command(stderr: Sequence[str]) -> str:
    """Return what the command says after its first `error: `, up to the next warning."""
    _, _, error = without_colours("\n".join(line.rstrip("\n") for line in stderr)).partition("error: ")
    return error.partition("\nwarning: ")[0].strip()
