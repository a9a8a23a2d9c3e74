"""Redaction of a key in texts, in any form in which a program may write it."""

import base64
import re
from collections.abc import Iterable, Iterator

HIDDEN = "***"
# Eight equal characters in a row are no coincidence, and fewer reveal nothing: 8 of 1,600 are 48 of some 10,000 bits.
_SHORTEST = 8
# Between the letters and digits of a written key: line ends, blanks and punctuation, escaped in JSON (any number of
# times), in URLs or in HTML. What is no letter in either alphabet of base64 (RFC 4648) is among them.
_SEPARATOR = re.compile(
    r"(?:\\+[nrt]|\\+u00(?:0[aAdD]|2[bBfF])|%(?:0[aAdD]|2[bBdDfF])|&#(?:1[03]|4[37]|[xX](?:[aAdD]|2[bBfF]));"
    r"|[\s\"',;:|\\+/_\-\u200b-\u200d\u2060\ufeff])+"
)
_ALIGNMENTS = 3


class Hiding:
    """Replaces secrets, and the base64 and hexadecimal of the texts that contain them."""

    def __init__(self, secrets: Iterable[str], sources: Iterable[str] = ()) -> None:
        """Take the secrets, and the texts that would reveal them when they are encoded."""
        bare = [_bare(secret)[0] for secret in secrets]
        # A program may print a key line by line, and the last line may be short.
        self._lines = {line for secret in secrets for line in secret.split() if 1 < len(line) < _SHORTEST}
        encoded = [_bare(text)[0] for source in sources for text in _encoded(source)]
        self._parts = {
            text[start : start + _SHORTEST]
            for text in (*bare, *encoded)
            for start in range(len(text) - _SHORTEST + 1)
        }

    def __call__(self, text: str) -> str:
        """Return a text without any part of the secrets."""
        if text.strip() in self._lines:
            return HIDDEN
        shown: list[str] = []
        end = 0
        for start, stop in self._found(text):
            shown += [text[end:start], HIDDEN]
            end = stop
        return "".join([*shown, text[end:]]) if end else text

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each secret part of a text."""
        bare, places = _bare(text)
        begin: int | None = None
        until = 0
        for start in range(len(bare) - _SHORTEST + 1):
            if bare[start : start + _SHORTEST] not in self._parts:
                continue
            if begin is not None and start > until:
                yield places[begin], places[until - 1] + 1
                begin = None
            begin = start if begin is None else begin
            until = start + _SHORTEST
        if begin is not None:
            yield places[begin], places[until - 1] + 1


def _bare(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text, and the index of each in it."""
    places: list[int] = []
    end = 0
    for separator in _SEPARATOR.finditer(text):
        places.extend(range(end, separator.start()))
        end = separator.end()
    places.extend(range(end, len(text)))
    return "".join(text[place] for place in places), places


def _encoded(source: str) -> Iterator[str]:
    """Yield a text in hexadecimal, in base64, and in base64 of that."""
    content = source.encode(errors="replace")
    yield content.hex()
    yield content.hex().upper()
    for once in _in_base64(content):
        yield once
        yield from _in_base64(once.encode())


def _in_base64(content: bytes) -> Iterator[str]:
    """Yield the base64 at each of the three alignments that a preceding text can cause."""
    for skipped in range(_ALIGNMENTS):
        # The last characters depend on the text that follows.
        whole = content[skipped : len(content) - (len(content) - skipped) % _ALIGNMENTS]
        yield base64.b64encode(whole).decode()
