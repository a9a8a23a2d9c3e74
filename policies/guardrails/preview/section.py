"""A part of what is told of a preview, before it is text or Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from guardrails.tables import Row


@dataclass(frozen=True, kw_only=True)
class Section:
    """Tables, sentences and lists under a title."""

    title: str
    tables: Sequence[Sequence[Row]] = ()
    sentences: Sequence[str] = ()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By what they are lists of."""
