"""What a person sees of a run: its progress while it goes on, and what came of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.paths import LAST_RUN, REPORTS, ROOT
from local.run.outcome import Outcome, Status

_COLOURS = {Status.SUCCEEDED: "green", Status.PARTIAL: "yellow", Status.FAILED: "red"}


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
            yield Step(progress, task)
            detail = str(progress.tasks[0].fields["detail"])
        self.timings[name] = round(time.monotonic() - started, 2)
        self._console.print(
            f"[green]✓[/] {what} [dim]{detail} · {self.timings[name]:.1f} s[/]", highlight=False
        )


class Step:
    """A step at work."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def tell(self, detail: str) -> None:
        """Show what the step is doing."""
        self._progress.update(self._task, detail=detail)

    def tell_of(self, step: str, done: int = 0, total: int = 0) -> None:
        """Show what is being done, and how far it is."""
        self.tell(f"{step} {done}/{total}" if total else step)

    def reach(self, completed: int) -> None:
        """Show how far the step is."""
        self._progress.update(self._task, completed=completed)


def show(console: Console, outcome: Outcome) -> None:
    """Show what came of a run."""
    console.print(_regions(outcome))
    console.print(_metrics(outcome))
    for mail in outcome.notifications:
        console.print(
            Panel(mail.body, title=mail.subject, subtitle=mail.channel, title_align="left", width=100)
        )
    console.print(_outputs(outcome))
    console.print(_timings(outcome))
    done = sum(1 for region in outcome.regions if region.status == Status.SUCCEEDED)
    colour = _COLOURS[outcome.status]
    console.print(
        f"[bold {colour}]{outcome.status}[/]: {done} of {len(outcome.regions)} regions, run {outcome.run_id}, "
        f"{outcome.duration_seconds:.1f} s, {outcome.orphan_tasks} tasks left running",
        highlight=False,
    )
    if outcome.error:
        console.print(outcome.error, style=colour, highlight=False)
    console.print(
        f"Reports: {REPORTS.relative_to(ROOT)}/{outcome.run_id}/index.html   Facts: {LAST_RUN.relative_to(ROOT)}",
        highlight=False,
    )


def _regions(outcome: Outcome) -> Table:
    table = Table(title=f"Regions of {outcome.run_id}", title_justify="left")
    table.add_column("region", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("tries", justify="right")
    table.add_column("seconds", justify="right")
    table.add_column("error", overflow="fold")
    for region in outcome.regions:
        colour = "green" if region.status == Status.SUCCEEDED else "red"
        table.add_row(
            region.name,
            f"[{colour}]{region.status}[/]",
            str(region.attempts),
            f"{region.seconds:.1f}",
            region.error or "",
        )
    return table


def _metrics(outcome: Outcome) -> Table:
    table = Table(title="Metrics published", title_justify="left")
    table.add_column("metric")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for metric in outcome.metrics:
        table.add_row(metric.name, f"{metric.value:g}", metric.unit)
    return table


def _outputs(outcome: Outcome) -> Table:
    table = Table(title="Stack outputs", title_justify="left")
    table.add_column("output", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name, value in sorted(outcome.outputs.items()):
        table.add_row(name, str(value))
    return table


def _timings(outcome: Outcome) -> Table:
    table = Table(title="Time per step", title_justify="left")
    table.add_column("step")
    table.add_column("seconds", justify="right")
    for step, seconds in outcome.timings.items():
        table.add_row(step, f"{seconds:.1f}")
    return table
