"""What a stack costs at a glance, drawn from an estimate's JSON: a month by service, and a run of each machine."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from guardrails.cost.bill import Case
from guardrails.cost.report import Json, amount_text, quantity_text, total_rows, total_text
from guardrails.tables import Row


def month_rows(costs: Json) -> list[Row]:
    """Return what each service bills for a month, expected and at worst, the dearest first, and the totals."""
    lines = {case: costs["month"][case]["lines"] for case in Case}
    services = dict.fromkeys(line["service"] for case in Case for line in lines[case])

    def of(service: str, case: Case) -> list[Json]:
        return [line for line in lines[case] if line["service"] == service]

    dearest_first = sorted(services, key=lambda service: _sum(of(service, Case.WORST)), reverse=True)
    return [
        ("", "expected", "at worst"),
        *((service, *(amount_text(of(service, case)) for case in Case)) for service in dearest_first),
        *total_rows(costs),
    ]


def dearest_first(costs: Json) -> list[Json]:
    """Return the machines, the one first of which a run may cost most."""

    def at_worst(machine: Json) -> tuple[bool, Decimal]:
        worst = machine["run"][Case.WORST]
        return not worst["is_bounded"], Decimal(worst["total"])

    return sorted(costs["machines"], key=at_worst, reverse=True)


def run_rows(costs: Json) -> list[Row]:
    """Return what a run of each machine costs, and how many there are in a month, expected and at worst."""
    return [("", "a run", "at worst", "runs a month", "at worst"), *_run_rows(costs)]


def _run_rows(costs: Json) -> Iterator[Row]:
    for machine in dearest_first(costs):
        amounts = (total_text(machine["run"][case]) for case in Case)
        counts = (quantity_text(Decimal(machine["runs_a_month"][case])) for case in Case)
        yield (machine["name"], *amounts, *counts)


def _sum(lines: Sequence[Json]) -> Decimal:
    return sum((Decimal(line["usd"]) for line in lines if line["usd"] is not None), Decimal(0))
