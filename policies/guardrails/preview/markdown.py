"""Previews as Markdown for a comment on a pull request: violations and changes in sight, tables folded away."""

import html
from collections.abc import Iterator, Sequence

from guardrails.preview.beside import Base, change_section
from guardrails.preview.costs import costs_section
from guardrails.preview.outcome import Preview, Verdict
from guardrails.preview.overview import overview_of
from guardrails.preview.parts import by_rule, headline, machine_text, rule_rows
from guardrails.preview.section import Section
from guardrails.tables import escaped, piped
from guardrails.visible import one_line

_MARKS = {Verdict.PASSED: "✅", Verdict.REFUSED: "❌", Verdict.FAILED: "⚠️"}


def as_markdown(previews: Sequence[Preview], base: Base | None = None) -> str:
    """Return previews as GitHub's Markdown; an overview comes first."""
    parts = [part for preview in previews for part in _parts(preview, base)]
    return "\n\n".join([*map(section_markdown, overview_of(previews, base)), *parts])


def section_markdown(section: Section) -> str:
    """Return a section as GitHub's Markdown."""
    return "\n\n".join([f"**{escaped(section.title)}**", *_section_parts(section)])


def _parts(preview: Preview, base: Base | None) -> Iterator[str]:
    yield f"### {_MARKS[preview.verdict]} {escaped(headline(preview))}"
    for error in preview.errors:
        yield f"<pre>{html.escape(error, quote=False)}</pre>"
    for name, messages in by_rule(preview.violations):
        yield "\n".join([f"**{escaped(name)}**", "", *(f"- {escaped(message)}" for message in messages)])
    if base:
        yield section_markdown(change_section(preview, base))
    if preview.report:
        costs = costs_section(preview)
        yield _folded(costs.title, "\n\n".join(_section_parts(costs)))
    for machine in preview.report.get("machines", ()):
        folded = f"<pre>{html.escape(machine_text(machine), quote=False)}</pre>"
        yield _folded(f"How long {machine['name']} can run", folded)
    if preview.report:
        yield _folded("Rules", piped(rule_rows(preview)))


def _section_parts(section: Section) -> Iterator[str]:
    yield from map(piped, section.tables)
    if section.sentences:
        yield "\n\n".join(map(escaped, section.sentences))
    for title, items in section.lists.items():
        yield "\n".join([escaped(title), "", *(f"- {escaped(item)}" for item in items)])


def _folded(title: str, content: str) -> str:
    return (
        f"<details><summary>{html.escape(one_line(title), quote=False)}</summary>\n\n{content}\n\n</details>"
    )
