"""Previews as Markdown for a comment on a pull request: violations in sight, tables folded away."""

import html
import re
from collections.abc import Iterator, Sequence

from guardrails.preview.outcome import Preview, Verdict
from guardrails.preview.text import HEADINGS, by_rule, headline, machine_text, rule_rows

_MARKS = {Verdict.PASSED: "✅", Verdict.REFUSED: "❌", Verdict.FAILED: "⚠️"}


def as_markdown(previews: Sequence[Preview]) -> str:
    """Return previews as GitHub's Markdown."""
    return "\n\n".join(part for preview in previews for part in _parts(preview))


def _parts(preview: Preview) -> Iterator[str]:
    yield f"### {_MARKS[preview.verdict]} {_escaped(headline(preview))}"
    for error in preview.errors:
        yield f"<pre>{html.escape(error, quote=False)}</pre>"
    for name, messages in by_rule(preview.violations):
        yield "\n".join([f"**{_escaped(name)}**", "", *(f"- {_escaped(message)}" for message in messages)])
    for machine in preview.report.get("machines", ()):
        folded = f"<pre>{html.escape(machine_text(machine), quote=False)}</pre>"
        yield _folded(f"How long {machine['name']} can run", folded)
    if preview.report:
        table = [HEADINGS, ("---", "--:", "--:", "--:"), *rule_rows(preview)]
        yield _folded("Rules", "\n".join(f"| {' | '.join(row)} |" for row in table))


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{html.escape(title, quote=False)}</summary>\n\n{content}\n\n</details>"


def _escaped(text: str) -> str:
    """Return a text whose characters mean nothing to Markdown."""
    return re.sub(r"([\\`*_\[\]|~#@])", r"\\\1", html.escape(text, quote=False))
