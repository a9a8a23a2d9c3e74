"""Previews as text for a terminal: what each rule was asked and said, each violation, how long machines can run."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from guardrails.limits import DEFAULTS
from guardrails.preview.outcome import Preview, Verdict, Violation

WIDTH = 100
HEADINGS = ("rule", "assessed", "not applicable", "refused")
_MARKS = {Verdict.PASSED: "✓", Verdict.REFUSED: "✗", Verdict.FAILED: "?"}


def as_text(previews: Sequence[Preview]) -> str:
    """Return previews as text of at most 100 columns, but for what cannot be broken; the headlines come once more."""
    summary = ["\n".join(map(_marked, previews))] if len(previews) > 1 else []
    return "\n\n\n".join(["\n\n".join(_parts(preview)) for preview in previews] + summary)


def headline(preview: Preview) -> str:
    """Return in one line what came of a stack's preview."""
    if not preview.report:
        return f"{preview.stack}: {preview.verdict}"
    mandatory = sum(violation.is_mandatory for violation in preview.violations)
    advisory = len(preview.violations) - mandatory
    counts = [
        _counted(preview.report["resources"], "resource"),
        _counted(len(preview.report["rules"]), "rule"),
        *([f"limits: {DEFAULTS}"] if preview.report["limits"] == DEFAULTS else []),
        *([_counted(mandatory, "mandatory violation")] if mandatory else []),
        *([_counted(advisory, "advisory violation")] if advisory else []),
    ]
    return f"{preview.stack}: {preview.verdict}, {', '.join(counts)}"


def rule_rows(preview: Preview) -> Iterator[tuple[str, str, str, str]]:
    """Return the cells of the table of rules, in the order of `HEADINGS`; a zero is a dot, so that others stand out."""
    for rule in preview.report.get("rules", ()):
        if rule["disabled"]:
            yield rule["name"], "off", "", ""
        else:
            counts = (rule["assessed"], rule["not_applicable"], rule["refused"])
            assessed, not_applicable, refused = (str(count or "·") for count in counts)
            yield rule["name"], assessed, not_applicable, refused


def by_rule(violations: Sequence[Violation]) -> Iterator[tuple[str, list[str]]]:
    """Return what each rule refused under its name and level, the mandatory ones first; each message is one line."""

    def named(violation: Violation) -> tuple[bool, str, str]:
        return not violation.is_mandatory, violation.rule, violation.level

    for (_, rule, level), of_rule in groupby(sorted(violations, key=named), named):
        yield f"{rule} ({level})", [" ".join(violation.message.split()) for violation in of_rule]


def machine_text(machine: Mapping[str, Any]) -> str:
    """Return how long a machine can run, or why nobody knows."""
    return str(machine["text"]) if "text" in machine else f"{machine['unknown']}."


def _parts(preview: Preview) -> Iterator[str]:
    yield _marked(preview)
    if preview.errors:
        yield "\n".join(line for error in preview.errors for line in _wrapped(error))
    if preview.report:
        yield textwrap.indent(_table([HEADINGS, *rule_rows(preview)]), "  ")
    for name, messages in by_rule(preview.violations):
        yield "\n".join([f"  {name}", *(line for message in messages for line in _wrapped(message, 4))])
    for machine in preview.report.get("machines", ()):
        yield f"  How long {machine['name']} can run"
        yield "\n".join(_wrapped(machine_text(machine), 4))


def _marked(preview: Preview) -> str:
    return f"{_MARKS[preview.verdict]} {headline(preview)}"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:{'>' if index else '<'}{width}}"
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _wrapped(text: str, indent: int = 2) -> Iterator[str]:
    """Return the lines of a text; where one is too long, what follows is indented further."""
    for line in text.splitlines():
        own = " " * (indent + len(line) - len(line.lstrip()))
        wrapped = textwrap.wrap(
            line.strip(),
            WIDTH,
            initial_indent=own,
            subsequent_indent=f"{own}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from wrapped or [""]


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
