"""What a change does to a stack: its preview held against one of the same stack before the change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from guardrails.cost.run import Case
from guardrails.preview import outcome
from guardrails.preview.figures import (
    Figure,
    Unit,
    difference_of,
    difference_text,
    figures_of,
    month,
    prices_of,
)
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


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One figure before and now; None where there was or is none."""

    what: str
    before: Figure | None
    now: Figure | None

    @property
    def is_any(self) -> bool:
        """Whether anything has changed."""
        return self.before != self.now


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change does to a stack."""

    figures: Sequence[Difference]
    """Of every figure, whether it has changed or not."""
    prices: Mapping[str, Sequence[Difference]]
    """What is billed for whose amount has changed, by the figure of which it is a part; what has changed most first."""
    newly_refused: Sequence[str]
    """The rules that refuse something now and did not before."""
    no_longer_refused: Sequence[str]

    @property
    def is_any(self) -> bool:
        """Whether there is anything to tell."""
        differences = [*self.figures, *(one for of_figure in self.prices.values() for one in of_figure)]
        return any(one.is_any for one in differences) or bool(self.newly_refused or self.no_longer_refused)


def change_of(before: Preview, now: Preview) -> Change:
    """Return what has changed between two previews of a stack."""
    refused_before, refused_now = (
        dict.fromkeys(violation.rule for violation in preview.violations) for preview in (before, now)
    )
    prices = {month(case): _differences(prices_of(before, case), prices_of(now, case)) for case in Case}
    return Change(
        figures=_differences(figures_of(before), figures_of(now)),
        prices={what: sorted(filter(_is_any, of), key=_size, reverse=True) for what, of in prices.items()},
        newly_refused=[rule for rule in refused_now if rule not in refused_before],
        no_longer_refused=[rule for rule in refused_before if rule not in refused_now],
    )


def change_section(now: Preview, base: Base) -> Section:
    """Return what a change does to a stack, or why nobody can tell."""
    before = base.previews.get(now.stack)
    if before is None:
        return _said("The stack is new, so that there is nothing to compare it with.")
    if not before.report:
        why = "; ".join(" ".join(error.split()) for error in before.errors)
        return _said(f"As it was before the change, it could not be previewed: {why}")
    if not now.report:
        return _said("As it is now, it could not be previewed, so that nothing can be compared.")
    change = change_of(before, now)
    if not change.is_any:
        return _said("It alters neither what the stack costs, nor how long it can run, nor what is refused.")
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


def _differences(before: Mapping[str, Figure], now: Mapping[str, Figure]) -> list[Difference]:
    names = dict.fromkeys((*now, *before))
    return [Difference(what=what, before=before.get(what), now=now.get(what)) for what in names]


def _is_any(difference: Difference) -> bool:
    return difference.is_any


def _size(difference: Difference) -> Decimal:
    return abs(difference_of(difference.before, difference.now) or Decimal(0))


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
    if value is None:
        return {"unit": str(figure.unit), "value": None}
    return {"unit": str(figure.unit), "value": f"{value:f}" if figure.unit is Unit.USD else float(value)}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "figures": [_difference_json(one) for one in change.figures if one.is_any],
        "prices": {what: [_difference_json(one) for one in of] for what, of in change.prices.items()},
        "newly_refused": list(change.newly_refused),
        "no_longer_refused": list(change.no_longer_refused),
    }
