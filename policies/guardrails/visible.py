r"""Escapes for text from outside: characters that control a terminal, or reorder or hide text, become visible.

Each such character is written like `\u001b`, the escape of JSON, so that escaped JSON has the same value.
"""

import re
from typing import TextIO

# Unicode's Cc but for line feed and tab, Zl, Zp, Cs, and Cf but for the two joiners that emoji and scripts need.
# Bidirectional marks: https://www.unicode.org/reports/tr9/, "Trojan Source": https://trojansource.codes
_UNSAFE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LINE = re.compile("[\n\t]")


def visible(text: str) -> str:
    r"""Return a text with its unsafe characters escaped; lines and tabs stay.

    >>> visible("\x1b[2Jdone")
    '\\u001b[2Jdone'
    """
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return a text with its unsafe characters escaped, its line feeds and tabs too, for a cell or a sentence."""
    return _LINE.sub(_escaped, visible(text))


class VisibleStream:
    """A text stream that escapes unsafe characters and passes the text on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, and return its length."""
        self._stream.write(visible(text))
        return len(text)

    def flush(self) -> None:
        """Flush the underlying stream."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Return True if the underlying stream is a terminal."""
        return self._stream.isatty()


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
