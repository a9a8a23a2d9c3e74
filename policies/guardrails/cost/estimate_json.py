"""The JSON form of an estimate, which programs read and from which the tables are drawn."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from guardrails.cost.bill import Bill, Case, CostLine
from guardrails.cost.estimate import Estimate, MachineCost


def as_json(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate as JSON; amounts and quantities are texts, or null if they are unknown.

    The total of a month is the sum of `fixed`, of `variable`, and of each machine's `run` times `runs_a_month` and
    `skipped` times `skips_a_month`.
    """
    months = {case: estimate.month(case) for case in Case}
    return {
        "currency": "USD",
        "regions": list(estimate.regions),
        "as_of": str(estimate.as_of) if estimate.as_of else None,
        "month": {case: _month_json(months[case], estimate.month(case, free_tier=True)) for case in Case},
        "fixed": _bill_json(estimate.fixed),
        "variable": {case: _bill_json(estimate.variable[case]) for case in Case},
        "machines": [_machine_json(machine) for machine in estimate.machines],
        "depends_on": _names_by_missing_fact(estimate, months),
        "not_priced": {type_: list(names) for type_, names in estimate.not_priced.items()},
        "only_read": {type_: list(names) for type_, names in estimate.only_read.items()},
        "free": dict(estimate.free),
        "unverified_prices": sorted({price.key for price in estimate.prices_used if not price.verified}),
    }


def _month_json(bill: Bill, after_free_tier: Bill) -> dict[str, Any]:
    lines = zip(bill.lines, after_free_tier.lines, strict=True)
    return {
        **_bill_json(bill),
        "lines": [
            {**_line_json(line), "usd_with_free_tier": _text(reduced.amount)} for line, reduced in lines
        ],
        "total_with_free_tier": _text(after_free_tier.total),
    }


def _machine_json(machine: MachineCost) -> dict[str, Any]:
    return {
        "name": machine.name,
        "run": {case: _bill_json(machine.runs[case]) for case in Case},
        "runs_a_month": {case: _text(machine.runs_a_month(case)) for case in Case},
        "skipped": _bill_json(machine.skipped),
        "skips_a_month": {case: _text(machine.skips_a_month(case)) for case in Case},
        "every_starts": _text(machine.every_starts),
        "starts": [
            {
                "by": start.by,
                "a_month": start.a_month and {case: _text(start.a_month[case]) for case in Case},
                "is_enabled": start.is_enabled,
            }
            for start in machine.starts
        ],
    }


def _bill_json(bill: Bill) -> dict[str, Any]:
    return {
        "lines": [_line_json(line) for line in bill.lines],
        "total": _text(bill.total),
        "is_bounded": not bill.unbounded,
    }


def _line_json(line: CostLine) -> Mapping[str, Any]:
    return {
        "name": line.name,
        "service": line.service,
        "price": line.key,
        "quantity": _text(line.quantity),
        "unit": line.unit,
        "usd_each": _text(line.price.usd) if line.price else None,
        "usd": _text(line.amount),
        "depends_on": line.depends_on or None,
        "source": line.price.source if line.price else None,
    }


def _names_by_missing_fact(estimate: Estimate, months: Mapping[Case, Bill]) -> dict[str, list[str]]:
    """Return the missing facts of the unknown amounts, each with the names on the lines that depend on it."""
    names: dict[str, set[str]] = {}
    for line in _unknown(estimate, months):
        if line.name in estimate.not_priced.get(line.key, ()):
            continue
        names.setdefault(line.depends_on, set()).add(line.name)
    return {fact: sorted(names[fact]) for fact in sorted(names)}


def _unknown(estimate: Estimate, months: Mapping[Case, Bill]) -> Iterator[CostLine]:
    for case in Case:
        yield from months[case].unknown
    for machine in estimate.machines:
        for case in Case:
            yield from machine.runs[case].unknown


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
