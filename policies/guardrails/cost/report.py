"""The tables and sentences of an estimate, as text and as Markdown, drawn from its JSON."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from guardrails.cost.bill import Case, price_title
from guardrails.cost.estimate import Estimate
from guardrails.cost.estimate_json import as_json
from guardrails.tables import Row, aligned, piped

_MANY_DIGITS = Context(prec=100)
"""Enough for every product of quantities that are declared."""

HEADINGS = ("item", "expected", "", "at worst", "")
Json = Mapping[str, Any]

_MONITORING = {"alarm_standard_month": "alarm metric", "dashboard_month": "dashboard"}
_CENT = Decimal("0.01")
_FRACTION = Decimal("0.0001")


def usd(amount: Decimal) -> str:
    """Return an amount rounded to cents, or to 4 places if it is less than a cent, as in `$1,234.50`."""
    if 0 < amount < _FRACTION:
        return f"<${_FRACTION}"
    place = _CENT if amount >= _CENT or not amount else _FRACTION
    return f"${amount.quantize(place, ROUND_HALF_UP, _MANY_DIGITS):,}"


def quantity_text(number: Decimal) -> str:
    """Return a quantity rounded to 4 places, as in `1,234.5`."""
    if 0 < number < _FRACTION:
        return f"<{_FRACTION}"
    shown = number.quantize(_FRACTION, ROUND_HALF_UP, _MANY_DIGITS).normalize(_MANY_DIGITS)
    return f"{shown:,f}"


def as_text(estimate: Estimate, *, free_tier: bool = False) -> str:
    """Return an estimate as tables for a terminal; `free_tier` takes the free tier off the table of the month."""
    return "\n\n".join(_sections(as_json(estimate), aligned, free_tier=free_tier))


def as_markdown(estimate: Estimate, *, free_tier: bool = False) -> str:
    """Return an estimate as GitHub Markdown; `free_tier` takes the free tier off the table of the month."""
    return "\n\n".join(_sections(as_json(estimate), piped, free_tier=free_tier))


def prices_sentence(costs: Json) -> str:
    """Return a sentence on the regions and the age of the prices of an estimate."""
    if not costs["as_of"]:
        is_billed = costs["not_priced"] or costs["depends_on"]
        return (
            "No price is known for these resources."
            if is_billed
            else "AWS bills nothing for these resources."
        )
    doubtful = len(costs["unverified_prices"])
    doubt = f"; {doubtful} of them are not verified" if doubtful else ""
    return f"Prices of {', '.join(costs['regions'])}, the oldest as of {costs['as_of']}{doubt}."


def total_rows(costs: Json) -> list[Row]:
    """Return the totals of a month, expected and at worst, without and with the free tier."""
    months = [costs["month"][case] for case in Case]
    return [
        ("a month", *(total_text(month) for month in months)),
        ("a month with the free tier", *(total_text(month, "total_with_free_tier") for month in months)),
    ]


def total_text(bill: Json, key: str = "total") -> str:
    """Return the total of a bill, with `or more` if the bill has no upper bound."""
    total = usd(Decimal(bill[key]))
    return total if bill["is_bounded"] else f"{total} or more"


def amount_text(lines: Sequence[Json], key: str = "usd") -> str:
    """Return the sum of the known amounts of some lines, or a dot if there is no line.

    If none is known, the text is `depends`, or `no price` if the quantities are known.
    """
    if not lines:
        return "·"
    amounts = [Decimal(line[key]) for line in lines if line[key] is not None]
    if amounts:
        return usd(sum(amounts, Decimal(0)))
    return "depends" if any(line["quantity"] is None for line in lines) else "no price"


def month_rows(costs: Json) -> list[Row]:
    """Return the table of a month by service, most expensive first, with the totals."""
    lines = {case: costs["month"][case]["lines"] for case in Case}
    services = dict.fromkeys(line["service"] for case in Case for line in lines[case])

    def of(service: str, case: Case) -> list[Json]:
        return [line for line in lines[case] if line["service"] == service]

    by_cost = sorted(services, key=lambda service: _sum(of(service, Case.WORST)), reverse=True)
    return [
        ("", "expected", "at worst"),
        *((service, *(amount_text(of(service, case)) for case in Case)) for service in by_cost),
        *total_rows(costs),
    ]


def dearest_first(costs: Json) -> list[Json]:
    """Return the machines, that with the most expensive worst run first."""

    def at_worst(machine: Json) -> tuple[bool, Decimal]:
        worst = machine["run"][Case.WORST]
        return not worst["is_bounded"], Decimal(worst["total"])

    return sorted(costs["machines"], key=at_worst, reverse=True)


def run_rows(costs: Json) -> list[Row]:
    """Return the table of the machines: the cost of a run and the runs a month, expected and in the worst case."""
    return [("", "a run", "at worst", "runs a month", "at worst"), *_run_rows(costs)]


def beyond_free_tier(costs: Json) -> list[str]:
    """Return a sentence on the alarms and dashboards beyond the free tier, or nothing if there are none."""
    beyond: list[str] = []
    for key, noun in _MONITORING.items():
        lines = [line for line in costs["month"][Case.EXPECTED]["lines"] if line["price"] == key]
        billed = [line for line in lines if line["usd_with_free_tier"] is not None]
        number = sum(Decimal(line["usd_with_free_tier"]) / Decimal(line["usd_each"]) for line in billed)
        if number:
            counted = f"{quantity_text(Decimal(number))} {noun}{'' if number == 1 else 's'}"
            beyond.append(f"{counted} ({amount_text(billed, 'usd_with_free_tier')} a month)")
    return [f"Beyond the free tier: {' and '.join(beyond)}."] if beyond else []


def left_out(costs: Json) -> dict[str, list[str]]:
    """Return the costs and resources that no amount includes, by the reason; empty lists are left out."""
    lists = {
        "Not in any amount, because it depends on a missing fact:": costs["depends_on"],
        "Not in any amount, because the model has no price for it:": _by_missing_price(costs),
        "Not in any amount, because the stack only reads it:": costs["only_read"],
    }
    return {
        reason: [f"{what}: {', '.join(names)}" for what, names in found.items()]
        for reason, found in lists.items()
        if found
    }


def _by_missing_price(costs: Json) -> dict[str, list[str]]:
    """Return the names of the resources without a price, by type and by the price that is missing if it is special."""
    unpriced = (
        line for line in costs["month"][Case.EXPECTED]["lines"] if line["price"] in costs["not_priced"]
    )
    why = {(line["price"], line["name"]): line["depends_on"] for line in unpriced}
    found: dict[str, list[str]] = {}
    for type_, names in costs["not_priced"].items():
        for name in names:
            missing = why.get((type_, name), "")
            is_of_type = not missing or type_ in missing
            found.setdefault(type_ if is_of_type else f"{type_}, {missing}", []).append(name)
    return found


def _sections(costs: Json, table: Callable[[Sequence[Row]], str], *, free_tier: bool) -> Iterator[str]:
    yield prices_sentence(costs)
    if costs["regions"] or costs["not_priced"] or costs["depends_on"]:
        yield from _tables(costs, table, free_tier=free_tier)
    for reason, items in left_out(costs).items():
        yield "\n".join([reason, "", *(f"- {item}" for item in items)])


def _tables(costs: Json, table: Callable[[Sequence[Row]], str], *, free_tier: bool) -> Iterator[str]:
    yield table([("", "expected", "at worst"), *total_rows(costs)])
    yield from beyond_free_tier(costs)
    title = f"A month, {'after' if free_tier else 'without'} the free tier"
    rows = _rows(costs["month"], "usd_with_free_tier" if free_tier else "usd")
    yield f"{title}\n\n{table([HEADINGS, *rows])}"
    for machine in costs["machines"]:
        run = machine["run"]
        total = ("a run", "", total_text(run[Case.EXPECTED]), "", total_text(run[Case.WORST]))
        yield f"A run of {machine['name']}\n\n{table([HEADINGS, *_rows(run), total])}"
        yield _starts(machine)


def _starts(machine: Json) -> str:
    if not machine["starts"]:
        return "Started only by other machines."
    started = f"Started in a month by {'; by '.join(map(_start, machine['starts']))}."
    if (every := Decimal(machine["every_starts"])) > 1:
        started += f" One in {quantity_text(every)} scheduled starts is expected to do the full run."
    return started


def _start(start: Json) -> str:
    return f"{start['by']} {_often(start['a_month'])}{'' if start['is_enabled'] else ' once it is enabled'}"


def _often(a_month: Json | None) -> str:
    if a_month is None:
        return "an unknown number of times"
    average, busiest = (quantity_text(Decimal(a_month[case])) for case in Case)
    return f"{average} times" if average == busiest else f"{average} times ({busiest} in the busiest month)"


def _rows(bills: Json, key: str = "usd") -> Iterator[Row]:
    """Yield a row for each price, by service: quantity and amount, expected and in the worst case."""
    both = [line for case in Case for line in bills[case]["lines"]]
    for service in dict.fromkeys(line["service"] for line in both):
        for price in dict.fromkeys(line["price"] for line in both if line["service"] == service):
            cells = [price_title(price)]
            for case in Case:
                lines = [line for line in bills[case]["lines"] if line["price"] == price]
                cells += [_quantity(lines), amount_text(lines, key)]
            yield cells


def _quantity(lines: Iterable[Json]) -> str:
    known = [line["quantity"] for line in lines]
    if not known:
        return ""
    quantities = [Decimal(quantity) for quantity in known if quantity is not None]
    return quantity_text(sum(quantities, Decimal(0))) if quantities else "depends"


def _run_rows(costs: Json) -> Iterator[Row]:
    for machine in dearest_first(costs):
        amounts = (total_text(machine["run"][case]) for case in Case)
        counts = (quantity_text(Decimal(machine["runs_a_month"][case])) for case in Case)
        yield (machine["name"], *amounts, *counts)


def _sum(lines: Sequence[Json]) -> Decimal:
    return sum((Decimal(line["usd"]) for line in lines if line["usd"] is not None), Decimal(0))
