"""`ccapi run`: the start of a run."""

import click

from cli.aws_errors import translated
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.next_commands import command
from cli.runs.run_input import LABEL_MAX_CHARACTERS, RunOptions, read_catalog
from cli.runs.starting import Started, start_execution


@click.command(cls=OperatorCommand)
@click.option(
    "--regions", "regions_count", type=click.IntRange(min=1), metavar="N", help="The first N by priority."
)
@click.option("--region", "regions", multiple=True, metavar="NAME", help="This region; may be repeated.")
@click.option("--no-scraping", is_flag=True, help="Skip market prices.")
@click.option("--force-refresh", is_flag=True, help="Fetch imagery and prices again instead of using caches.")
@click.option("--validate-only", is_flag=True, help="Check the input, secrets and buckets, and do no work.")
@click.option("--label", metavar="TEXT", help=f"A name in messages, at most {LABEL_MAX_CHARACTERS} letters.")
@click.option("--follow", "follows", is_flag=True, help="Follow the run until it ends.")
@pass_invocation
def run(invocation: Invocation, /, *, follows: bool, **options: object) -> int | None:
    """Start a run; without options it has the defaults of the stack."""
    chosen = RunOptions(**options)  # type: ignore[arg-type]
    given = chosen.document()
    with translated(invocation.stack):
        catalog = read_catalog(invocation.stack) if chosen.regions or chosen.regions_count else None
        for note in catalog.check(chosen) if catalog else ():
            invocation.output.note(f"Note: {note}")
        started = start_execution(invocation.stack, given, kind="manual", now=invocation.now())
    return report_start(invocation, started, started.name, follows=follows)


def report_start(invocation: Invocation, started: Started, run_name: str, *, follows: bool) -> int | None:
    """Print what was started; follow it if that was asked for, and return the exit code of its outcome."""
    output = invocation.output
    if follows:
        from cli.commands.follow import follow_execution  # noqa: PLC0415

        output.line(f"Started run {run_name}.")
        return follow_execution(invocation, started.arn, run_name)
    output.document({"run": run_name, "execution": started.arn, "input": started.given})
    output.line(f"Started run {run_name}.")
    if run_name != started.name:
        output.line(f"Execution: {started.name}")
    output.line(f"Input: {_words(started)}")
    output.line(f"To follow it: {command(invocation, 'follow', started.name)}")
    return None


def _words(started: Started) -> str:
    shown = [f"{name} {_value(value)}" for name, value in started.given.items()]
    return "; ".join(shown) or "the defaults of the stack"


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
