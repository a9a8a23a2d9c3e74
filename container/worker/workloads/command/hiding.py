"""Redaction of a key in texts, in any form in which a program may write it."""

import base64
import re
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

HIDDEN = "***"
# Eight equal characters in a row are no coincidence, and fewer reveal nothing: 8 of 1,600 are 48 of some 10,000 bits.
_SHORTEST = 8
# What may stand between the letters and digits of a written key: line ends, blanks, control characters and punctuation,
# escaped in JSON or in URLs (any number of times) or in HTML. It includes the signs of both alphabets of base64.
_SEPARATOR = re.compile(
    r"(?:\\+[nrt]|\\+u00(?:0[aAdD]|2[bBfF]|3[dD])|%(?:25)*(?:0[aAdD]|2[bBdDfF]|3[dD]|5[cC][nrt])"
    r"|&#(?:1[03]|4[37]|61|[xX](?:[aAdD]|2[bBfF]|3[dD]));"
    r"|[\s\x00-\x1f\"',;:|\\+/_=\-\u200b-\u200d\u2060\ufeff])+"
)
# Between the digits of bytes in hexadecimal, also what marks each of them: `%4D` in URLs, `\x4d`, `\u004d`, `0x4d`.
_HEXADECIMAL_SEPARATOR = re.compile(
    r"(?:%(?:25)*|\\+x|\\+u00|&#[xX]0*|0[xX]|[\s\x00-\x1f\"',;:|\\+/_=\-<>\[\](){}\u200b-\u200d\u2060\ufeff])+"
)
BEFORE_CHARACTERS = 100
"""The number of characters before a text that are enough to recognise a key that began there, escaped or not."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Redact(Protocol):
    """A function that removes secrets from a text; `before` is the text that was written directly before it."""

    def __call__(self, text: str, before: str = "") -> str:
        """Return the text without secrets."""


def unchanged(text: str, before: str = "") -> str:  # noqa: ARG001 - a redaction without secrets
    """Return the text."""
    return text


def redacted(lines: Iterable[str], redact: Redact) -> Iterator[str]:
    """Yield lines without secrets, of which a program may print a few characters on each line."""
    before = ""
    for line in lines:
        yield redact(line, before)
        before = f"{before}\n{line}"[-BEFORE_CHARACTERS:]


@dataclass(frozen=True)
class _Form:
    """A way to write a key: the encodings of its bytes, and the separators that may stand between written
    characters."""

    encodings: Callable[[bytes], Iterable[str]]
    separator: re.Pattern[str] = _SEPARATOR
    ignores_case: bool = False

    def bare(self, text: str) -> tuple[str, list[int]]:
        """Return the characters of a text without separators, and the index of each in it."""
        places: list[int] = []
        end = 0
        for separator in self.separator.finditer(text):
            places.extend(range(end, separator.start()))
            end = separator.end()
        places.extend(range(end, len(text)))
        bare = "".join(text[place] for place in places)
        return bare.translate(_LOWER) if self.ignores_case else bare, places


def _base64(content: bytes) -> Iterator[str]:
    """Yield the base64 of a content, and the base64 of that."""
    for once in _aligned(content, 3, base64.b64encode):
        yield once
        yield from _aligned(once.encode(), 3, base64.b64encode)


def _aligned(content: bytes, group_bytes: int, encode: Callable[[bytes], bytes]) -> Iterator[str]:
    """Yield the encoding at each of the alignments that a preceding text can cause."""
    for skipped in range(group_bytes):
        yield encode(content[skipped:]).decode().rstrip("=")


_AS_IT_IS = _Form(lambda content: [content.decode(errors="ignore")])
_ENCODED = (
    _Form(_base64),
    _Form(lambda content: _aligned(content, 5, base64.b32encode), ignores_case=True),
    _Form(lambda content: [content.hex()], _HEXADECIMAL_SEPARATOR, ignores_case=True),
)


class Hiding:
    """Replaces secrets, and the encodings of the contents that would reveal them."""

    def __init__(self, secrets: Iterable[str], sources: Iterable[bytes] = ()) -> None:
        """Initialise with the secrets, and with the contents that would reveal them when they are encoded."""
        texts, contents = list(secrets), list(sources)
        # A program may print a key line by line, and the last line may be short.
        self._lines = {line for secret in texts for line in secret.split() if 1 < len(line) < _SHORTEST}
        self._parts = [(_AS_IT_IS, _parts(_AS_IT_IS, (text.encode(errors="replace") for text in texts)))]
        self._parts += [(form, _parts(form, contents)) for form in _ENCODED]

    def __call__(self, text: str, before: str = "") -> str:
        """Return a text without any part of the secrets, including a part that begins in `before`."""
        if text.strip() in self._lines:
            return HIDDEN
        shown: list[str] = []
        end = 0
        for start, stop in _joined(self._found(text, before)):
            shown += [text[end:start], HIDDEN]
            padding = len(text) - stop - len(text[stop:].lstrip("="))
            end = stop + padding
        return "".join([*shown, text[end:]]) if end else text

    def _found(self, text: str, before: str) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each secret part of a text."""
        for form, parts in self._parts:
            bare, places = form.bare(text)
            tail = form.bare(before[-BEFORE_CHARACTERS:])[0][-(_SHORTEST - 1) :] if before else ""
            whole = tail + bare
            for start in range(len(whole) - _SHORTEST + 1):
                if whole[start : start + _SHORTEST] in parts:
                    first, last = max(start - len(tail), 0), start + _SHORTEST - 1 - len(tail)
                    yield places[first], places[last] + 1


def _parts(form: _Form, contents: Iterable[bytes]) -> frozenset[str]:
    texts = [form.bare(text)[0] for content in contents for text in form.encodings(content)]
    return frozenset(
        text[start : start + _SHORTEST] for text in texts for start in range(len(text) - _SHORTEST + 1)
    )


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in order, with those that overlap or touch as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined
