"""A program's output as lines of text, with or without line ends and cursor control."""

import re
from collections.abc import Iterator

LINE_CHARACTERS = 2000

# Sources: ECMA-48 (ISO/IEC 6429) for control sequences, the manual page console_codes(4) for the others.
_SEQUENCE = re.compile(
    r"\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+][ -~]|([0-9=>A-Zc]))"
)
_BEGUN_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]{0,200}[ -/]{0,9}|\][^\x07\x1b]{0,200}\x1b?|[()*+])?\Z")
# Final bytes of sequences that move the cursor, and of sequences that erase text.
_MOVES = frozenset("ABEFGHdfu")
_ERASES = frozenset("JK")
_RESTORES_CURSOR = "8"
_LINE_END = re.compile(r"\r\n|\n|\r")
# Redaction does not recognise a part of a secret, so a long line is split between words.
_WORD = "A-Za-z0-9+/=_-"
_LAST_BREAK = re.compile(rf"[^{_WORD}](?=[{_WORD}]*\Z)")


class Lines:
    """Builds lines from pieces of text as a terminal shows them.

    A carriage return, or a control sequence that moves the cursor, ends a line. Colours are removed, and a backspace
    removes a character.
    """

    def __init__(self) -> None:
        self.unfinished = ""
        """The text since the last line end."""
        self._begun_sequence = ""
        self._after_return = False
        self._after_cut = False

    def feed(self, text: str) -> Iterator[str]:
        """Add a piece of text, and yield the lines that it completes."""
        text = self._begun_sequence + text
        begun = _BEGUN_SEQUENCE.search(text)
        self._begun_sequence = begun[0] if begun else ""
        text = _SEQUENCE.sub(_as_text, text.removesuffix(self._begun_sequence))
        if not text:
            return
        if self._after_return:
            text = text.removeprefix("\n")
        self._after_return = text.endswith("\r")
        *ended, rest = _LINE_END.split(text)
        for line in ended:
            yield from self._pieces(line)
            # A line end directly after a split is not an empty line.
            if self.unfinished or not self._after_cut:
                yield self.unfinished
            self.unfinished, self._after_cut = "", False
        yield from self._pieces(rest)

    def close(self) -> Iterator[str]:
        """Yield the last line, which has no end."""
        if self.unfinished:
            yield self.unfinished
            self.unfinished = ""

    def _pieces(self, text: str) -> Iterator[str]:
        """Append a text without line ends, and yield the pieces of a line that is too long."""
        self.unfinished = _without_backspaces(self.unfinished + text)
        while len(self.unfinished) >= LINE_CHARACTERS:
            half = LINE_CHARACTERS // 2
            found = _LAST_BREAK.search(self.unfinished, half, LINE_CHARACTERS)
            end = found.end() if found else LINE_CHARACTERS
            yield self.unfinished[:end]
            self.unfinished, self._after_cut = self.unfinished[end:], True


def _as_text(sequence: re.Match[str]) -> str:
    parameters, final, single = sequence.groups()
    erases = final in _ERASES and parameters in {"1", "2", "3"}
    return "\r" if final in _MOVES or erases or single == _RESTORES_CURSOR else ""


def _without_backspaces(text: str) -> str:
    if "\b" not in text:
        return text
    shown: list[str] = []
    for character in text:
        if character != "\b":
            shown.append(character)
        elif shown:
            shown.pop()
    return "".join(shown)
