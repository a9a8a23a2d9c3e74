"""A Slack message as plain text, for a terminal and for build/last-run.json."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from local.channels.mrkdwn import Kind, Span, spans

Block = Mapping[str, Any]


class SlackText(NamedTuple):
    """The title and the body of a message."""

    title: str
    """The header; without one, the text that Slack shows in notifications."""
    body: str


def slack_text(message: Mapping[str, Any]) -> SlackText:
    """Return a message that Slack accepted as plain text."""
    blocks = list(message.get("blocks") or ())
    title = _plain({"type": "mrkdwn", "text": message.get("text") or ""})
    if blocks and blocks[0]["type"] == "header":
        title = _plain(blocks.pop(0)["text"])
    parts = [_BLOCKS[block["type"]](block) for block in blocks]
    return SlackText(title, "\n\n".join(part for part in parts if part))


def _plain(text: Mapping[str, Any]) -> str:
    """Return a text object as plain text."""
    if text["type"] == "plain_text":
        return str(text["text"])
    return "".join(_plain_span(span) for span in spans(text["text"]))


def _plain_span(span: Span) -> str:
    if span.kind is Kind.LINK and span.url != span.text:
        return f"{span.text}: {span.url}"
    return span.text


def _section(block: Block) -> str:
    texts = [*([block["text"]] if "text" in block else []), *(block.get("fields") or ())]
    lines = [_plain(text) for text in texts]
    if "accessory" in block:
        lines.append(_button(block["accessory"]))
    return "\n".join(lines)


def _context(block: Block) -> str:
    return "\n".join(
        element["alt_text"] if element["type"] == "image" else _plain(element)
        for element in block["elements"]
    )


def _button(button: Block) -> str:
    label = _plain(button["text"])
    return f"{label}: {button['url']}" if "url" in button else f"[{label}]"


_BLOCKS: Mapping[str, Callable[[Block], str]] = {
    "header": lambda block: _plain(block["text"]),
    "section": _section,
    "context": _context,
    "actions": lambda block: "\n".join(_button(button) for button in block["elements"]),
    "divider": lambda _block: "---",
    "image": lambda block: str(block["alt_text"]),
}
