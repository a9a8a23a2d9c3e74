"""Previews as text for a terminal: what each rule was asked and said, each violation, times, costs and changes."""

import textwrap
from collections.abc import Iterator, Sequence

from guardrails.preview.beside import Base, change_section
from guardrails.preview.costs import costs_section
from guardrails.preview.outcome import Preview, Verdict
from guardrails.preview.overview import overview_of
from guardrails.preview.parts import by_rule, headline, machine_text, rule_rows
from guardrails.preview.section import Section
from guardrails.tables import aligned
from guardrails.visible import one_line

WIDTH = 100
_MARKS = {Verdict.PASSED: "✓", Verdict.REFUSED: "✗", Verdict.FAILED: "?"}


def as_text(previews: Sequence[Preview], base: Base | None = None) -> str:
    """Return previews as text of at most 100 columns, but for what cannot be broken; an overview comes last."""
    stacks = ["\n\n".join(_parts(preview, base)) for preview in previews]
    return "\n\n\n".join([*stacks, *map(section_text, overview_of(previews, base))])


def section_text(section: Section) -> str:
    """Return a section as text."""
    return "\n\n".join([section.title, *_section_parts(section)])


def _parts(preview: Preview, base: Base | None) -> Iterator[str]:
    yield f"{_MARKS[preview.verdict]} {headline(preview)}"
    if preview.errors:
        yield "\n".join(line for error in preview.errors for line in _wrapped(error))
    if preview.report:
        yield textwrap.indent(aligned(rule_rows(preview)), "  ")
    for name, messages in by_rule(preview.violations):
        yield "\n".join([f"  {name}", *(line for message in messages for line in _wrapped(message, 4))])
    for machine in preview.report.get("machines", ()):
        yield f"  How long {one_line(machine['name'])} can run"
        yield "\n".join(_wrapped(machine_text(machine), 4))
    if preview.report:
        yield textwrap.indent(section_text(costs_section(preview)), "  ")
    if base:
        yield textwrap.indent(section_text(change_section(preview, base)), "  ")


def _section_parts(section: Section) -> Iterator[str]:
    for table in section.tables:
        yield textwrap.indent(aligned(table), "  ")
    if section.sentences:
        yield "\n".join(line for sentence in section.sentences for line in _wrapped(one_line(sentence)))
    for title, items in section.lists.items():
        yield "\n".join([f"  {title}", *(line for item in items for line in _wrapped(f"- {one_line(item)}"))])


def _wrapped(text: str, indent: int = 2) -> Iterator[str]:
    """Return the lines of a text; where one is too long, what follows is indented further."""
    for line in text.splitlines():
        own = " " * (indent + len(line) - len(line.lstrip()))
        wrapped = textwrap.wrap(
            line.strip(),
            WIDTH - 2,
            initial_indent=own,
            subsequent_indent=f"{own}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from wrapped or [""]
