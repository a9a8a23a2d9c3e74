"""The commands of `python -m guardrails`, and their exit codes.

- `time FILE [--items N] [--bounds FILE.json] [--express] [--json]`: 0 if the states of every machine in the file are
  bounded and their worst case is within the machine's own timeout, if it has one; 1 if not, or if the file cannot be
  read.
- `preview [PROJECT_FOLDER] [--stack NAME]… [--base FOLDER | --what-if [FILE.yaml]] [--output FILE]…`: 0 if the stacks
  have no mandatory violation; 1 if they have one; 3 if a preview failed or some rules did not run; 4 if some rules are
  evaluated only at the update, because they read a property that is not known yet.
- `limits migrate [FILE_OR_FOLDER] [--project NAME]`: 0 if the limits files are in the current form; 1 if one cannot be
  migrated, and none is.
- `cost PLAN_OR_STATE.json [--region REGION]…`: 0 if the estimate was printed; 1 if a file cannot be read, or a region
  has no prices.
- `prices refresh [--region REGION]…`: 0 if the prices were written; 1 if AWS's Price List did not answer.

All commands exit with 2 if the command line is wrong, with 74 (`EX_IOERR`) if the output cannot be written, as to a
full disk, and with 130 after Ctrl-C. A reader that closes the pipe early, such as `head`, does not change the exit
code.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from guardrails import limits_migration
from guardrails.cost import command as cost
from guardrails.cost.prices import command as prices
from guardrails.preview import command
from guardrails.preview import options as preview_options
from guardrails.time import command as time
from guardrails.visible import VisibleStream, visible


class _Parser(argparse.ArgumentParser):
    """A parser that does not accept abbreviated options, and neither do the parsers of its commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, print its output, and return its exit code."""
    output = io.StringIO()
    try:
        # Text from outside, such as names of states and messages of the engine, must not control the terminal.
        with redirect_stdout(output), redirect_stderr(VisibleStream(sys.stderr)):
            code = _run(arguments)
    finally:
        error = _print(visible(output.getvalue()))
    if error is None:
        return code
    print(
        f"the output cannot be written ({error.strerror}); free some space, or write it to another place.",
        file=sys.stderr,
    )
    return os.EX_IOERR


def _run(arguments: Sequence[str] | None) -> int:
    parser = _Parser(prog="guardrails", description="Check a Pulumi plan before it is deployed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    time.add_arguments(commands.add_parser("time", help="show the longest running time of a state machine"))
    preview = commands.add_parser("preview", help="preview stacks of a Pulumi project with the guardrails")
    preview_options.add_arguments(preview)
    cost.add_arguments(commands.add_parser("cost", help="estimate the cost of a stack"))
    prices.add_arguments(commands.add_parser("prices", help="update the prices that estimates use"))
    limits_migration.add_arguments(
        commands.add_parser("limits", help="write limits files in the current form")
    )
    options = parser.parse_args(arguments)
    if options.command == "time":
        return time.run(options)
    if options.command == "cost":
        return cost.run(options)
    if options.command == "limits":
        return limits_migration.run(options)
    if options.command == "prices":
        return prices.run(options)
    preview_options.check(options, preview)
    return command.run(options)


def _print(text: str) -> OSError | None:
    """Print a text, and return the error if it cannot be written."""
    # Escape what cannot be encoded: a lone surrogate ("\ud800" in JSON), and what the terminal's encoding lacks.
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), end="", flush=True)
    except OSError as error:
        # Discard the rest, or Python tries again at exit: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A closed pipe is no error: the reading program, such as `head`, has read enough.
        return None if isinstance(error, BrokenPipeError) else error
    return None
