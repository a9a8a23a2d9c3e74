"""An estimate as JSON for programs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from guardrails.cost.estimate import Estimate
from guardrails.cost.line import Bill, CostLine
from guardrails.cost.machine_cost import MachineCost
from guardrails.cost.report import unknown_lines, unverified
from guardrails.cost.run import Case


def as_json(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate as JSON; amounts and quantities are texts, and null where they are not known."""
    return {
        "currency": "USD",
        "regions": list(estimate.regions),
        "as_of": estimate.as_of.isoformat() if estimate.prices else None,
        "fixed": _bill_json(estimate.fixed),
        "machines": [_machine_json(machine) for machine in estimate.machines],
        "month": {
            case: {
                "total": _text(estimate.month(case).total),
                "total_with_free_tier": _text(estimate.month(case, free_tier=True).total),
                "is_bounded": not estimate.month(case).unbounded,
            }
            for case in Case
        },
        "depends_on": [f"{line.name}: {line.depends_on}" for line in unknown_lines(estimate)],
        "not_priced": {type_: list(names) for type_, names in estimate.not_priced.items()},
        "free": dict(estimate.free),
        "unverified_prices": unverified(estimate),
    }


def _machine_json(machine: MachineCost) -> dict[str, Any]:
    return {
        "name": machine.name,
        "run": {case: _bill_json(machine.runs[case]) for case in Case},
        "runs_a_month": {case: _text(machine.runs_a_month(case)) for case in Case},
        "starts": [
            {"by": start.by, "a_month": _text(start.a_month), "is_enabled": start.is_enabled}
            for start in machine.starts
        ],
    }


def _bill_json(bill: Bill) -> dict[str, Any]:
    return {"lines": [_line_json(line) for line in bill.lines], "total": _text(bill.total)}


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


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
