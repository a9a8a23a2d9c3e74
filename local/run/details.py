"""The details of a run that `--verbose` prints: every region, message, metric, amount, stack output and step."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from local.run.layout import paragraph
from local.run.metered import quantities
from local.run.outcome import Outcome, Status


def details(outcome: Outcome, *, width: int) -> Iterator[RenderableType]:
    """Yield the details; what can be copied, such as an ARN, is on a line of its own where a column is too narrow."""
    if outcome.regions:
        yield _regions(outcome)
    yield _table(
        "Metrics published",
        ("metric", "value>", "unit"),
        [(metric.name, f"{metric.value:g}", metric.unit) for metric in outcome.metrics],
    )
    for mail in outcome.notifications:
        yield Text(f"\n{mail.channel}  {mail.subject}", "bold")
        yield Text(mail.body)
    yield Text("\nWhat AWS would have billed for the run", "bold")
    for quantity, what in quantities(outcome.metered):
        yield from paragraph(f"{what}: {quantity}", width=width, rows=3, indent="  ")
    yield Text("\nStack outputs", "bold")
    yield from _pairs(sorted((name, _text(value)) for name, value in outcome.outputs.items()), width)
    yield _table(
        "\nTime per step",
        ("step", "seconds>"),
        [(step, f"{seconds:.1f}") for step, seconds in outcome.timings.items()],
    )
    for refused in outcome.not_copied:
        yield Text(f"Not copied: {refused}")


def _regions(outcome: Outcome) -> Table:
    periods = f" of {' and '.join(outcome.periods)}" if outcome.periods else ""
    table = _table(f"Regions{periods} in run {outcome.run_id}", ("region", "status", "tries>", "seconds>"))
    for region in outcome.regions:
        style = "green" if region.status == Status.SUCCEEDED else "red"
        status = Text(region.status, style)
        table.add_row(Text(region.name), status, str(region.attempts), f"{region.seconds:.1f}")
    return table


def _text(output: Any) -> str:
    """Return an output as text, with a list's items on lines of their own."""
    return "\n    ".join(output) if isinstance(output, list) else str(output)


def _pairs(pairs: Sequence[tuple[str, str]], width: int) -> Iterator[Text]:
    """Yield names with their values in two columns, or each value below its name if the columns are too wide."""
    column = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        if 2 + column + 2 + len(value) <= width:
            yield Text(f"  {name:<{column}}  {value}")
        else:
            yield Text(f"  {name}\n    {value}")


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Table:
    """Return a table; a column whose name ends in > is aligned to the right."""
    table = Table(title=Text(title, "bold"), title_justify="left", title_style="", box=None, pad_edge=False)
    for column in columns:
        table.add_column(
            column.rstrip(">"), justify="right" if column.endswith(">") else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table
