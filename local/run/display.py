"""What a person sees of a run: its progress while it goes on, and what came of it."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from rich.box import SIMPLE
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from local.object_path import KeyRefusedError, object_path
from local.paths import LAST_RUN, REPORTS, ROOT
from local.run.metered import quantities
from local.run.outcome import Outcome, Status
from local.terminal import visible

_COLOURS = {Status.SUCCEEDED: "green", Status.PARTIAL: "yellow", Status.FAILED: "red"}


class VisibleConsole(Console):
    """A console on which text by others steers no terminal: only what Rich adds itself does."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of what is printed, cleaned."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class Steps:
    """The steps of a run, one line each: done ones with their time, the one at work with what it is doing."""

    def __init__(self, console: Console) -> None:
        self.timings: dict[str, float] = {}
        self._console = console

    @contextmanager
    def step(self, name: str, what: str, total: int | None = None) -> Iterator["Step"]:
        """Show a step while it goes on, and its time when it is done."""
        started = time.monotonic()
        columns = [SpinnerColumn(), TextColumn("{task.description}")]
        if total is not None:
            columns += [BarColumn(bar_width=30), TextColumn("{task.completed:.0f}/{task.total:.0f}")]
        columns += [TextColumn("[dim]{task.fields[detail]}"), TimeElapsedColumn()]
        progress = Progress(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        )
        with progress:
            task = progress.add_task(what, total=total, detail="")
            this = Step(progress, task)
            yield this
            detail = str(progress.tasks[0].fields["detail"])
        self.timings[name] = round(time.monotonic() - started, 2)
        mark = "[red]✗[/]" if this.failed else "[green]✓[/]"
        self._console.print(f"{mark} {what} [dim]{detail} · {self.timings[name]:.1f} s[/]", highlight=False)


class Step:
    """A step at work."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.failed = False
        self._progress = progress
        self._task = task

    def tell(self, detail: str) -> None:
        """Show what the step is doing."""
        self._progress.update(self._task, detail=escape(detail))

    def fail(self, detail: str) -> None:
        """Show that what the step did has failed."""
        self.failed = True
        self.tell(detail)

    def tell_of(self, step: str, done: int = 0, total: int = 0) -> None:
        """Show what is being done, and how far it is."""
        self.tell(f"{step} {done}/{total}" if total else step)

    def reach(self, completed: int) -> None:
        """Show how far the step is."""
        self._progress.update(self._task, completed=completed)


def show(console: Console, outcome: Outcome) -> None:
    """Show what came of a run."""
    console.print(
        _regions(outcome) if outcome.regions else Text(_without_regions(outcome)), _metrics(outcome)
    )
    for mail in outcome.notifications:
        console.rule(Text(f"{mail.channel}  {mail.subject}"), align="left", style="dim")
        # Not folded, so that a link or a command can be copied.
        console.print(Text(mail.body), soft_wrap=True)
    console.rule(style="dim")
    console.print(_billed(outcome), _outputs(outcome), _timings(outcome))
    done = sum(1 for region in outcome.regions if region.status == Status.SUCCEEDED)
    how_many = f"{done} of {len(outcome.regions)} regions" if outcome.regions else "no region was begun"
    console.print(
        Text.assemble(
            (str(outcome.status), f"bold {_COLOURS[outcome.status]}"),
            f": {how_many}, run {outcome.run_id or 'without a name'}, "
            f"{outcome.duration_seconds:.1f} s, {outcome.orphan_tasks} tasks left running",
        )
    )
    if outcome.error:
        console.print(Text(outcome.error, style=_COLOURS[outcome.status]), soft_wrap=True)
    for refused in outcome.not_copied:
        console.print(Text(f"Not copied: {refused}"), soft_wrap=True)
    with suppress(KeyRefusedError):
        page = object_path(REPORTS, f"{outcome.run_id}/index.html")
        if page.exists():
            console.print(Text(f"Reports: {page.relative_to(ROOT)}"))
    console.print(Text(f"Facts: {LAST_RUN.relative_to(ROOT)}"))


def _without_regions(outcome: Outcome) -> str:
    run = f"Run {outcome.run_id}" if outcome.run_id else "The run"
    scheduled = f", scheduled for {outcome.scheduled_time}," if outcome.scheduled_time else ""
    return f"{run}{scheduled} has no summary of regions."


def _regions(outcome: Outcome) -> Table:
    looked_at = f", which looked at {' and '.join(outcome.periods)}" if outcome.periods else ""
    table = _table(
        f"Regions of run {outcome.run_id}{looked_at}", "region", "status", "tries>", "seconds>", "error"
    )
    for region in outcome.regions:
        table.add_row(
            Text(region.name),
            Text(region.status, style="green" if region.status == Status.SUCCEEDED else "red"),
            str(region.attempts),
            f"{region.seconds:.1f}",
            Text(region.error or ""),
        )
    return table


def _metrics(outcome: Outcome) -> Table:
    table = _table("Metrics published", "metric", "value>", "unit")
    for metric in outcome.metrics:
        table.add_row(Text(metric.name), f"{metric.value:g}", Text(metric.unit))
    return table


def _billed(outcome: Outcome) -> Table:
    table = _table("What AWS would have billed for the run (a task for 60 s at least)", "quantity>", "what")
    for quantity, what in quantities(outcome.metered):
        table.add_row(quantity, Text(what))
    return table


def _outputs(outcome: Outcome) -> Table:
    table = _table("Stack outputs", "output", "value")
    for name, value in sorted(outcome.outputs.items()):
        table.add_row(Text(name), Text(str(value)))
    return table


def _timings(outcome: Outcome) -> Table:
    table = _table("Time per step", "step", "seconds>")
    for step, seconds in outcome.timings.items():
        table.add_row(step, f"{seconds:.1f}")
    return table


def _table(title: str, *columns: str) -> Table:
    """Return a table; a column whose name ends in > is set to the right, the last one is folded where it is long."""
    table = Table(title=Text(title), title_justify="left", box=SIMPLE)
    for column in columns:
        table.add_column(
            column.rstrip(">"),
            justify="right" if column.endswith(">") else "left",
            no_wrap=column != columns[-1],
            overflow="fold",
        )
    return table
