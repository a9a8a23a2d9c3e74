"""The output formats of previews: text for a terminal, Markdown for a pull request, JSON and SARIF for programs."""

import itertools
import json
import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from guardrails.preview.comment import as_comment
from guardrails.preview.comparison import Base, comparison_json
from guardrails.preview.markdown import section_markdown
from guardrails.preview.preview_result import Preview, Verdict, as_json
from guardrails.preview.requests import Varied
from guardrails.preview.sarif import as_sarif
from guardrails.preview.sections import (
    Section,
    change_section,
    costs_section,
    headline,
    machine_text,
    notes,
    overview,
    rule_rows,
    violations_by_rule,
    what_if_section,
)
from guardrails.preview.variations import AS_IT_IS
from guardrails.tables import Row, aligned
from guardrails.visible import one_line

WIDTH = 100
VERBOSE_HINT = "Add --verbose for rules, slowest paths and costs."
_TEXT_MARKS = {Verdict.PASSED: "✓", Verdict.REFUSED: "✗", Verdict.FAILED: "?", Verdict.DEFERRED: "…"}


def as_text(previews: Sequence[Preview], base: Base | None = None, *, verbose: bool = False) -> str:
    """Return previews as text of at most 100 columns, or of a narrower terminal; words are not broken.

    Verdicts and violations come first, then an overview; `verbose` adds a table of rules, the slowest path of each
    machine and the costs.
    """
    stacks = ["\n\n".join(_text_parts(preview, base, verbose=verbose)) for preview in previews]
    hint = [] if verbose else [VERBOSE_HINT]
    between = "\n\n\n" if verbose else "\n\n"
    return between.join([*_verdicts_together(stacks), section_text(overview(previews, base)), *hint])


def _verdicts_together(stacks: Sequence[str]) -> Iterator[str]:
    """Yield the texts of stacks; those that are only a verdict stand together, without empty lines between them."""
    for is_verdict, texts in itertools.groupby(stacks, key=lambda text: "\n" not in text):
        if is_verdict:
            yield "\n".join(texts)
        else:
            yield from texts


def section_text(section: Section) -> str:
    """Return a section as text."""
    return "\n\n".join([section.title, *_section_text_parts(section)])


def _text_parts(preview: Preview, base: Base | None, *, verbose: bool) -> Iterator[str]:
    yield "\n".join(_wrapped(f"{_TEXT_MARKS[preview.verdict]} {headline(preview)}", 0))
    if preview.errors:
        yield "\n".join(line for error in preview.errors for line in _wrapped(error))
    for rule, messages in violations_by_rule(preview.violations):
        yield "\n".join([f"  {rule}", *(line for message in messages for line in _wrapped(message, 4))])
    for title, items in notes(preview).items():
        yield "\n".join([f"  {title}", *(line for item in items for line in _wrapped(one_line(item), 4))])
    if verbose and preview.report:
        yield textwrap.indent(aligned(rule_rows(preview)), "  ")
        for machine in preview.report["machines"]:
            yield f"  The running time of {one_line(machine['name'])}"
            yield "\n".join(_wrapped(machine_text(machine), 4))
        yield textwrap.indent(section_text(costs_section(preview)), "  ")
    if base:
        yield textwrap.indent(section_text(change_section(preview, base)), "  ")


def _section_text_parts(section: Section) -> Iterator[str]:
    for table in section.tables:
        yield textwrap.indent(_fitting(table), "  ")
    if section.sentences:
        yield "\n".join(line for sentence in section.sentences for line in _wrapped(one_line(sentence)))
    for title, items in section.lists.items():
        yield "\n".join([f"  {title}", *(line for item in items for line in _wrapped(f"- {one_line(item)}"))])


def _fitting(table: Sequence[Row]) -> str:
    """Return a table; one that is wider than the terminal gets its rows as columns if that is narrower."""
    text = aligned(table)
    if _columns(text) + 2 <= _width():
        return text
    return min(text, aligned(list(zip(*table, strict=True))), key=_columns)


def _columns(text: str) -> int:
    return max(map(len, text.splitlines()))


def _width() -> int:
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 0)).columns)


def _wrapped(text: str, indent: int = 2) -> Iterator[str]:
    """Yield the lines of a text, wrapped at the terminal's width; continuation lines are indented further."""
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


def _as_json_text(previews: Sequence[Preview], base: Base | None = None) -> str:
    stacks = [
        {**as_json(preview), **(comparison_json(preview, base) if base else {})} for preview in previews
    ]
    return _dumped({"stacks": stacks, **({"gone": list(base.removed)} if base else {})})


def _what_if_text(stacks: Sequence[Varied]) -> str:
    return "\n\n\n".join(section_text(what_if_section(varied)) for varied in stacks)


def _what_if_markdown(stacks: Sequence[Varied]) -> str:
    return "\n\n".join(section_markdown(what_if_section(varied)) for varied in stacks)


def _what_if_json(stacks: Sequence[Varied]) -> str:
    return _dumped({"stacks": list(map(_varied_json, stacks))})


def _varied_json(varied: Varied) -> dict[str, Any]:
    return {
        "stack": varied[AS_IT_IS].stack,
        "variations": [{"name": name, **as_json(preview)} for name, preview in varied.items()],
    }


def _dumped(content: Mapping[str, object]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[Sequence[Preview], Base | None], str]] = {
    "text": as_text,
    "json": _as_json_text,
    "markdown": as_comment,
    "sarif": as_sarif,
}
"""The formats of stacks as they are, compared with a base if there is one."""

WHAT_IF_FORMATS: Mapping[str, Callable[[Sequence[Varied]], str]] = {
    "text": _what_if_text,
    "json": _what_if_json,
    "markdown": _what_if_markdown,
}
"""The formats of stacks with variations."""

SUFFIXES: Mapping[str, str] = {".txt": "text", ".json": "json", ".md": "markdown", ".sarif": "sarif"}
"""The format of a file by its suffix."""
