"""The sections of a report on previews: titles, tables, sentences and lists, before they are text or Markdown."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from guardrails.cost.bill import Case
from guardrails.cost.report import beyond_free_tier, left_out, month_rows, prices_sentence, run_rows
from guardrails.preview.changed_limits import changed_limits
from guardrails.preview.comparison import HEADINGS, Base, change_of, change_rows
from guardrails.preview.figures import dearest_machine, figures_of, longest_run, month_name, run_name
from guardrails.preview.preview_result import Preview, Violation
from guardrails.preview.requests import Varied
from guardrails.preview.variations import AS_IT_IS
from guardrails.tables import Row
from guardrails.words import counted, few

CHANGE_TITLE = "Changes"
OVERVIEW_HEADINGS = ("", "a month", "at worst", "a run", "at worst", "longest run", "verdict")
OVERVIEW_NOTE = "The columns of a run are those of the machine with the most expensive worst run."
RULE_HEADINGS = ("rule", "evaluated", "not applicable", "deferred", "exempted", "violated")
_NOUNS = {
    0: ("mandatory violation", ""),
    1: ("violation", " to mend before the deployment"),
    2: ("advisory violation", ""),
}
NOT_POSSIBLE = "not possible"
"""The verdict on a stack that cannot be previewed because its settings are not valid together."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Tables, sentences and lists under a title."""

    title: str
    tables: Sequence[Sequence[Row]] = ()
    sentences: Sequence[str] = ()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By their titles."""


def headline(preview: Preview) -> str:
    """Return the verdict on a stack with its counts and the source of its limits, as one line."""
    if not preview.report:
        return f"{preview.stack}: {preview.verdict}"
    of_level = Counter(violation.rank for violation in preview.violations)
    deferred = len(preview.report["deferred"])
    exempted = sum(len(exemption["violations"]) for exemption in preview.report["exemptions"])
    counts = [
        counted(preview.report["resources"], "resource"),
        counted(len(preview.report["rules"]), "rule"),
        f"limits: {preview.report['limits']}",
        *(
            f"{counted(of_level[rank], noun)}{after}"
            for rank, (noun, after) in _NOUNS.items()
            if of_level[rank]
        ),
        *([f"{counted(deferred, 'property', 'properties')} not known yet"] if deferred else []),
        *([counted(exempted, "exempted violation")] if exempted else []),
    ]
    return f"{preview.stack}: {preview.verdict}, {', '.join(counts)}"


def violations_by_rule(violations: Sequence[Violation]) -> Iterator[tuple[str, list[str]]]:
    """Yield each violated rule with its level and its messages of one line each, mandatory rules first."""

    def rule_of(violation: Violation) -> tuple[int, str, str]:
        return violation.rank, violation.rule, violation.level

    for (_, rule, level), of_rule in groupby(sorted(violations, key=rule_of), rule_of):
        yield f"{rule} ({level})", [" ".join(violation.message.split()) for violation in of_rule]


def notes(preview: Preview) -> dict[str, list[str]]:
    """Return what is not evaluated yet, and the exemptions of the stack, by their titles; empty lists are left out."""
    lists = {
        "Not known until another resource is created, and evaluated at the update:": [
            f"{each['property']} of {each['resource']}: {few(each['rules'])}"
            for each in preview.report.get("deferred", ())
        ],
        "Exempted by the limits:": list(map(_exemption_text, preview.report.get("exemptions", ()))),
    }
    return {title: items for title, items in lists.items() if items}


def rule_rows(preview: Preview) -> list[Row]:
    """Return the table of rules; a dot stands for 0, so that other numbers stand out."""
    return [RULE_HEADINGS, *map(_rule_row, preview.report["rules"])]


def machine_text(machine: Mapping[str, Any]) -> str:
    """Return the analysis of a machine's running time, or the reason why there is none."""
    return str(machine["text"]) if "text" in machine else f"{machine['unknown']}."


def costs_section(preview: Preview) -> Section:
    """Return the cost of a month and of the runs, or the reason why it is unknown."""
    costs = preview.report["cost"]
    if "unknown" in costs:
        return Section(title="Cost: not known", sentences=[f"{costs['unknown']}."])
    if not costs["regions"]:
        return Section(title="Cost", sentences=[prices_sentence(costs)], lists=left_out(costs))
    figures = figures_of(preview)
    expected, worst = (figures[month_name(case)].text for case in Case)
    return Section(
        title=f"Cost: {expected} a month expected, {worst} in the worst case",
        tables=[month_rows(costs), *([run_rows(costs)] if costs["machines"] else [])],
        sentences=[*beyond_free_tier(costs), prices_sentence(costs)],
        lists=left_out(costs),
    )


def change_section(now: Preview, base: Base) -> Section:
    """Return the differences that a change makes to a stack, or the reason why the stack cannot be compared."""
    limits = changed_limits(now, base)
    section = _differences(now, base)
    return (
        replace(section, lists={**section.lists, "Limits that the change sets": limits})
        if limits
        else section
    )


