"""A message as an e-mail: its subject, and a plain text that reads well on a phone."""

from collections.abc import Iterable
from typing import NamedTuple

from reporter.links import access_lines, shared_access
from reporter.message import Group, Link, Message

MAX_BYTES = 200_000
"""Less than the 256 KiB that SNS Publish takes; the rest is for what SNS adds."""

_CUT = "\n\n(The message was too long and was cut here.)\n"


class Mail(NamedTuple):
    """An e-mail without its addresses."""

    subject: str
    text: str


def plain_text(message: Message) -> Mail:
    """Return a message as an e-mail."""
    parts = (
        (message.headline,),
        message.lines,
        _regions(message.groups),
        tuple(line for command in message.commands for line in (command.purpose, command.line, ""))[:-1],
        message.details,
        _links(message.links),
        message.footer,
    )
    return Mail(message.subject, _bounded("\n\n".join("\n".join(part) for part in parts if part) + "\n"))


def _regions(groups: Iterable[Group]) -> tuple[str, ...]:
    lines: list[str] = []
    for group in groups:
        lines += [f"- {group.reason}", *([f"  {', '.join(group.regions)}"] if group.regions else [])]
    return ("Failed regions, by reason:", *lines) if lines else ()


def _links(links: tuple[Link, ...]) -> tuple[str, ...]:
    """Return a line for each link; the required access is stated once if it is the same for all."""
    if shared_access(links):
        return (*(f"{link.label}: {link.url}" for link in links), *access_lines(links))
    return tuple(f"{link.label}: {link.url}" + (f" ({link.access})" if link.access else "") for link in links)


def _bounded(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= MAX_BYTES:
        return text
    return encoded[: MAX_BYTES - len(_CUT.encode())].decode(errors="ignore") + _CUT
