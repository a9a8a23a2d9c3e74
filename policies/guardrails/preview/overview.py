"""Several previews as one table: what each costs, how long it can run, and what it comes to."""

from collections.abc import Iterator, Sequence

from guardrails.cost.bill import Case
from guardrails.preview.beside import Base
from guardrails.preview.figures import dearest_machine, figures_of, month, run
from guardrails.preview.outcome import Preview
from guardrails.preview.section import Section
from guardrails.tables import Row

HEADINGS = ("", "a month", "at worst", "a run", "at worst", "longest run", "verdict")
NOTE = "A run is one of the machine whose worst run costs most."


def overview_of(previews: Sequence[Preview], base: Base | None) -> list[Section]:
    """Return what several stacks come to, and which are there no more; nothing where there is neither."""
    gone = [f"The stack {stack} is there no more." for stack in base.gone] if base else []
    if len(previews) < 2 and not gone:
        return []
    before = base.previews if base else {}
    rows = [(preview.stack, *_cells(before.get(preview.stack), preview)) for preview in previews]
    return [Section(title="All stacks", tables=[[HEADINGS, *rows]], sentences=[NOTE, *gone])]


def figure_cells(preview: Preview, machine: str) -> Row:
    """Return what a month costs, what a run of a machine costs, and how long the longest run of all can be."""
    figures = figures_of(preview)
    wanted = [month(case) for case in Case] + [run(machine, case) for case in Case]
    return (*(figures[one].text if one in figures else "·" for one in wanted), _longest(preview))


def duration_text(seconds: float) -> str:
    """Return a duration in hours and minutes, or in minutes and seconds where it is less than one hour."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min")) if hours else ((minutes, "min"), (left, "s"))
    return " ".join(f"{count:,} {unit}" for count, unit in parts if count) or "0 s"


def _cells(before: Preview | None, now: Preview) -> Iterator[str]:
    """Yield what a stack comes to, behind what it came to before where that is known and another."""
    machine = dearest_machine(now)
    compared = (before if before and before.report else now, now)
    for was, is_ in zip(*((*figure_cells(one, machine), str(one.verdict)) for one in compared), strict=True):
        yield is_ if was == is_ else f"{was} → {is_}"


def _longest(preview: Preview) -> str:
    machines = preview.report.get("machines", ())
    if any("unknown" in machine for machine in machines):
        return "not known"
    seconds = [machine["worst_case_seconds"] for machine in machines]
    if None in seconds:
        return "no bound"
    return duration_text(max(seconds)) if seconds else "·"
