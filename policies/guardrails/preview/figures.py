"""The figures by which previews are compared: costs, running times and the number of resources."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter

from guardrails.cost.bill import OPEN_ENDED, Case, price_title
from guardrails.cost.report import Json, dearest_first, total_text, usd
from guardrails.preview.preview_result import Preview
from guardrails.time.worst import count_text

_CASES = {Case.EXPECTED: "expected", Case.WORST: "at worst"}
_NOTHING = Decimal(0)
# Resources are registered in any order, so that the last digits of a sum may differ between previews.
_LEAST_USD = Decimal("1e-9")


class Unit(StrEnum):
    """The unit of a figure."""

    USD = "USD"
    SECONDS = "seconds"
    DURATION = "duration"
    """Seconds that are shown in hours and minutes."""
    RESOURCES = "resources"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number, and its text for people."""

    unit: Unit
    value: Decimal | None
    """None if there is no bound; then there is no difference to it either."""
    text: str


def month_name(case: Case) -> str:
    """Return the name of the figure for the cost of a month."""
    return f"a month, {_CASES[case]}"


def run_name(machine: str, case: Case) -> str:
    """Return the name of the figure for the cost of a machine's run."""
    return f"a run of {machine}, {_CASES[case]}"


def figures_of(preview: Preview) -> dict[str, Figure]:
    """Return the known figures of a preview by name."""
    return dict(_figures(preview.report)) if preview.report else {}


def prices_of(preview: Preview, case: Case) -> dict[str, Figure]:
    """Return the known costs of a month by price; usage without a bound and a missing price count as unbounded."""
    found: dict[str, list[str | None]] = {}
    for line in preview.report["cost"].get("month", {}).get(case, {}).get("lines", ()):
        if line["quantity"] is not None or line["price"].startswith(OPEN_ENDED):
            found.setdefault(price_title(line["price"]), []).append(line["usd"])
    return {label: _cost(_bill(amounts)) for label, amounts in found.items()}


def dearest_machine(preview: Preview) -> str:
    """Return the machine with the most expensive worst run; empty if costs are unknown or there is none."""
    costs = preview.report.get("cost", {})
    return next((machine["name"] for machine in dearest_first(costs)), "") if "machines" in costs else ""


def longest_run(preview: Preview) -> Figure:
    """Return the longest run of all machines, in hours and minutes."""
    machines = preview.report.get("machines", ())
    seconds = [machine["worst_case_seconds"] for machine in machines if "unknown" not in machine]
    if len(seconds) < len(machines):
        return Figure(unit=Unit.DURATION, value=None, text="not known")
    if None in seconds:
        return Figure(unit=Unit.DURATION, value=None, text="no bound")
    longest = Decimal(str(max(seconds, default=0)))
    return Figure(unit=Unit.DURATION, value=longest, text=duration_text(longest) if machines else "·")


def duration_text(seconds: Decimal) -> str:
    """Return a duration in hours and minutes, or in minutes and seconds if it is less than one hour."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min")) if hours else ((minutes, "min"), (left, "s"))
    return " ".join(f"{count:,} {unit}" for count, unit in parts if count) or "0 s"


def difference_of(before: Figure | None, now: Figure | None) -> Decimal | None:
    """Return the difference of a figure, or None if it is unknown; a missing figure counts as 0."""
    values = [_NOTHING if figure is None else figure.value for figure in (before, now)]
    if None in values:
        return None
    was, is_ = (value or _NOTHING for value in values)
    return is_ - was


def difference_text(before: Figure | None, now: Figure | None) -> str:
    """Return the difference of a figure with its sign; a dot if it is 0 or unknown."""
    difference, figure = difference_of(before, now), now or before
    if not difference or figure is None:
        return "·"
    return f"{'+' if difference > 0 else '−'}{_text(figure.unit, abs(difference))}"


def _figures(report: Json) -> Iterator[tuple[str, Figure]]:
    costs = report["cost"]
    if "unknown" not in costs:
        yield from ((month_name(case), _cost(costs["month"][case])) for case in Case)
        for machine in sorted(costs["machines"], key=itemgetter("name")):
            yield from ((run_name(machine["name"], case), _cost(machine["run"][case])) for case in Case)
    for machine in report["machines"]:
        if "unknown" not in machine:
            name = machine["name"]
            yield f"the longest run of {name}", _time(machine["worst_case_seconds"], "no bound")
            yield f"the timeout of {name}", _time(machine["timeout_seconds"], "none")
    resources = Decimal(report["resources"])
    yield "resources", Figure(unit=Unit.RESOURCES, value=resources, text=_text(Unit.RESOURCES, resources))


def _bill(amounts: Sequence[str | None]) -> Json:
    total = sum((Decimal(amount) for amount in amounts if amount is not None), _NOTHING)
    return {"total": total, "is_bounded": None not in amounts}


def _cost(bill: Json) -> Figure:
    total = Decimal(bill["total"]).quantize(_LEAST_USD)
    value = total if bill["is_bounded"] else None
    return Figure(unit=Unit.USD, value=value, text=total_text({**bill, "total": total}))


def _time(seconds: float | None, otherwise: str) -> Figure:
    value = None if seconds is None else Decimal(str(seconds))
    text = otherwise if value is None else _text(Unit.SECONDS, value)
    return Figure(unit=Unit.SECONDS, value=value, text=text)


def _text(unit: Unit, value: Decimal) -> str:
    match unit:
        case Unit.USD:
            return usd(value)
        case Unit.SECONDS:
            return f"{count_text(float(value))} s"
        case Unit.DURATION:
            return duration_text(value)
        case Unit.RESOURCES:
            return count_text(float(value))
