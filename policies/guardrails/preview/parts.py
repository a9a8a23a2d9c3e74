"""The parts of what is told of a preview, before they are text or Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from guardrails.limits import DEFAULTS
from guardrails.preview.outcome import Preview, Violation
from guardrails.tables import Row
from guardrails.words import counted

RULE_HEADINGS = ("rule", "assessed", "not applicable", "refused")


def headline(preview: Preview) -> str:
    """Return in one line what came of a stack's preview."""
    if not preview.report:
        return f"{preview.stack}: {preview.verdict}"
    mandatory = sum(violation.is_mandatory for violation in preview.violations)
    advisory = len(preview.violations) - mandatory
    counts = [
        counted(preview.report["resources"], "resource"),
        counted(len(preview.report["rules"]), "rule"),
        *([f"limits: {DEFAULTS}"] if preview.report["limits"] == DEFAULTS else []),
        *([counted(mandatory, "mandatory violation")] if mandatory else []),
        *([counted(advisory, "advisory violation")] if advisory else []),
    ]
    return f"{preview.stack}: {preview.verdict}, {', '.join(counts)}"


def rule_rows(preview: Preview) -> list[Row]:
    """Return the table of rules; a zero is a dot, so that others stand out."""
    return [RULE_HEADINGS, *map(_rule_row, preview.report["rules"])]


def by_rule(violations: Sequence[Violation]) -> Iterator[tuple[str, list[str]]]:
    """Return what each rule refused under its name and level, the mandatory ones first; each message is one line."""

    def named(violation: Violation) -> tuple[bool, str, str]:
        return not violation.is_mandatory, violation.rule, violation.level

    for (_, rule, level), of_rule in groupby(sorted(violations, key=named), named):
        yield f"{rule} ({level})", [" ".join(violation.message.split()) for violation in of_rule]


def machine_text(machine: Mapping[str, Any]) -> str:
    """Return how long a machine can run, or why nobody knows."""
    return str(machine["text"]) if "text" in machine else f"{machine['unknown']}."


def _rule_row(rule: Mapping[str, Any]) -> Row:
    if rule["disabled"]:
        return rule["name"], "off", "", ""
    counts = (rule["assessed"], rule["not_applicable"], rule["refused"])
    return (rule["name"], *(str(count or "·") for count in counts))
