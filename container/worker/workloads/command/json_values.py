"""A parser for a program's JSON in which a mistake spoils only the value or the object that contains it."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

MOST_LEVELS = 50
"""The maximum nesting; deeper values are left out, since JSON parsers and formatters are recursive."""
# The maximum digits of an integer; Python refuses to parse more than 4,300, and a double ends at 308.
_MOST_DIGITS = 300
_SHOWN_CHARACTERS = 50
_TOO_DEEP = "nested too deeply"
_NOT_JSON = "(not JSON)"
_LEVEL = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
# A string, a string without an end on its line, a structural character, or any other run of characters.
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\\n]++|\\.)*+")|(?P<cut>"[^\n]*)|(?P<mark>[\[\]{},:])|[^\s"\[\]{},:]+'
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?P<fraction>(?:\.\d+)?(?:[eE][+-]?\d+)?)", re.ASCII)
_WORDS = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}


class Damaged(dict[str, Any]):
    """An object whose text breaks the grammar of JSON, or which has two values for one key."""

    def __init__(self, values: dict[str, Any], reason: str) -> None:
        super().__init__(values)
        self.reason = reason


@dataclass(frozen=True)
class Document:
    """A JSON text as it could be parsed."""

    value: Any
    mistake: str = ""
    """The first mistake in the text, with its place, or an empty text."""


def read(content: bytes) -> Document:
    """Return the value of a JSON text, in which a mistake spoils only the value or the object that contains it.

    A number that is too large becomes infinite, a value that is nested too deeply becomes a text, and so does a value
    that is not JSON. An object with another mistake is `Damaged`.

    Raises:
        ValueError: if the text has no object or list.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        levelled = _levelled(content)
        # A text in another encoding of Unicode is recognised by json itself.
        text = levelled.decode(json.detect_encoding(levelled), "replace")
        value = json.loads(text, parse_int=_whole_number, object_pairs_hook=_object, strict=False)
    except ValueError as error:
        return _Reader(content.decode(json.detect_encoding(content), "replace"), str(error)).document()
    return Document(value)


def clean(text: str) -> str:
    """Return a text that can be written as UTF-8; JSON may hold halves of characters (`"\\ud800"`)."""
    return text.encode(errors="replace").decode()


