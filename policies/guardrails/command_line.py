"""The command line.

`python -m guardrails time FILE.asl.json [--items N] [--json]` exits with 0 when the states are bounded and their worst
case is within the machine's own timeout (or it has none), with 1 when they are not or the file cannot be read.

`python -m guardrails preview [PROJECT_FOLDER] [--stack NAME]… [--base FOLDER | --what-if [FILE.yaml]]` exits with 0
when nothing mandatory is refused of the stacks as they are, with 1 when something is, and with 3 when one could not be
previewed.

`python -m guardrails cost PLAN_OR_STATE.json [--region REGION]…` exits with 0 when it printed what the stack costs, and
with 1 when a file cannot be read or the region has no prices.

`python -m guardrails prices refresh [--region REGION]…` exits with 0 when the prices were written, and with 1 when the
Price List of AWS did not answer. Each exits with 2 when the command line is wrong. Whether what it prints is read to
its end, as by `head`, changes none of this; each exits with 74 when it cannot be written, as to a disk that is full,
and with 130 after Ctrl-C.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from guardrails import strict_json
from guardrails.cost import command as cost
from guardrails.cost.prices import command as prices
from guardrails.preview import command
from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds
from guardrails.time.fields import MAX_ITEMS
from guardrails.time.report import as_json, as_text
from guardrails.visible import VisibleStream, visible


class _Parser(argparse.ArgumentParser):
    """A parser, as those of its commands, that takes an option by its whole name only."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, print what it tells, and return its exit code."""
    told = io.StringIO()
    try:
        # Text by others, such as names of states and messages of engines, must not steer the terminal.
        with redirect_stdout(told), redirect_stderr(VisibleStream(sys.stderr)):
            code = _run(arguments)
    finally:
        error = _print(visible(told.getvalue()))
    if error is None:
        return code
    _refuse(
        f"what this tells could not be written ({error.strerror}); make room for it, or write it elsewhere"
    )
    return os.EX_IOERR


def _run(arguments: Sequence[str] | None) -> int:
    parser = _Parser(prog="guardrails", description="Judge a plan before it is deployed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    time = commands.add_parser("time", help="tell how long a state machine can run")
    _add_time_arguments(time)
    preview = commands.add_parser("preview", help="preview stacks of a Pulumi project with the guardrails")
    command.add_arguments(preview)
    cost.add_arguments(commands.add_parser("cost", help="tell what a stack costs"))
    prices.add_arguments(commands.add_parser("prices", help="keep the prices that costs are estimated with"))
    options = parser.parse_args(arguments)
    if options.command == "time":
        return _time(options)
    if options.command == "cost":
        return cost.run(options)
    if options.command == "prices":
        return prices.run(options)
    command.check(options, preview)
    return command.run(options)


def _time(options: argparse.Namespace) -> int:
    try:
        definition = _read(options.file)
    except OSError as error:
        return _refuse(
            f"{options.file} cannot be read ({error.strerror}); name a file that holds a state machine"
        )
    except (ValueError, RecursionError) as error:
        why = str(error) or type(error).__name__
        return _refuse(f"{options.file} is not JSON ({why}); write the machine's definition as AWS reads it")
    analysis = analyse(definition, Bounds(items=options.items))
    print(json.dumps(as_json(analysis), indent=2) if options.json else as_text(analysis))
    return 0 if analysis.is_bounded and analysis.is_within_timeout else 1


def _add_time_arguments(time: argparse.ArgumentParser) -> None:
    time.description = (
        "Tell how long the states of a machine can take at most, and which path is the slowest."
    )
    time.epilog = (
        "Exit code 0: bounded, and within the machine's own timeout; 1: not, or the file cannot be read."
    )
    time.add_argument(
        "file", type=Path, metavar="FILE.asl.json", help="the machine in Amazon States Language"
    )
    time.add_argument(
        "--items",
        type=_count,
        metavar="N",
        help="the most items of a Map whose items are only known at run time",
    )
    time.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > MAX_ITEMS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of items; write 0 to {MAX_ITEMS}")
    return int(text)


def _read(path: Path) -> Any:
    return strict_json.loads(path.read_text(encoding="utf-8"))


def _print(text: str) -> OSError | None:
    """Print a text, and return what kept it from being written."""
    # Half of a character, as "\ud800" in JSON, has no bytes, nor has what a terminal's encoding lacks.
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), end="", flush=True)
    except OSError as error:
        # What is left of it is not tried again: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Who closed a pipe has read enough.
        return None if isinstance(error, BrokenPipeError) else error
    return None


def _refuse(sentence: str) -> int:
    print(f"{sentence}.", file=sys.stderr)
    return 1
