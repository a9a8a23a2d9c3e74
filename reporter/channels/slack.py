"""The Slack channel: an incoming webhook that takes Block Kit.

The limits are those of "Block Kit: blocks" and "Composition objects" in Slack's documentation. Texts are `plain_text`,
in which Slack formats nothing, so that `*`, `_`, `~` and backticks of programs are shown and copied as they are. Only
the mention and the commands, which are code blocks, are `mrkdwn`; `<…>` is escaped there.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from reporter.channels.answers import check, refused
from reporter.channels.channel import (
    FAILURES,
    Channel,
    Configuration,
    Credentials,
    Transport,
    clip,
    credential,
    headline,
)
from reporter.footer import stop_occasion
from reporter.links import access_lines
from reporter.message import Command, Group, Link, Message
from reporter.settings import Settings

WEBHOOK_URL = "slackWebhookUrl"
HEADER_MAX_CHARACTERS, SECTION_MAX_CHARACTERS, FALLBACK_MAX_CHARACTERS = 150, 3_000, 3_000
BUTTON_MAX_CHARACTERS, URL_MAX_CHARACTERS = 75, 3_000
MAX_BUTTONS = 25
# A message of 50 blocks is too long to be read; the report has all.
MAX_GROUPS, MAX_COMMANDS, MAX_REGIONS = 12, 6, 100
REASON_MAX_CHARACTERS, COMMAND_MAX_CHARACTERS, CONTEXT_MAX_CHARACTERS = 600, 2_000, 3_000
_FENCE = "```"
_MENTION = re.compile(r"<!(here|channel|everyone)>|<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>")
# A webhook answers `ok`, and the methods of Slack's API `{"ok":true}`, also with status 200 for an error.
_ERROR_WORD = re.compile(r"[a-z]+(?:_[a-z]+)+")
_NOT_OK = re.compile(r'"ok"\s*:\s*false')
_LONGEST_ENTITY = len("&amp;")
_IN_THE_MAIL = "# This command cannot be shown in Slack; it is in the e-mail and in the execution."
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Block = dict[str, Any]


def deliver(
    message: Message,
    settings: Settings,
    configuration: Configuration,
    credentials: Credentials,
    transport: Transport,
) -> None:
    """Post a message to the incoming webhook; Slack's error text, e.g. `channel_is_archived`, is kept."""
    url = credential(credentials, WEBHOOK_URL)
    document = payload(message, settings, configuration)
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    response = transport.post(url, body, {"Content-Type": "application/json; charset=utf-8"})
    check(response, now=transport.now())
    body_text = response.body.strip()
    if body_text.startswith("<"):
        raise refused(response, "the answer is a web page, not one of Slack")
    if _ERROR_WORD.fullmatch(body_text) or _NOT_OK.search(body_text):
        raise refused(response, body_text)


def payload(message: Message, settings: Settings, configuration: Configuration) -> dict[str, Any]:
    """Return the body of the request."""
    return {
        # Slack shows this text in notifications, and reads it aloud.
        "text": escaped(headline(message, settings), FALLBACK_MAX_CHARACTERS),
        "blocks": list(_blocks(message, settings, mention(message, configuration))),
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def mention(message: Message, configuration: Configuration) -> str:
    """Return the configured mention, e.g. `<!here>`, on occasions that people have to act on; else an empty text."""
    configured = str(configuration.get("mention", ""))
    if message.occasion not in FAILURES:
        return ""
    return configured if _MENTION.fullmatch(configured) else escaped(configured, 200)


def _blocks(message: Message, settings: Settings, mentioned: str) -> Iterator[Block]:
    title = headline(message, settings)
    yield {"type": "header", "text": _plain(clip(" ".join(title.split()), HEADER_MAX_CHARACTERS))}
    if mentioned.strip():
        yield {"type": "section", "text": _mrkdwn(mentioned)}
    # A headline that the header truncates is repeated in full.
    whole = [title] if len(title) > HEADER_MAX_CHARACTERS else []
    yield from _section("\n".join([*whole, *message.lines]))
    yield from _groups(message.groups)
    for command in message.commands[:MAX_COMMANDS]:
        yield from _command(command)
    if more := len(message.commands[MAX_COMMANDS:]):
        yield from _section(f"… and {_count(more, 'more command')} in the e-mail.")
    yield from _context(message.details)
    usable = [link for link in message.links if _is_usable(link)][:MAX_BUTTONS]
    if usable:
        yield {"type": "actions", "elements": [_button(number, link) for number, link in enumerate(usable)]}
    stop = stop_occasion(settings, message.occasion, "notifications.slack.occasions")
    yield from _context((*access_lines(usable), *message.footer, stop))


def _groups(groups: Sequence[Group]) -> Iterator[Block]:
    for group in groups[:MAX_GROUPS]:
        reason = clip(group.reason.strip(), REASON_MAX_CHARACTERS) or "No reason is known"
        yield from _section("\n".join((reason, *_regions(group.regions))))
    if others := groups[MAX_GROUPS:]:
        yield from _section(
            f"… and {_count(len(others), 'more reason')}: the e-mail and the report have them all."
        )


def _regions(regions: Sequence[str]) -> Iterator[str]:
    if not regions:
        return
    more = len(regions) - MAX_REGIONS
    rest = f" … and {more:,} more" if more > 0 else ""
    listed = clip(", ".join(regions[:MAX_REGIONS]), SECTION_MAX_CHARACTERS - REASON_MAX_CHARACTERS - 100)
    yield f"{'Region' if len(regions) == 1 else 'Regions'}: {listed}{rest}"


def _command(command: Command) -> Iterator[Block]:
    yield from _section(command.purpose)
    if command.line.strip():
        yield {"type": "section", "text": _mrkdwn(f"{_FENCE}{_line(command.line)}{_FENCE}")}


def _line(line: str) -> str:
    """Return a command for a block of code, or a sentence in its place.

    A command that is cut, or whose backticks are replaced, is another command, and may do something else.
    """
    whole = escaped(line, len(line) * _LONGEST_ENTITY)
    return whole if _FENCE not in line and len(whole) <= COMMAND_MAX_CHARACTERS else _IN_THE_MAIL


def _section(text: str) -> Iterator[Block]:
    """Yield a section, unless its text is empty."""
    if text.strip():
        yield {"type": "section", "text": _plain(clip(text.strip(), SECTION_MAX_CHARACTERS))}


def _context(texts: Sequence[str]) -> Iterator[Block]:
    """Yield a block of small text with a line for each text; Slack puts the elements of a block side by side."""
    if text := "\n".join(text for text in texts if text.strip()):
        yield {"type": "context", "elements": [_plain(clip(text, CONTEXT_MAX_CHARACTERS))]}


def _is_usable(link: Link) -> bool:
    return link.url.startswith(("https://", "http://")) and len(link.url) <= URL_MAX_CHARACTERS


def _button(number: int, link: Link) -> Block:
    return {
        "type": "button",
        "action_id": f"link-{number}",
        "text": _plain(clip(link.label.strip() or "Open", BUTTON_MAX_CHARACTERS)),
        "url": link.url,
    }


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def escaped(text: str, most: int) -> str:
    """Return a text with `&`, `<` and `>` as entities, of at most `most` characters; no entity is cut."""
    parts = [_ENTITIES.get(character, character) for character in text]
    if sum(map(len, parts)) <= most:
        return "".join(parts)
    length = 0
    kept: list[str] = []
    for part in parts:
        length += len(part)
        if length > most - 1:
            break
        kept.append(part)
    return "".join(kept) + "…"


CHANNEL = Channel(label="Slack", deliver=deliver, needs_credentials=True)
