"""The picture of the monthly cost of each stack, expected and at worst, as bars stacked by service.

GitHub shows pages in a light or a dark theme, and the picture is transparent, so there is one for each theme.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from docs.cost.figures import Figures, Month, read
from docs.cost.templates import template
from guardrails.cost.bill import Case
from guardrails.cost.report import usd

OTHERS = "others"
INKS = {"light": "#1f2328", "dark": "#e6edf3"}
"""The colour of the texts for each theme."""


class Fill(NamedTuple):
    """A colour of a bar, and the colour of text on it."""

    colour: str
    ink: str


Fills = Mapping[str, Fill]

# The colours of Okabe and Ito, which people with any kind of colour vision can distinguish: https://jfly.uni-koeln.de/color/
_OF_THE_DEAREST = (
    Fill("#0072b2", "white"),
    Fill("#e69f00", "black"),
    Fill("#009e73", "black"),
    Fill("#cc79a7", "black"),
)
_OF_OTHERS = Fill("#999999", "black")

# Pixels; the picture is narrow enough to be readable on a phone.
_BARS = 342
_CHARACTER, _MARGIN = 7.5, 4

_CASES = {Case.EXPECTED: "expected", Case.WORST: "at worst"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """The bar of one service."""

    left: float
    width: float
    fill: Fill
    label: str
    """The amount, or an empty text if it does not fit."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A month of a stack in one case."""

    label: str
    parts: Sequence[Part]
    width: float
    total: str


def drawn(kind: str) -> str:
    """Return the picture of all stacks for a theme."""
    named = {"prod": "prod", "dev": "dev", "local, if it ran on AWS": "local"}
    return picture({name: read(stack) for name, stack in named.items()}, INKS[kind])


def picture(stacks: Mapping[str, Figures], ink: str) -> str:
    """Return the SVG with the bars of the given stacks, by label and in the given order."""
    months = [figures.month[case] for figures in stacks.values() for case in Case]
    fills = {**dict(zip(_dearest(months), _OF_THE_DEAREST, strict=False)), OTHERS: _OF_OTHERS}
    dollar = _BARS / max(month.usd for month in months)
    bars = {
        name: [_bar(label, figures.month[case], fills, dollar) for case, label in _CASES.items()]
        for name, figures in stacks.items()
    }
    return template("picture.svg.j2").render(stacks=bars, fills=fills, ink=ink)


def _dearest(months: Sequence[Month]) -> list[str]:
    """Return the services that have their own colour, the most expensive first."""
    most: dict[str, Decimal] = {}
    for month in months:
        for service, amount in month.by_service.items():
            most[service] = max(amount, most.get(service, Decimal(0)))
    return sorted(most, key=lambda service: (-most[service], service))[: len(_OF_THE_DEAREST)]


def _bar(label: str, month: Month, fills: Fills, dollar: Decimal) -> Bar:
    parts = tuple(_parts(month, fills, dollar))
    total = f"{usd(month.usd)}{'' if month.is_bounded else '+'}"
    return Bar(label=label, parts=parts, width=float(month.usd * dollar), total=total)


def _parts(month: Month, fills: Fills, dollar: Decimal) -> Iterator[Part]:
    left = Decimal(0)
    for service, fill in fills.items():
        amount = _others(month, fills) if service == OTHERS else month.by_service.get(service, Decimal(0))
        width, label = amount * dollar, usd(amount)
        fits = len(label) * _CHARACTER + 2 * _MARGIN <= width
        yield Part(left=float(left), width=float(width), fill=fill, label=label if fits else "")
        left += width


def _others(month: Month, fills: Fills) -> Decimal:
    return sum((amount for service, amount in month.by_service.items() if service not in fills), Decimal(0))