def _differences(now: Preview, base: Base) -> Section:
    if base.error:
        return _change_sentence(f"The base could not be previewed, so that no change is known: {base.error}.")
    if not now.report:
        return _change_sentence("The preview of the stack failed, so that it cannot be compared.")
    before = base.previews.get(now.stack)
    if before is None:
        return _change_sentence("The stack is new, so that it cannot be compared.")
    if not before.report:
        why = "; ".join(" ".join(error.split()) for error in before.errors)
        return _change_sentence(f"The preview of the stack before the change failed: {why}")
    change = change_of(before, now)
    if not change.is_any:
        return _change_sentence("Costs, times, the resources and the violated rules are unchanged.")
    violations = {
        "New violations": change.new_violations,
        "Fixed violations": change.fixed_violations,
    }
    return Section(
        title=CHANGE_TITLE,
        tables=[[HEADINGS, *change_rows(change)]],
        sentences=[f"{title}: {_rules_of(found)}." for title, found in violations.items() if found],
        lists=change.resources.lists,
    )


def overview(previews: Sequence[Preview], base: Base | None = None) -> Section:
    """Return the cost, the longest run and the verdict of stacks as one table, and the stacks that were removed."""
    removed = [f"The stack {stack} no longer exists." for stack in base.removed] if base else []
    before = base.previews if base else {}
    rows = [(preview.stack, *_overview_cells(before.get(preview.stack), preview)) for preview in previews]
    return Section(title="Overview", tables=[[OVERVIEW_HEADINGS, *rows]], sentences=[OVERVIEW_NOTE, *removed])


def what_if_section(varied: Varied) -> Section:
    """Return the cost, the longest run and the verdict of a stack with each variation."""
    as_it_is = varied[AS_IT_IS]
    machine = dearest_machine(as_it_is)
    return Section(
        title=f"What if: {as_it_is.stack}",
        tables=[
            [OVERVIEW_HEADINGS, *(_what_if_row(name, preview, machine) for name, preview in varied.items())]
        ],
        sentences=[f"The columns of a run are those of {machine}."] if machine else [],
        lists={"Refused or not possible:": refused} if (refused := list(_refusals(varied))) else {},
    )


def figure_cells(preview: Preview, machine: str) -> Row:
    """Return the cost of a month, the cost of a machine's run, and the longest run of all machines."""
    figures = figures_of(preview)
    names = [month_name(case) for case in Case] + [run_name(machine, case) for case in Case]
    return (*(figures[name].text if name in figures else "·" for name in names), longest_run(preview).text)


def _rules_of(violations: Sequence[Violation]) -> str:
    """Return the rules of violations, each once, with the number of its violations if there are several."""
    counts = Counter(violation.rule for violation in violations)
    return ", ".join(rule if count == 1 else f"{rule} ({count:,})" for rule, count in counts.items())


def _change_sentence(sentence: str) -> Section:
    return Section(title=CHANGE_TITLE, sentences=[sentence])


def _overview_cells(before: Preview | None, now: Preview) -> Iterator[str]:
    """Yield the cells of a stack; a cell that has changed shows both values."""
    machine = dearest_machine(now)
    compared = (before if before and before.report else now, now)
    cells = ((*figure_cells(preview, machine), str(preview.verdict)) for preview in compared)
    for was, is_ in zip(*cells, strict=True):
        yield is_ if was == is_ else f"{was} → {is_}"


def _what_if_row(name: str, preview: Preview, machine: str) -> Row:
    verdict = str(preview.verdict) if preview.report else NOT_POSSIBLE
    return (name, *figure_cells(preview, machine), verdict)


def _refusals(varied: Varied) -> Iterator[str]:
    for name, preview in varied.items():
        if rules := dict.fromkeys(
            violation.rule for violation in preview.violations if violation.is_mandatory
        ):
            yield f"{name}: refused by {', '.join(rules)}"
        for error in preview.errors:
            yield f"{name}: {'' if preview.report else f'{NOT_POSSIBLE}: '}{' '.join(error.split())}"


def _exemption_text(exemption: Mapping[str, Any]) -> str:
    state = f", state {exemption['state']}" if exemption["state"] else ""
    until = f", until {exemption['until']}" if exemption["until"] else ""
    count = counted(len(exemption["violations"]), "violation")
    return f"{exemption['rule']} for {exemption['resource']}{state}{until} ({count}): {exemption['reason']}"


def _rule_row(rule: Mapping[str, Any]) -> Row:
    if rule["disabled"]:
        return rule["name"], "off", *[""] * (len(RULE_HEADINGS) - 2)
    counts = ("evaluated", "not_applicable", "deferred", "exempted", "violated")
    return (rule["name"], *(str(rule[count] or "·") for count in counts))
