"""The display of a run in a terminal: its progress while it works, and its result."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.text import Text

from local.run.details import details
from local.run.kept_stack import KeptStack
from local.run.outcome import Outcome
from local.run.summary import summary
from local.terminal import visible


class VisibleConsole(Console):
    """A console that escapes control characters in text, so that only Rich's own reach the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of a renderable with their control characters escaped."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class Steps:
    """The steps of a run, one line each: finished steps with their time, the current one with its progress."""

    def __init__(self, console: Console) -> None:
        self.timings: dict[str, float] = {}
        self._console = console

    @contextmanager
    def step(self, name: str, title: str, total: int | None = None) -> Iterator["Step"]:
        """Show a step while it works, and its time once it is finished."""
        started = time.monotonic()
        columns = [SpinnerColumn(), TextColumn("{task.description}")]
        if total is not None:
            columns += [BarColumn(bar_width=30), TextColumn("{task.completed:.0f}/{task.total:.0f}")]
        columns += [TextColumn("[dim]{task.fields[detail]}"), TimeElapsedColumn()]
        progress = Progress(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        )
        with progress:
            task = progress.add_task(title, total=total, detail="")
            this = Step(progress, task)
            yield this
            detail = str(progress.tasks[0].fields["detail"])
        self.timings[name] = round(time.monotonic() - started, 2)
        mark = "[red]✗[/]" if this.failed else "[green]✓[/]"
        facts = " · ".join(filter(None, (detail, f"{self.timings[name]:.1f} s")))
        self._console.print(f"{mark} {title} [dim]{facts}[/]", highlight=False)


class Step:
    """The current step."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self.failed = False
        self._progress = progress
        self._task = task

    def describe(self, detail: str) -> None:
        """Show a detail beside the title of the step."""
        self._progress.update(self._task, detail=escape(detail))

    def fail(self, detail: str) -> None:
        """Mark the step as failed, with the reason."""
        self.failed = True
        self.describe(detail)

    def describe_progress(self, step: str, done: int = 0, total: int = 0) -> None:
        """Show a part of the step, with its count if there is a total."""
        self.describe(f"{step} {done}/{total}" if total else step)

    def advance_to(self, completed: int) -> None:
        """Set the progress bar."""
        self._progress.update(self._task, completed=completed)


def show(
    console: Console,
    outcome: Outcome,
    *,
    verbose: bool = False,
    arguments: Sequence[str] = (),
    notes: Sequence[str] = (),
    kept: KeptStack | None = None,
) -> None:
    """Print the summary of a run, and above it the details if the options ask for them."""
    if verbose:
        for part in details(outcome, width=console.width):
            # Text is not folded, so that a link or a command can be copied.
            console.print(part, soft_wrap=isinstance(part, Text))
    for line in summary(outcome, width=console.width, arguments=arguments, notes=notes, kept=kept):
        console.print(line, soft_wrap=True)
