"""The display of a snapshot in a terminal."""

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli.runs.snapshot import Snapshot
from guardrails.visible import one_line

_BAR_WIDTH = 40
_MOST_WORKERS = 12
_STATE = 4


def display(snapshot: Snapshot) -> RenderableType:
    """Return the display: the state, the regions, the times and the workers."""
    planned, done = len(snapshot.progress.planned), len(snapshot.progress.done)
    parts: list[RenderableType] = [
        Text.assemble(
            ("Run ", "bold"), (one_line(snapshot.execution.run), "bold"), f"  {one_line(snapshot.state)}"
        )
    ]
    if planned:
        bar = Table.grid(padding=(0, 1))
        bar.add_row(ProgressBar(total=planned, completed=done, width=_BAR_WIDTH), snapshot.regions)
        parts.append(bar)
    facts = (snapshot.elapsed, snapshot.beat, snapshot.cost)
    parts.append(Text(" · ".join(fact for fact in facts if fact)))
    if snapshot.workers:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("shard", "attempt", "size", "capacity", "state", "time"):
            table.add_column(column, justify="right" if column in {"shard", "attempt", "time"} else "left")
        # Those that succeeded come last, so that the ones that matter fit into the terminal.
        rows = sorted(snapshot.rows(), key=lambda row: row[_STATE] == "succeeded")
        for row in rows[:_MOST_WORKERS]:
            table.add_row(*map(one_line, row))
        parts.append(table)
        if hidden := rows[_MOST_WORKERS:]:
            parts.append(Text(f"and {len(hidden)} more; {snapshot.shards}"))
    parts.append(Text("Ctrl-C leaves the run going.", style="dim"))
    return Group(*parts)
