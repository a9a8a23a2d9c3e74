"""The cards of a message: an e-mail on a phone, a message in Slack and an incident in PagerDuty."""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from docs.notifications.drawing import Drawing
from reporter.channels import email, pagerduty, slack
from reporter.message import Message
from reporter.settings import Settings

_SENDER = "AWS Notifications <no-reply@sns.amazonaws.com>"
_UNSUBSCRIBE = "(Below this, Amazon SNS adds a link to unsubscribe.)"
_INDENT = 5
_TIME = datetime.fromisoformat("2026-11-23T07:33:15+00:00").timestamp()
_MENTION = re.compile(r"<!(here|channel|everyone)>")
_PILLS = {"critical": "red", "error": "red", "warning": "orange", "info": "green"}


def mail(message: Message, settings: Settings, title: str) -> Drawing:
    """Return the e-mail of a message."""
    drawing = Drawing(title)
    subject, text = email.mail(message, settings)
    drawing.paragraph(_SENDER, 11.5, "muted")
    drawing.gap(4)
    drawing.paragraph(subject, 16, bold=True)
    drawing.gap(8)
    drawing.line()
    drawing.gap(8)
    for line in text.rstrip("\n").split("\n"):
        if line:
            words = line.lstrip(" ")
            drawing.paragraph(words, indent=_INDENT * (len(line) - len(words)))
        else:
            drawing.gap(9)
    drawing.gap(9)
    drawing.paragraph(_UNSUBSCRIBE, 11.5, "muted")
    return drawing


def slack_message(message: Message, settings: Settings, title: str) -> Drawing:
    """Return the message in Slack."""
    drawing = Drawing(title)
    drawing.paragraph(f"{settings.project}  APP", 12, "muted", bold=True)
    drawing.gap(4)
    for block in slack.payload(message, settings, settings.channels["slack"])["blocks"]:
        _block(drawing, block)
        drawing.gap(8)
    return drawing


def _block(drawing: Drawing, block: Mapping[str, Any]) -> None:
    match block["type"]:
        case "header":
            drawing.paragraph(block["text"]["text"], 16, bold=True)
        case "section":
            _section(drawing, block["text"])
        case "context":
            for element in block["elements"]:
                for line in element["text"].split("\n"):
                    drawing.paragraph(line, 11.5, "muted")
        case "actions":
            drawing.buttons([element["text"]["text"] for element in block["elements"]])
        case other:
            raise ValueError(f"the picture cannot show a block of type {other}")


def _section(drawing: Drawing, text: Mapping[str, Any]) -> None:
    """Draw a section: plain text, a mention or a command."""
    shown = text["text"]
    if text["type"] == "plain_text":
        for line in shown.split("\n"):
            drawing.paragraph(line)
    elif mention := _MENTION.fullmatch(shown):
        drawing.highlight(f"@{mention[1]}")
        drawing.paragraph(f"@{mention[1]}")
    else:
        drawing.code(html.unescape(shown.strip("`")))


def incident(message: Message, settings: Settings, title: str) -> Drawing:
    """Return the events of a message in PagerDuty: the incidents that it opens and resolves."""
    drawing = Drawing(title)
    for event in pagerduty.events(message, settings, settings.channels["pagerduty"], _TIME):
        if event["event_action"] == "resolve":
            drawing.pills([("RESOLVED", "green")])
            drawing.gap(6)
            drawing.label("Dedup key", event["dedup_key"])
            drawing.gap(6)
        else:
            _triggered(drawing, event)
    return drawing


def _triggered(drawing: Drawing, event: Mapping[str, Any]) -> None:
    payload = event["payload"]
    severity = payload["severity"]
    drawing.pills([("TRIGGERED", "red"), (severity, _PILLS[severity])])
    drawing.gap(8)
    drawing.paragraph(payload["summary"], 16, bold=True)
    drawing.gap(8)
    drawing.label("Dedup key", event["dedup_key"])
    for field in ("class", "component", "source"):
        drawing.label(field.capitalize(), payload[field])
    drawing.line()
    drawing.gap(8)
    for name, value in payload["custom_details"].items():
        if name == "commands":
            _commands(drawing, name, value)
        else:
            drawing.label(name, value)
    drawing.buttons([_short(link["text"]) for link in event["links"]])


def _commands(drawing: Drawing, name: str, commands: str) -> None:
    drawing.paragraph(name, 11, "muted")
    for command in commands.split("\n\n"):
        purpose, _, line = command.partition("\n")
        drawing.paragraph(purpose, 12.5)
        drawing.gap(2)
        drawing.code(line)
        drawing.gap(6)


def _short(label: str) -> str:
    return label.partition(" (")[0]
