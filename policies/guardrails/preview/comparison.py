"""The comparison of a stack's preview with the preview before a change."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from guardrails.cost.bill import Case
from guardrails.preview.changed_resources import ChangedResources, changed_resources
from guardrails.preview.figures import (
    Figure,
    Unit,
    dearest_machine,
    difference_of,
    difference_text,
    figures_of,
    longest_run,
    month_name,
    prices_of,
    run_name,
)
from guardrails.preview.preview_result import Preview, Violation, as_json, violation_json
from guardrails.tables import Row

HEADINGS = ("", "before", "now", "difference")
KEY_HEADINGS = ("", "base", "now", "difference")
LONGEST_RUN = "longest run"
_SHOWN_PRICES = 5


@dataclass(frozen=True, kw_only=True)
class Base:
    """The stacks before the change."""

    previews: Mapping[str, Preview] = field(default_factory=dict)
    """By stack; a new stack has none."""
    removed: Sequence[str] = ()
    """The stacks that no longer exist."""
    name: str = "the base"
    """The name of the revision or the folder."""
    limits: Path | None = None
    """The limits before the change, a file or a folder of PROJECT/STACK.json; None if they are in another checkout."""
    error: str = ""
    """The reason why there are no previews at all."""


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
    longest_run: Difference
    """The longest run of all machines."""
    resources: ChangedResources
    new_violations: Sequence[Violation]
    fixed_violations: Sequence[Violation]

    @property
    def is_any(self) -> bool:
        """True if anything has changed."""
        of_prices = (difference for differences in self.prices.values() for difference in differences)
        is_changed = any(difference.is_any for difference in (*self.figures, *of_prices))
        is_changed |= bool(self.resources.removed or self.resources.added)
        return is_changed or bool(self.new_violations or self.fixed_violations)


def change_of(before: Preview, now: Preview) -> Change:
    """Return the differences between two previews of a stack."""
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
        longest_run=Difference(name=LONGEST_RUN, before=longest_run(before), now=longest_run(now)),
        resources=changed_resources(before.report, now.report),
        new_violations=_only_in(now, before),
        fixed_violations=_only_in(before, now),
    )


def change_rows(change: Change) -> Iterator[Row]:
    """Yield the rows of the table of differences, each figure with the prices that have changed most."""
    for difference in change.figures:
        yield _row(difference.name, difference)
        for price in change.prices.get(difference.name, ())[:_SHOWN_PRICES]:
            yield _row(f"↳ {price.name}", price)


def key_rows(now: Preview, change: Change | None) -> Iterator[Row]:
    """Yield the figures that matter most; without a change only those of now.

    They are the cost of a month, the worst run of the machine with the most expensive one, and the longest run.
    """
    names = [*map(month_name, Case), run_name(dearest_machine(now), Case.WORST)]
    if change:
        known = {difference.name: difference for difference in change.figures}
        for difference in (*(known[name] for name in names if name in known), change.longest_run):
            yield _row(difference.name, difference)
    else:
        figures = figures_of(now)
        yield from ((name, figures[name].text) for name in names if name in figures)
        yield LONGEST_RUN, longest_run(now).text


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


def _only_in(preview: Preview, other: Preview) -> list[Violation]:
    """Return the violations of a preview that another preview of the stack does not have as often."""
    left = Counter(violation.identity for violation in other.violations)
    found = []
    for violation in preview.violations:
        if left[violation.identity]:
            left[violation.identity] -= 1
        else:
            found.append(violation)
    return found


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
        "removed_resources": list(change.resources.removed),
        "added_resources": list(change.resources.added),
        "new_violations": list(map(violation_json, change.new_violations)),
        "fixed_violations": list(map(violation_json, change.fixed_violations)),
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
