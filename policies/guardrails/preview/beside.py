"""What a change does to a stack, told beside what it was before: a section for people, and JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.preview import outcome
from guardrails.preview.change import Change, Difference, change_of
from guardrails.preview.figures import Figure, Unit, difference_text
from guardrails.preview.outcome import Preview
from guardrails.preview.section import Section
from guardrails.tables import Row

TITLE = "What the change does"
HEADINGS = ("", "before", "now", "difference")
_FEW = 5


@dataclass(frozen=True, kw_only=True)
class Base:
    """What the stacks were before the change."""

    previews: Mapping[str, Preview]
    """By stack; one that is new has none."""
    gone: Sequence[str] = ()
    """The stacks that are there no more."""


def change_section(now: Preview, base: Base) -> Section:
    """Return what a change does to a stack, or why nobody can tell."""
    if not now.report:
        return _said("As it is now, it could not be previewed, so that nothing can be compared.")
    before = base.previews.get(now.stack)
    if before is None:
        return _said("The stack is new, so that there is nothing to compare it with.")
    if not before.report:
        why = "; ".join(" ".join(error.split()) for error in before.errors)
        return _said(f"As it was before the change, it could not be previewed: {why}")
    change = change_of(before, now)
    if not change.is_any:
        return _said("It changes neither costs nor times, nor the number of resources, nor what is refused.")
    refused = {"Newly refused": change.newly_refused, "No longer refused": change.no_longer_refused}
    return Section(
        title=TITLE,
        tables=[[HEADINGS, *_rows(change)]],
        sentences=[f"{what}: {', '.join(rules)}." for what, rules in refused.items() if rules],
    )


def beside_base(now: Preview, base: Base) -> dict[str, Any]:
    """Return what a stack was as JSON, and what has changed, where the two can be compared."""
    before = base.previews.get(now.stack)
    if before is None:
        return {"base": None, "change": None}
    is_comparable = before.report and now.report
    return {
        "base": outcome.as_json(before),
        "change": _change_json(change_of(before, now)) if is_comparable else None,
    }


def _said(sentence: str) -> Section:
    return Section(title=TITLE, sentences=[sentence])


def _rows(change: Change) -> Iterator[Row]:
    for difference in change.figures:
        yield _row(difference.what, difference)
        for part in change.prices.get(difference.what, ())[:_FEW]:
            yield _row(f"↳ {part.what}", part)


def _row(label: str, difference: Difference) -> Row:
    figures = (difference.before, difference.now)
    return (label, *("·" if figure is None else figure.text for figure in figures), difference_text(*figures))


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "figures": [_difference_json(one) for one in change.figures if one.is_any],
        "prices": {what: [_difference_json(one) for one in of] for what, of in change.prices.items()},
        "newly_refused": list(change.newly_refused),
        "no_longer_refused": list(change.no_longer_refused),
    }


def _difference_json(difference: Difference) -> dict[str, Any]:
    return {
        "what": difference.what,
        "before": _figure_json(difference.before),
        "now": _figure_json(difference.now),
    }


def _figure_json(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    value = figure.value
    # As everywhere, an amount is text, so that nothing rounds it.
    number = None if value is None else f"{value.normalize():f}" if figure.unit is Unit.USD else float(value)
    return {"unit": str(figure.unit), "value": number}
