"""`ccapi reports`: the files of a run in the reports bucket."""

from pathlib import Path

import click

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.messages.deployed_reporter import reporter_settings
from cli.next_commands import command
from cli.runs.argument import run_argument
from cli.runs.reading import Runs
from cli.runs.records import StoredFile
from cli.times import iso, minute

_KIB = 1024


@click.command(cls=OperatorCommand)
@run_argument()
@click.option(
    "--download",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the files into a folder, which is created if it does not exist.",
)
@pass_invocation
def reports(invocation: Invocation, named: str | None, folder: Path | None) -> int:
    """List the files of RUN, or of the newest run; the page to begin with is index.html."""
    with translated(invocation.stack):
        runs = Runs(invocation.stack, invocation.now)
        run = runs.find(named).run.name
        prefix = runs.records.prefix(run)
        files = runs.records.reports(run)
        if not files:
            raise OperatorError(
                f"run {run} has no reports yet", f"type `{command(invocation, 'show', run)}` to see its state"
            )
        if folder is not None:
            return _download(invocation, run, files, prefix, folder)
        from reporter import links  # noqa: PLC0415

        link = links.reports(reporter_settings(invocation.stack), run)
    bucket = invocation.stack["s3_reports_bucket"]
    invocation.output.document(
        {
            "run": run,
            "bucket": bucket,
            "link": link.url,
            "files": [
                {"key": file.key, "bytes": file.size, "modified": iso(file.modified)} for file in files
            ],
        }
    )
    rows = [(file.key.removeprefix(prefix), size(file.size), minute(file.modified)) for file in files]
    invocation.output.table(("file", "size", "written (UTC)"), rows, right=("size",))
    if not invocation.stack.is_local:
        invocation.output.line(f"In the console ({link.access}): {link.url}")
    invocation.output.line(f"To download them: {command(invocation, 'reports', run, '--download', run)}")
    return ExitCode.OK


def _download(
    invocation: Invocation, run: str, files: list[StoredFile], prefix: str, folder: Path
) -> ExitCode:
    from cli.runs.downloads import download  # noqa: PLC0415

    done = download(invocation.stack, files, prefix, folder)
    output = invocation.output
    output.document({"run": run, "files": [str(path) for path in done.paths], "refused": list(done.refused)})
    output.line(f"Downloaded {len(done.paths)} files of run {run} to {folder}.")
    if (page := folder / "index.html") in done.paths:
        output.line(f"Page: {page}")
    for reason in done.refused:
        output.note(f"Not downloaded: {reason}")
    return ExitCode.FAILED if done.refused else ExitCode.OK


def size(number: int) -> str:
    """Return a number of bytes, e.g. `92.1 KB`."""
    if number < _KIB:
        return f"{number} B"
    if number < _KIB * _KIB:
        return f"{number / _KIB:.1f} KB"
    return f"{number / _KIB / _KIB:.1f} MB"
