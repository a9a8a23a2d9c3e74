"""`ccapi dashboard`: the page about all runs, as one file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.messages.deployed_reporter import reporter_settings
from cli.next_commands import command

if TYPE_CHECKING:
    from reporter.dashboard.history import History
    from reporter.dashboard.store import Store


@click.command(cls=OperatorCommand)
@click.option(
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("dashboard.html"),
    show_default=True,
    metavar="FILE",
    help="Write the page to this file.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the web browser.")
@click.option(
    "--rebuild",
    is_flag=True,
    help="First make the history in S3 again, from the summaries in S3 and the executions of 90 days.",
)
@pass_invocation
def dashboard(invocation: Invocation, file: Path, opens: bool, rebuild: bool) -> int:
    """Write the page about all runs: outcomes, durations, costs, regions, alarms and next starts.

    It needs no network and no server, so it can be sent to readers without access to AWS.
    """
    # Imported late: --help is quick without them.
    from cli.dashboard.clients import StackClients  # noqa: PLC0415
    from reporter.clock import Clock  # noqa: PLC0415
    from reporter.dashboard.facts import read_facts  # noqa: PLC0415
    from reporter.dashboard.history import HistoryError  # noqa: PLC0415
    from reporter.dashboard.page import page, page_document  # noqa: PLC0415
    from reporter.dashboard.store import NotWrittenError, Store  # noqa: PLC0415
    from reporter.words import count  # noqa: PLC0415

    stack, output = invocation.stack, invocation.output
    with translated(stack):
        settings, clients = reporter_settings(stack), StackClients(stack)
        store = Store(stack["s3_reports_bucket"], clients, Clock())
        try:
            history = _rebuilt(invocation, store) if rebuild else store.history()
        except HistoryError as error:
            raise OperatorError(
                f"the history of runs, history.json in the reports bucket, cannot be read: {error}",
                f"type `{command(invocation, 'dashboard', '--rebuild')}`",
            ) from None
        except NotWrittenError as error:
            raise OperatorError(
                f"the history of runs was not written: {error}",
                "type the command again, or check the permissions",
            ) from None
        now = invocation.now()
        document = page_document(history, settings, read_facts(settings, clients, now), now)
        if stack.is_local:
            # The console of AWS does not show the local stack.
            document |= {"reports_folder": None, "reports_access": None}
        html = page(document)
        if rebuild:
            store.write_page(html)
    try:
        file.write_text(html, encoding="utf-8")
    except OSError as error:
        raise OperatorError(
            f"{file} cannot be written: {error.strerror or type(error).__name__}",
            "name another file with --output",
            ExitCode.WRONG_COMMAND_LINE,
        ) from None
    output.document({"file": str(file), **document})
    output.line(f"Wrote {file}, the page about {count(len(history.runs), 'run')}.")
    if not history.runs:
        output.note(
            "The history has no run yet. To look for runs from before it was kept: "
            f"{command(invocation, 'dashboard', '--rebuild')}"
        )
    if opens:
        click.launch(file.resolve().as_uri())
    return ExitCode.OK


def _rebuilt(invocation: Invocation, store: "Store") -> "History":
    """Write the history again, and return it."""
    from cli.dashboard.rebuild import read_executions, read_summaries, rebuilt  # noqa: PLC0415
    from cli.runs.reading import Runs  # noqa: PLC0415

    summaries = read_summaries(invocation.stack)
    executions = read_executions(Runs(invocation.stack, invocation.now))
    return store.change(lambda known: rebuilt(known, summaries, executions, invocation.now()))
