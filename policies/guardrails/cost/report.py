"""An estimate as text and Markdown for people."""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from guardrails.cost.estimate import Estimate
from guardrails.cost.line import Bill, CostLine
from guardrails.cost.machine_cost import MachineCost
from guardrails.cost.months import Start
from guardrails.cost.run import Case

HEADINGS = ("what", "expected", "", "at worst", "")
Row = tuple[str, ...]

_CENT = Decimal("0.01")
_FRACTION = Decimal("0.0001")


def usd(amount: Decimal) -> str:
    """Return an amount as a person reads it, rounded: to cents, or finer where it is less than one."""
    if 0 < amount < _FRACTION:
        return f"<${_FRACTION}"
    place = _CENT if amount >= _CENT or not amount else _FRACTION
    return f"${amount.quantize(place, ROUND_HALF_UP):,}"


def as_text(estimate: Estimate, *, free_tier: bool = False) -> str:
    """Return an estimate as tables for a terminal; the month's is after the free tier where that is asked for."""
    return "\n\n".join(_sections(estimate, _aligned, free_tier=free_tier))


def as_markdown(estimate: Estimate, *, free_tier: bool = False) -> str:
    """Return an estimate as GitHub's Markdown; the month's table is after the free tier where that is asked for."""
    return "\n\n".join(_sections(estimate, _piped, free_tier=free_tier))


def totals(estimate: Estimate) -> list[Row]:
    """Return the totals of a month, expected and at worst, without and with the free tier."""
    rows: list[Row] = []
    for label, free in (("a month", False), ("a month with the free tier", True)):
        bills = [estimate.month(case, free_tier=free) for case in Case]
        rows.append((label, *(_total(bill) for bill in bills)))
    return rows


def _sections(estimate: Estimate, table: Callable[[Sequence[Row]], str], *, free_tier: bool) -> Iterator[str]:
    if not estimate.prices:
        yield "Nothing of this is billed by AWS."
        return
    doubtful = unverified(estimate)
    doubt = f"; {len(doubtful)} of them are not verified" if doubtful else ""
    yield f"Prices of {', '.join(estimate.regions)} as of {estimate.as_of.isoformat()}{doubt}."
    yield table([("", "expected", "at worst"), *totals(estimate)])
    expected, worst = (estimate.month(case, free_tier=free_tier) for case in Case)
    title = f"A month, {'after' if free_tier else 'without'} the free tier"
    yield f"{title}\n\n{table([HEADINGS, *_rows(expected, worst)])}"
    for machine in estimate.machines:
        yield f"A run of {machine.name}\n\n{table([HEADINGS, *_rows(*_runs(machine)), _run_total(machine)])}"
        yield _starts(machine)
    if unknown := unknown_lines(estimate):
        told = dict.fromkeys(f"- {line.name}: {line.depends_on}" for line in unknown)
        yield "\n".join(["What is in none of the amounts, since it depends on something:", "", *told])
    if estimate.not_priced:
        names = (f"- {type_}: {', '.join(of)}" for type_, of in estimate.not_priced.items())
        yield "\n".join(["Not priced, since the model does not know the type:", "", *names])


def _runs(machine: MachineCost) -> tuple[Bill, Bill]:
    return machine.runs[Case.EXPECTED], machine.runs[Case.WORST]


def _run_total(machine: MachineCost) -> Row:
    expected, worst = map(_total, _runs(machine))
    return ("a run", "", expected, "", worst)


def _starts(machine: MachineCost) -> str:
    if not machine.starts:
        return "Started by other machines only."
    started = f"Started in a month by {'; by '.join(map(_start, machine.starts))}."
    if machine.every_starts > 1:
        started += f" Of {quantity_text(machine.every_starts)} starts one goes the whole way."
    return started


def _start(start: Start) -> str:
    often = "an unknown number of" if start.a_month is None else quantity_text(start.a_month)
    return f"{start.by} {often} times{'' if start.is_enabled else ' once it is switched on'}"


def _rows(expected: Bill, worst: Bill) -> Iterator[Row]:
    """Return a row for each price: quantity and amount, expected and at worst."""
    keys = dict.fromkeys(line.key for bill in (expected, worst) for line in bill.lines)
    services: dict[str, list[str]] = {}
    for key in keys:
        service = next(line.service for bill in (expected, worst) for line in bill.lines if line.key == key)
        services.setdefault(service, []).append(key)
    for service, of_service in services.items():
        for key in of_service:
            one, other = ([line for line in bill.lines if line.key == key] for bill in (expected, worst))
            what = f"{service}, {key.replace('_', ' ')}"
            yield what, _quantity(one), _amount(one), _quantity(other), _amount(other)


def _quantity(lines: Sequence[CostLine]) -> str:
    known = [line.quantity for line in lines if line.quantity is not None]
    if not lines:
        return ""
    return quantity_text(sum(known, Decimal(0))) if known else "depends"


def _amount(lines: Sequence[CostLine]) -> str:
    if not lines:
        return "·"
    amounts = [line.amount for line in lines if line.amount is not None]
    return usd(sum(amounts, Decimal(0))) if amounts else "depends"


def _total(bill: Bill) -> str:
    return f"{usd(bill.total)} or more" if bill.unbounded else usd(bill.total)


def quantity_text(number: Decimal) -> str:
    """Return a quantity as a person reads it, rounded."""
    shown = number.quantize(_FRACTION, ROUND_HALF_UP).normalize()
    return f"{shown:,f}"


def unknown_lines(estimate: Estimate) -> list[CostLine]:
    """Return what is in none of the amounts, each once."""
    lines = [line for case in Case for line in estimate.month(case).unknown]
    lines += [line for machine in estimate.machines for case in Case for line in machine.runs[case].unknown]
    return list({(line.name, line.depends_on): line for line in lines}.values())


def unverified(estimate: Estimate) -> list[str]:
    """Return the keys of the prices that nobody has read at AWS."""
    lines = [line for case in Case for line in estimate.month(case).lines]
    return sorted({line.key for line in lines if line.price is not None and not line.price.verified})


def _aligned(rows: Sequence[Row]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:{'>' if place else '<'}{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _piped(rows: Sequence[Row]) -> str:
    heading, *others = rows
    ruler = ("---", *("--:" for _ in heading[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (heading, ruler, *others))
