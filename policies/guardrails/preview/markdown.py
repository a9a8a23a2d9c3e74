"""Sections in GitHub Markdown."""

import html
from collections.abc import Iterator

from guardrails.preview.sections import Section
from guardrails.tables import escaped, piped
from guardrails.visible import one_line


def section_markdown(section: Section) -> str:
    """Return a section of a report as Markdown."""
    return "\n\n".join([f"**{escaped(section.title)}**", *section_parts(section)])


def section_parts(section: Section) -> Iterator[str]:
    """Yield the tables, the sentences and the lists of a section, without its title."""
    yield from map(piped, section.tables)
    if section.sentences:
        yield "\n\n".join(map(escaped, section.sentences))
    for title, items in section.lists.items():
        yield "\n".join([escaped(title), "", *(f"- {escaped(item)}" for item in items)])


def preformatted(text: str) -> str:
    """Return a text as it is, in a font of fixed width."""
    return f"<pre>{html.escape(text, quote=False)}</pre>"


def folded(title: str, content: str) -> str:
    """Return a content that is hidden until a reader opens it by its title."""
    return (
        f"<details><summary>{html.escape(one_line(title), quote=False)}</summary>\n\n{content}\n\n</details>"
    )
