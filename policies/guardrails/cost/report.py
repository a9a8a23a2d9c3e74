"""An estimate as text and Markdown for people, drawn from its JSON."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from guardrails.cost.as_json import as_json
from guardrails.cost.bill import Case, price_title
from guardrails.cost.estimate import Estimate
from guardrails.tables import Row, aligned, piped

HEADINGS = ("what", "expected", "", "at worst", "")
Json = Mapping[str, Any]

_WATCHING = {"alarm_standard_month": "alarm metric", "dashboard_month": "dashboard"}
_CENT = Decimal("0.01")
_FRACTION = Decimal("0.0001")


def usd(amount: Decimal) -> str:
    """Return an amount as a person reads it, rounded: to cents, or finer where it is less than one."""
    if 0 < amount < _FRACTION:
        return f"<${_FRACTION}"
    place = _CENT if amount >= _CENT or not amount else _FRACTION
    return f"${amount.quantize(place, ROUND_HALF_UP):,}"


def quantity_text(number: Decimal) -> str:
    """Return a quantity as a person reads it, rounded."""
    if 0 < number < _FRACTION:
        return f"<{_FRACTION}"
    shown = number.quantize(_FRACTION, ROUND_HALF_UP).normalize()
    return f"{shown:,f}"


def as_text(estimate: Estimate, *, free_tier: bool = False) -> str:
    """Return an estimate as tables for a terminal; the month's is after the free tier where that is asked for."""
    return "\n\n".join(_sections(as_json(estimate), aligned, free_tier=free_tier))


def as_markdown(estimate: Estimate, *, free_tier: bool = False) -> str:
    """Return an estimate as GitHub's Markdown; the month's table is after the free tier where that is asked for."""
    return "\n\n".join(_sections(as_json(estimate), piped, free_tier=free_tier))


def prices_sentence(costs: Json) -> str:
    """Return which prices an estimate reckons with."""
    if not costs["regions"]:
        return "No price of this is known." if costs["not_priced"] else "Nothing of this is billed by AWS."
    doubtful = len(costs["unverified_prices"])
    doubt = f"; {doubtful} of them are not verified" if doubtful else ""
    oldest = f", the oldest as of {costs['as_of']}" if costs["as_of"] else ""
    return f"Prices of {', '.join(costs['regions'])}{oldest}{doubt}."


def total_rows(costs: Json) -> list[Row]:
    """Return the totals of a month, expected and at worst, without and with the free tier."""
    months = [costs["month"][case] for case in Case]
    return [
        ("a month", *(total_text(month) for month in months)),
        ("a month with the free tier", *(total_text(month, "total_with_free_tier") for month in months)),
    ]


def total_text(bill: Json, key: str = "total") -> str:
    """Return what a bill comes to; what has no most is told to be more."""
    total = usd(Decimal(bill[key]))
    return total if bill["is_bounded"] else f"{total} or more"


def amount_text(lines: Sequence[Json], key: str = "usd") -> str:
    """Return what some lines of a bill come to, as far as it is known."""
    if not lines:
        return "·"
    amounts = [Decimal(line[key]) for line in lines if line[key] is not None]
    return usd(sum(amounts, Decimal(0))) if amounts else "depends"


def beyond_free_tier(costs: Json) -> list[str]:
    """Return the sentence on what watches the stack and is more than the free tier has, where anything is."""
    beyond: list[str] = []
    for key, what in _WATCHING.items():
        lines = [line for line in costs["month"][Case.EXPECTED]["lines"] if line["price"] == key]
        billed = [line for line in lines if line["usd_with_free_tier"] is not None]
        number = sum(Decimal(line["usd_with_free_tier"]) / Decimal(line["usd_each"]) for line in billed)
        if number:
            counted = f"{quantity_text(Decimal(number))} {what}{'' if number == 1 else 's'}"
            beyond.append(f"{counted} ({amount_text(billed, 'usd_with_free_tier')} a month)")
    return [f"Beyond the free tier: {' and '.join(beyond)}."] if beyond else []


def left_out(costs: Json) -> dict[str, list[str]]:
    """Return what is in none of the amounts, by the reason: a list each, where there is anything on it."""
    lists = {
        "What is in none of the amounts, since it depends on something:": costs["depends_on"],
        "Not priced, since the model does not know the type:": costs["not_priced"],
        "Only read by the stack, so that it is on another's bill:": costs["only_read"],
    }
    return {
        reason: [f"{what}: {', '.join(names)}" for what, names in found.items()]
        for reason, found in lists.items()
        if found
    }


def _sections(costs: Json, table: Callable[[Sequence[Row]], str], *, free_tier: bool) -> Iterator[str]:
    yield prices_sentence(costs)
    if costs["regions"]:
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
        return "Started by other machines only."
    started = f"Started in a month by {'; by '.join(map(_start, machine['starts']))}."
    if (every := Decimal(machine["every_starts"])) > 1:
        started += f" Of {quantity_text(every)} starts by the clock one is expected to go the whole way."
    return started


def _start(start: Json) -> str:
    return (
        f"{start['by']} {_often(start['a_month'])}{'' if start['is_enabled'] else ' once it is switched on'}"
    )


def _often(a_month: Json | None) -> str:
    if a_month is None:
        return "an unknown number of times"
    average, busiest = (quantity_text(Decimal(a_month[case])) for case in Case)
    return f"{average} times" if average == busiest else f"{average} times ({busiest} in the busiest)"


def _rows(bills: Json, key: str = "usd") -> Iterator[Row]:
    """Return a row for each price, by service: quantity and amount, expected and at worst."""
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