def _whole_number(digits: str) -> int | float:
    if len(digits) <= _MOST_DIGITS:
        return int(digits)
    return -math.inf if digits.startswith("-") else math.inf


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; two lists of one key are joined, and two other values of one key damage it."""
    values: dict[str, Any] = {}
    twice = ""
    for key, value in pairs:
        if key in values and values[key] != value:
            if isinstance(value, list) and isinstance(values[key], list):
                values[key] = [*values[key], *value]
                continue
            twice = twice or f"it has two values for {key[:_SHOWN_CHARACTERS]}"
        values.setdefault(key, value)
    return Damaged(values, twice) if twice else values


@dataclass
class _Open:
    """A list or an object that is not closed yet."""

    is_list: bool
    values: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    key: str | None = None
    has_colon: bool = False
    needs_comma: bool = False
    mistake: str = ""

    def closed(self) -> Any:
        if self.is_list:
            return self.values
        made = _object(list(zip(self.keys, self.values, strict=True)))
        mistake = self.mistake or (made.reason if isinstance(made, Damaged) else "")
        return Damaged(made, mistake) if mistake else made


class _Reader:
    """Reads a text that is not JSON as a whole; the open lists and objects are a stack, so that none is too deep."""

    def __init__(self, text: str, mistake: str) -> None:
        self._text = text
        self._mistake = mistake
        self._stack: list[_Open] = []
        self._found: list[Any] = []

    def document(self) -> Document:
        for token in _TOKEN.finditer(self._text):
            if mark := token["mark"]:
                self._structure(mark, token.start())
            elif self._stack:
                self._scalar(token)
            if self._found:
                break
        is_cut = bool(self._stack)
        while self._stack:
            self._close(mistake="it is not closed" if is_cut else "")
        if not self._found:
            raise ValueError(self._mistake)
        return Document(self._found[0], self._mistake)

    def _structure(self, mark: str, place: int) -> None:
        match mark:
            case "[" | "{":
                if self._stack and not (self._stack[-1].is_list or self._stack[-1].has_colon):
                    # A value where a key belongs: the object before it has lost its end.
                    self._close(mistake=f"it is not closed before character {place}")
                self._stack.append(_Open(is_list=mark == "["))
            case "]" | "}":
                self._end(is_list=mark == "]", place=place)
            case ",":
                self._comma(place)
            case _ if self._stack:
                top = self._stack[-1]
                if top.is_list or top.key is None or top.has_colon:
                    self._damage(place)
                top.has_colon = True
            case _:
                pass

    def _end(self, *, is_list: bool, place: int) -> None:
        """Close the innermost list or object of this kind, and with it those within it that have no end."""
        if not any(level.is_list == is_list for level in self._stack):
            self._damage(place)
            return
        while self._stack[-1].is_list != is_list:
            self._close(mistake=f"it is not closed before character {place}")
        self._close()

    def _close(self, mistake: str = "") -> None:
        level = len(self._stack)
        top = self._stack[-1]
        if top.key is not None:
            self._damage(len(self._text), "a key has no value")
        top.mistake = top.mistake or mistake
        self._stack.pop()
        value = top.closed() if level <= MOST_LEVELS else _TOO_DEEP
        if self._stack:
            self._add(value, 0)
        else:
            self._found.append(value)

    def _comma(self, place: int) -> None:
        if not self._stack:
            return
        top = self._stack[-1]
        if top.key is not None:
            self._damage(place, "a key has no value")
            top.key = None
        # An extra comma is ignored.
        top.has_colon = top.needs_comma = False

    def _scalar(self, token: re.Match[str]) -> None:
        top = self._stack[-1]
        text = token[0]
        if token["cut"]:
            self._damage(token.start(), "a text is not closed")
            return
        value = _string(text) if token["string"] else _bare(text)
        if top.is_list or top.key is not None:
            self._add(value, token.start())
        else:
            if top.needs_comma or not token["string"]:
                self._damage(token.start())
            top.key = value if token["string"] else text

    def _add(self, value: Any, place: int) -> None:
        top = self._stack[-1]
        if not top.is_list:
            if not top.has_colon:
                self._damage(place, "a colon is missing")
            top.keys.append(str(top.key))
            top.key, top.has_colon, top.needs_comma = None, False, True
        top.values.append(value)

    def _damage(self, place: int, what: str = "the text is not JSON") -> None:
        if self._stack and not self._stack[-1].is_list:
            top = self._stack[-1]
            top.mistake = top.mistake or f"{what} at character {place}"


def _string(text: str) -> str:
    try:
        return cast("str", json.loads(text, strict=False))
    except ValueError:
        return f"{text[1:-1][:_SHOWN_CHARACTERS]} {_NOT_JSON}"


def _bare(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return f"{text[:_SHOWN_CHARACTERS]} {_NOT_JSON}"
    return float(text) if number["fraction"] else _whole_number(text)


def _levelled(content: bytes) -> bytes:
    kept: list[bytes] = []
    level, start, left_out_from = 0, 0, None
    for token in _LEVEL.finditer(content):
        match token[0]:
            case b"[" | b"{":
                level += 1
                if level == MOST_LEVELS + 1:
                    left_out_from = token.start()
            case b"]" | b"}":
                if level == MOST_LEVELS + 1 and left_out_from is not None:
                    kept += [content[start:left_out_from], f'"{_TOO_DEEP}"'.encode()]
                    start, left_out_from = token.end(), None
                level -= 1
            case _:
                pass
    if left_out_from is not None:
        raise ValueError(f"the value that begins at byte {left_out_from} is not closed")
    return b"".join([*kept, content[start:]])
