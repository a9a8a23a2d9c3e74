"""The comparison of a stack's preview with the preview before a change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from guardrails.cost.bill import Case
from guardrails.preview.figures import (
    Figure,
    Unit,
    difference_of,
    difference_text,
    figures_of,
    month_name,
    prices_of,
)
from guardrails.preview.preview_result import Preview, as_json
from guardrails.tables import Row

HEADINGS = ("", "before", "now", "difference")
_SHOWN_PRICES = 5


@dataclass(frozen=True, kw_only=True)
class Base:
    """The stacks before the change."""

    previews: Mapping[str, Preview]
    """By stack; a new stack has none."""
    removed: Sequence[str] = ()
    """The stacks that no longer exist."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One figure before and after a change; None on a side that does not have it."""

    name: str
    before: Figure | None
    now: Figure | None

    @property
    def is_any(self) -> bool:
        """True if the figure has changed."""
        return self.before != self.now


@dataclass(frozen=True, kw_only=True)
class Change:
    """The differences between two previews of a stack."""

    figures: Sequence[Difference]
    """Every figure, changed or not."""
    prices: Mapping[str, Sequence[Difference]]
    """The prices whose amount has changed, by the figure that includes them: unknown differences first, then the
    largest."""
    newly_refused: Sequence[str]
    """The rules that are violated now and were not before."""
    no_longer_refused: Sequence[str]

    @property
    def is_any(self) -> bool:
        """True if anything has changed."""
        of_prices = (difference for differences in self.prices.values() for difference in differences)
        is_changed = any(difference.is_any for difference in (*self.figures, *of_prices))
        return is_changed or bool(self.newly_refused or self.no_longer_refused)


def change_of(before: Preview, now: Preview) -> Change:
    """Return the differences between two previews of a stack."""
    violated_before, violated_now = (
        dict.fromkeys(violation.rule for violation in preview.violations) for preview in (before, now)
    )
    prices = {
        month_name(case): [
            difference
            for difference in _differences(prices_of(before, case), prices_of(now, case))
            if difference.is_any
        ]
        for case in Case
    }
    return Change(
        figures=_differences(figures_of(before), figures_of(now)),
        prices={name: sorted(differences, key=_size, reverse=True) for name, differences in prices.items()},
        newly_refused=[rule for rule in violated_now if rule not in violated_before],
        no_longer_refused=[rule for rule in violated_before if rule not in violated_now],
    )


def change_rows(change: Change) -> Iterator[Row]:
    """Yield the rows of the table of differences, each figure with the prices that have changed most."""
    for difference in change.figures:
        yield _row(difference.name, difference)
        for price in change.prices.get(difference.name, ())[:_SHOWN_PRICES]:
            yield _row(f"↳ {price.name}", price)


def comparison_json(now: Preview, base: Base) -> dict[str, Any]:
    """Return a stack's preview before the change as JSON, and the differences if both previews succeeded."""
    before = base.previews.get(now.stack)
    if before is None:
        return {"base": None, "change": None}
    is_comparable = before.report and now.report
    return {
        "base": as_json(before),
        "change": _change_json(change_of(before, now)) if is_comparable else None,
    }


def _differences(before: Mapping[str, Figure], now: Mapping[str, Figure]) -> list[Difference]:
    names = dict.fromkeys((*now, *before))
    return [Difference(name=name, before=before.get(name), now=now.get(name)) for name in names]


def _size(difference: Difference) -> Decimal:
    change = difference_of(difference.before, difference.now)
    return Decimal("Infinity") if change is None else abs(change)


def _row(label: str, difference: Difference) -> Row:
    figures = (difference.before, difference.now)
    return (label, *("·" if figure is None else figure.text for figure in figures), difference_text(*figures))


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "figures": [_difference_json(difference) for difference in change.figures if difference.is_any],
        "prices": {name: list(map(_difference_json, prices)) for name, prices in change.prices.items()},
        "newly_refused": list(change.newly_refused),
        "no_longer_refused": list(change.no_longer_refused),
    }


def _difference_json(difference: Difference) -> dict[str, Any]:
    return {
        "what": difference.name,
        "before": _figure_json(difference.before),
        "now": _figure_json(difference.now),
    }


def _figure_json(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    value = figure.value
    # Amounts are texts in all JSON, so that no parser rounds them.
    number = None if value is None else f"{value.normalize():f}" if figure.unit is Unit.USD else float(value)
    return {"unit": str(figure.unit), "value": number}
