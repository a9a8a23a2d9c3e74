"""The costs of the stacks for the page, kept as data, because the whole program is needed to calculate them.

A test recalculates the figures and writes them with `pytest --update-golden`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import TypeAdapter

from guardrails.cost.bill import Bill, Case, CostLine
from guardrails.cost.estimate import Estimate

FOLDER = Path(__file__).parent
STACKS = ("prod", "dev", "local")
_PLACE = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Month:
    """The cost of a month, in US dollars."""

    usd: Decimal
    usd_after_free_tier: Decimal
    is_bounded: bool
    """False if compute has no upper bound or a price is missing; usage that only a bill shows is not included."""
    by_service: dict[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The cost of a state machine's runs, in US dollars."""

    name: str
    run_usd: dict[Case, Decimal]
    runs_a_month: dict[Case, Decimal]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A cost that accrues all month, whatever runs."""

    price: str
    quantity: Decimal
    usd: dict[Case, Decimal]


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A cost that no amount includes."""

    price: str
    depends_on: str
    whose: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The cost of a stack."""

    region: str
    month: dict[Case, Month]
    machines: tuple[Machine, ...]
    standing: tuple[Standing, ...]
    unknown: tuple[Unknown, ...]
    prices: tuple[str, ...]
    """The keys of the prices that the estimate uses."""


_FORM = TypeAdapter(Figures)


def read(stack: str) -> Figures:
    """Return the stored figures of a stack."""
    return _FORM.validate_json((FOLDER / f"{stack}.json").read_bytes())


def as_text(figures: Figures) -> str:
    """Return figures as the JSON text that is stored."""
    return _FORM.dump_json(figures, indent=2).decode() + "\n"


def figures(estimate: Estimate) -> Figures:
    """Return the figures of an estimate, rounded to the millionth of a dollar."""
    (region,) = estimate.regions
    lines = [line for case in Case for line in estimate.month(case).lines]
    return Figures(
        region=region,
        month={case: _month(estimate, case) for case in Case},
        machines=tuple(
            Machine(
                name=machine.name,
                run_usd={case: _rounded(machine.runs[case].total) for case in Case},
                runs_a_month={case: _rounded(machine.runs_a_month(case)) for case in Case},
            )
            for machine in estimate.machines
        ),
        standing=tuple(_standing(estimate)),
        unknown=tuple(_unknown(lines)),
        prices=tuple(sorted({line.key for line in lines})),
    )


def _month(estimate: Estimate, case: Case) -> Month:
    bill = estimate.month(case)
    by_service: dict[str, Decimal] = {}
    for line in bill.lines:
        if line.amount:
            by_service[line.service] = by_service.get(line.service, Decimal(0)) + line.amount
    return Month(
        usd=_rounded(bill.total),
        usd_after_free_tier=_rounded(estimate.month(case, free_tier=True).total),
        is_bounded=not bill.unbounded,
        by_service={service: _rounded(usd) for service, usd in by_service.items()},
    )


def _standing(estimate: Estimate) -> Iterator[Standing]:
    bills = {case: Bill((*estimate.fixed.lines, *estimate.variable[case].lines)) for case in Case}
    for key in dict.fromkeys(line.key for line in estimate.fixed.lines if line.amount is not None):
        lines = [line for line in estimate.fixed.lines if line.key == key]
        yield Standing(
            price=key,
            quantity=sum((line.quantity or Decimal(0) for line in lines), Decimal(0)),
            usd={
                case: _rounded(Bill(tuple(line for line in bill.lines if line.key == key)).total)
                for case, bill in bills.items()
            },
        )


def _unknown(lines: list[CostLine]) -> Iterator[Unknown]:
    whose: dict[tuple[str, str], dict[str, None]] = {}
    for line in lines:
        if line.amount is None:
            whose.setdefault((line.key, line.depends_on), {})[line.name] = None
    for (price, depends_on), names in whose.items():
        yield Unknown(price=price, depends_on=depends_on, whose=tuple(names))


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(_PLACE)
