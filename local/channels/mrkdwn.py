"""Slack's mrkdwn parsed into spans, which are rendered as text or as a page.

Nested styles are not supported, since the reporter sends none. Source: https://docs.slack.dev/messaging/formatting-message-text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_MARKUP = re.compile(r"```(?P<block>.*?)```|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>", re.DOTALL)
# Markers stand at the edges of words: the underscores in `jakarta_north_sprawl` are not markers.
_STYLE = re.compile(r"(?<![\w*_~])(?P<marker>[*_~])(?=\S)(?P<text>[^*_~\n]+)(?<=\S)(?P=marker)(?![\w*_~])")
_ENTITY = re.compile(r"&(lt|gt|amp);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&"}


class Kind(Enum):
    """The kind of a span."""

    TEXT = auto()
    BOLD = auto()
    ITALIC = auto()
    STRUCK = auto()
    CODE = auto()
    BLOCK = auto()
    LINK = auto()
    MENTION = auto()


_STYLES = {"*": Kind.BOLD, "_": Kind.ITALIC, "~": Kind.STRUCK}


@dataclass(frozen=True)
class Span:
    """A part of a text, with entities already decoded."""

    kind: Kind
    text: str
    url: str = ""
    """The http or https URL of a link."""


def spans(text: str) -> Iterator[Span]:
    """Yield the spans of a text in mrkdwn."""
    at = 0
    for match in _MARKUP.finditer(text):
        yield from _styled(text[at : match.start()])
        at = match.end()
        if match["block"] is not None:
            yield Span(Kind.BLOCK, _decoded(match["block"].strip("\n")))
        elif match["code"] is not None:
            yield Span(Kind.CODE, _decoded(match["code"]))
        else:
            yield _reference(match["angle"])
    yield from _styled(text[at:])


def _styled(text: str) -> Iterator[Span]:
    at = 0
    for match in _STYLE.finditer(text):
        if match.start() > at:
            yield Span(Kind.TEXT, _decoded(text[at : match.start()]))
        yield Span(_STYLES[match["marker"]], _decoded(match["text"]))
        at = match.end()
    if at < len(text):
        yield Span(Kind.TEXT, _decoded(text[at:]))


def _reference(inside: str) -> Span:
    """Return the span of the text between `<` and `>`: a mention, a channel or a link."""
    target, _, label = inside.partition("|")
    target, label = _decoded(target), _decoded(label)
    if target.startswith("!"):
        return Span(Kind.MENTION, f"@{label.removeprefix('@') or target[1:].removeprefix('subteam^')}")
    if target.startswith("@"):
        return Span(Kind.MENTION, f"@{label or target[1:]}")
    if target.startswith("#"):
        return Span(Kind.MENTION, f"#{label or target[1:]}")
    if target.startswith(("https://", "http://")):
        return Span(Kind.LINK, label or target, target)
    return Span(Kind.TEXT, f"<{_decoded(inside)}>")


def _decoded(text: str) -> str:
    return _ENTITY.sub(lambda match: _CHARACTERS[match[1]], text)
