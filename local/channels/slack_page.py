"""Slack messages as an HTML page that looks like Slack; it loads nothing, has no scripts, and escapes every text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from local.channels.mrkdwn import Kind, Span, spans
from local.terminal import visible

Block = Mapping[str, Any]

_TEMPLATE = Path(__file__).with_suffix(".html")
_MARK = "<!-- messages -->"
_TAGS = {Kind.BOLD: "b", Kind.ITALIC: "i", Kind.STRUCK: "s", Kind.CODE: "code", Kind.BLOCK: "pre"}


def slack_page(received: Sequence[Mapping[str, Any]]) -> str:
    """Return the page with the messages that Slack received, each with its time."""
    articles = [_article(each["message"], datetime.fromisoformat(each["received_at"])) for each in received]
    return _TEMPLATE.read_text(encoding="utf-8").replace(_MARK, "\n".join(articles))


def _article(message: Mapping[str, Any], time: datetime) -> str:
    blocks = message.get("blocks") or [
        {"type": "section", "text": {"type": "mrkdwn", "text": message["text"]}}
    ]
    shown = "\n".join(_BLOCKS[block["type"]](block) for block in blocks)
    return (
        '<article><div class="avatar">CC</div><div class="content">'
        '<div><span class="name">CloudClearingAPI</span><span class="app">APP</span> '
        f'<time datetime="{time.isoformat()}">{time:%H:%M} UTC</time></div>\n{shown}\n</div></article>'
    )


def _header(block: Block) -> str:
    return f"<h2>{_text(block['text'])}</h2>"


def _section(block: Block) -> str:
    text = f'<div class="text">{_text(block["text"])}</div>' if "text" in block else ""
    fields = "".join(f'<div class="text">{_text(field)}</div>' for field in block.get("fields") or ())
    grid = f'<div class="fields">{fields}</div>' if fields else ""
    accessory = _button(block["accessory"]) if "accessory" in block else ""
    return f"<section>{text}{grid}{accessory}</section>"


def _context(block: Block) -> str:
    texts = (
        _safe(each["alt_text"]) if each["type"] == "image" else _text(each) for each in block["elements"]
    )
    return f'<div class="context">{"".join(f"""<span class="text">{text}</span>""" for text in texts)}</div>'


def _actions(block: Block) -> str:
    return f'<div class="actions">{"".join(_button(button) for button in block["elements"])}</div>'


def _button(button: Block) -> str:
    return _link(_text(button["text"]), str(button.get("url", "")), ' class="button"')


_BLOCKS: Mapping[str, Callable[[Block], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": lambda _block: "<hr>",
    "image": lambda block: f"<section>{_safe(block['alt_text'])}</section>",
}


def _text(text: Block) -> str:
    """Return a text object as HTML."""
    if text["type"] == "plain_text":
        return _safe(text["text"])
    return "".join(_span(span) for span in spans(text["text"]))


def _span(span: Span) -> str:
    text = _safe(span.text)
    if span.kind is Kind.LINK:
        return _link(text, span.url)
    if span.kind is Kind.MENTION:
        return f'<span class="mention">{text}</span>'
    tag = _TAGS.get(span.kind)
    return f"<{tag}>{text}</{tag}>" if tag else text


def _link(html: str, url: str, attributes: str = "") -> str:
    """Return a link around HTML; without a link if the URL's scheme is not http or https."""
    if not url.startswith(("https://", "http://")):
        return f"<span{attributes}>{html}</span>"
    return f'<a{attributes} href="{_safe(url)}" target="_blank" rel="noopener noreferrer">{html}</a>'


def _safe(text: str) -> str:
    """Return a text as HTML; control characters and characters that reorder text are shown escaped."""
    return escape(visible(text), quote=True)
