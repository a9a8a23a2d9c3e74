"""Previews as text for a terminal: verdicts and violations first, then the tables that are asked for."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence

from guardrails.preview.beside import Base, change_section
from guardrails.preview.costs import costs_section
from guardrails.preview.outcome import Preview, Verdict
from guardrails.preview.overview import overview_of
from guardrails.preview.parts import by_rule, headline, machine_text, rule_rows
from guardrails.preview.section import Section
from guardrails.tables import Row, aligned
from guardrails.visible import one_line

WIDTH = 100
HINT = "--verbose adds rules, times and costs of each stack."
_MARKS = {Verdict.PASSED: "✓", Verdict.REFUSED: "✗", Verdict.FAILED: "?"}


def as_text(previews: Sequence[Preview], base: Base | None = None, *, verbose: bool = False) -> str:
    """Return previews as text of at most 100 columns, or of a narrower terminal, but for what cannot be broken."""
    sections = list(map(section_text, overview_of(previews, base)))
    details = ["\n\n".join(_details(preview)) for preview in previews if preview.report]
    return "\n\n".join([_verdicts(previews, base), *sections, *(details if verbose else [HINT])])


def section_text(section: Section) -> str:
    """Return a section as text."""
    return "\n\n".join([section.title, *_section_parts(section)])


def _verdicts(previews: Sequence[Preview], base: Base | None) -> str:
    """Return a line for each stack; below it, between blank lines, its errors, violations and changes."""
    text = ""
    was_long = False
    for preview in previews:
        parts = list(_verdict(preview, base))
        is_long = len(parts) > 1
        separator = "\n\n" if is_long or was_long else "\n"
        text += f"{separator if text else ''}{chr(10).join(parts[:1])}"
        text += "".join(f"\n\n{part}" for part in parts[1:])
        was_long = is_long
    return text


def _verdict(preview: Preview, base: Base | None) -> Iterator[str]:
    yield "\n".join(_wrapped(f"{_MARKS[preview.verdict]} {headline(preview)}", 0))
    if preview.errors:
        yield "\n".join(line for error in preview.errors for line in _wrapped(error))
    for name, messages in by_rule(preview.violations):
        yield "\n".join([f"  {name}", *(line for message in messages for line in _wrapped(message, 4))])
    if base:
        yield textwrap.indent(section_text(change_section(preview, base)), "  ")


def _details(preview: Preview) -> Iterator[str]:
    yield f"{preview.stack}: rules, times and costs"
    yield textwrap.indent(aligned(rule_rows(preview)), "  ")
    for machine in preview.report.get("machines", ()):
        yield f"  How long {one_line(machine['name'])} can run"
        yield "\n".join(_wrapped(machine_text(machine), 4))
    yield textwrap.indent(section_text(costs_section(preview)), "  ")


def _section_parts(section: Section) -> Iterator[str]:
    for table in section.tables:
        yield textwrap.indent(_fitting(table), "  ")
    if section.sentences:
        yield "\n".join(line for sentence in section.sentences for line in _wrapped(one_line(sentence)))
    for title, items in section.lists.items():
        yield "\n".join([f"  {title}", *(line for item in items for line in _wrapped(f"- {one_line(item)}"))])


def _fitting(table: Sequence[Row]) -> str:
    """Return a table; one that is too wide for the terminal has its rows as columns if that is narrower."""
    text = aligned(table)
    if _columns(text) + 2 <= _width():
        return text
    return min(text, aligned(list(zip(*table, strict=True))), key=_columns)


def _columns(text: str) -> int:
    return max(map(len, text.splitlines()))


def _width() -> int:
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 0)).columns)


def _wrapped(text: str, indent: int = 2) -> Iterator[str]:
    """Return the lines of a text; where one is too long, what follows is indented further."""
    for line in text.splitlines():
        own = " " * (indent + len(line) - len(line.lstrip()))
        wrapped = textwrap.wrap(
            line.strip(),
            _width() - 2,
            initial_indent=own,
            subsequent_indent=f"{own}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from wrapped or [""]
