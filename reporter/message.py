"""A message before a channel renders it: plain text in parts, with nothing in it that belongs to one channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Occasion(StrEnum):
    """The occasions of a message; settings name for each channel those that it delivers."""

    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    """A run failed, timed out or was stopped by an operator."""
    SKIPPED = "skipped"
    MISSED = "missed"
    ALARM = "alarm"
    OK = "ok"
    """A CloudWatch alarm is OK again; it only resolves incidents."""
    BUDGET = "budget"
    TEST = "test"
    """An operator tests the channels; each of them delivers it, whatever its settings name."""


@dataclass(frozen=True)
class Group:
    """The regions that failed for one reason.

    The last of the regions may be a count, e.g. `and 2,850 more`. A last group without regions counts the regions whose
    reasons do not fit: its reason is e.g. `and 207 more regions: see summary.json`.
    """

    reason: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A link with its label; `access` says who can open it, if not every reader can."""

    label: str
    url: str
    access: str = ""


@dataclass(frozen=True)
class Command:
    """A shell command with a sentence on what it does; a line that cannot be pasted begins with `#`."""

    purpose: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message to people."""

    id: str
    """The id of the event: two messages with the same id are the same message, and are sent once."""
    occasion: Occasion
    subject: str
    """Printable ASCII, at most 99 characters."""
    headline: str
    """The first line of the text: what happened."""
    lines: tuple[str, ...] = ()
    """The meaning of it and the remedy, a line each, in order."""
    groups: tuple[Group, ...] = ()
    """The regions that failed, grouped by reason."""
    details: tuple[str, ...] = ()
    """Facts: duration, cost, attempts, name, original error text."""
    links: tuple[Link, ...] = ()
    commands: tuple[Command, ...] = ()
    footer: tuple[str, ...] = ()
    """The person or team to forward the message to; each channel adds how to stop its messages."""
    incident: str | None = None
    """The condition that this message opens an incident for, e.g. `run` or `alarm/ccapi-prod-watch-silent`."""
    resolves: tuple[str, ...] = ()
    """The conditions whose incidents it resolves."""
    document: Mapping[str, Any] = field(default_factory=dict)
    """The event as data, for programs: the documented JSON of the webhook channel."""
