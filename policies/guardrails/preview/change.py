"""What has changed between two previews of a stack: its figures, what is billed for, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from guardrails.cost.bill import Case
from guardrails.preview.figures import Figure, difference_of, figures_of, month, prices_of
from guardrails.preview.outcome import Preview


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
    """What is billed for whose amount has changed, by the figure of which it is a part; what has changed most first,
    and before that what nobody can tell of how much."""
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
    prices = {
        month(case): [
            one for one in _differences(prices_of(before, case), prices_of(now, case)) if one.is_any
        ]
        for case in Case
    }
    return Change(
        figures=_differences(figures_of(before), figures_of(now)),
        prices={what: sorted(of, key=_size, reverse=True) for what, of in prices.items()},
        newly_refused=[rule for rule in refused_now if rule not in refused_before],
        no_longer_refused=[rule for rule in refused_before if rule not in refused_now],
    )


def _differences(before: Mapping[str, Figure], now: Mapping[str, Figure]) -> list[Difference]:
    names = dict.fromkeys((*now, *before))
    return [Difference(what=what, before=before.get(what), now=now.get(what)) for what in names]


def _size(difference: Difference) -> Decimal:
    change = difference_of(difference.before, difference.now)
    return Decimal("Infinity") if change is None else abs(change)
