"""Slack's documented limits of a message with blocks, as a check that is independent of the code that builds the
message.

Sources: Slack's reference of Block Kit (header, section, context, actions, button, text object) and of incoming
webhooks; blocks of other types are refused here.
"""

import re
from typing import Any

_KNOWN = {"text", "blocks", "mrkdwn", "link_names", "unfurl_links", "unfurl_media"}
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")


def problems(payload: dict[str, Any]) -> list[str]:
    """Return what Slack would refuse."""
    found = [f"unknown field {name}" for name in payload.keys() - _KNOWN]
    if not 1 <= len(payload["text"]) <= 4_000:
        found.append("text")
    if not 1 <= len(payload["blocks"]) <= 50:
        found.append("blocks")
    action_ids: list[str] = []
    for number, block in enumerate(payload["blocks"]):
        kind = block.get("type")
        wrong = _CHECKS[kind](block) if kind in _CHECKS else [f"type {kind}"]
        found += [f"block {number}: {problem}" for problem in wrong]
        if kind == "actions":
            action_ids += [element["action_id"] for element in block["elements"]]
    return [*found, *(["action_ids"] if len({*action_ids}) < len(action_ids) else [])]


def mrkdwn_texts(payload: dict[str, Any]) -> list[str]:
    """Return the texts in which Slack looks for `<…>` and for formatting."""
    return [payload["text"], *(text["text"] for text in _objects(payload) if text["type"] == "mrkdwn")]


def texts(payload: dict[str, Any]) -> list[str]:
    """Return the texts of the sections and contexts."""
    return [text["text"] for text in _objects(payload)]


def _objects(payload: dict[str, Any]) -> list[dict[str, Any]]:
    sections = [block["text"] for block in payload["blocks"] if block["type"] == "section"]
    elements = [
        text for block in payload["blocks"] if block["type"] == "context" for text in block["elements"]
    ]
    return [*sections, *elements]


def _text(text: dict[str, Any], kind: str, most: int) -> list[str]:
    if kind not in {"plain_text", "mrkdwn"}:
        return [f"text of type {kind}"]
    allowed = {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}
    found = [f"text field {name}" for name in text.keys() - allowed]
    if text["type"] != kind:
        found.append(f"text of type {text['type']}")
    if not 1 <= len(text["text"]) <= most or not text["text"].strip():
        found.append(f"{len(text['text'])} characters, {most} at most")
    if kind == "mrkdwn" and _ENTITY.search(text["text"]):
        found.append("an entity that is cut")
    if kind == "mrkdwn" and text.get("verbatim") is not True:
        found.append("not verbatim")
    return found


def _header(block: dict[str, Any]) -> list[str]:
    return _text(block["text"], "plain_text", 150)


def _section(block: dict[str, Any]) -> list[str]:
    return _text(block["text"], block["text"]["type"], 3_000)


def _context(block: dict[str, Any]) -> list[str]:
    found = [] if 1 <= len(block["elements"]) <= 10 else ["elements"]
    return found + [
        problem for element in block["elements"] for problem in _text(element, element["type"], 3_000)
    ]


def _actions(block: dict[str, Any]) -> list[str]:
    found = [] if 1 <= len(block["elements"]) <= 25 else ["elements"]
    return found + [problem for element in block["elements"] for problem in _button(element)]


def _button(button: dict[str, Any]) -> list[str]:
    found = [f"button field {name}" for name in button.keys() - {"type", "action_id", "text", "url"}]
    if button["type"] != "button" or not 1 <= len(button["action_id"]) <= 255:
        found.append("button")
    if not 1 <= len(button["url"]) <= 3_000 or not button["url"].startswith(("https://", "http://")):
        found.append("url")
    return found + _text(button["text"], "plain_text", 75)


_CHECKS = {"header": _header, "section": _section, "context": _context, "actions": _actions}
