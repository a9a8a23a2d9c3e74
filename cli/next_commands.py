"""The commands that the operator may type next."""

import os
import re
import shlex

from cli.invocation import Invocation
from cli.local_stack import LOCAL
from cli.runs.run import Status

_LINE = re.compile(r"`(ccapi (?!local )[^`]+)`")


def command(invocation: Invocation, *words: str) -> str:
    """Return a line of `ccapi` for the same stack, e.g. `ccapi redo 2026-W48`."""
    return ccapi_line(invocation.stack_name, *words)


def ccapi_line(stack_name: str, *words: str) -> str:
    """Return a line of `ccapi` for a stack; the option is left out where commands are for that stack without it."""
    return shlex.join(["ccapi", *words, *_stack_option(stack_name)])


def with_stack(text: str, stack_name: str) -> str:
    """Return a sentence whose lines of `ccapi`, between backticks, are for the same stack."""
    option = shlex.join(_stack_option(stack_name))
    if not option:
        return text
    return _LINE.sub(lambda line: line[0] if "--stack" in line[1] else f"`{line[1]} {option}`", text)


def _stack_option(stack_name: str) -> list[str]:
    """Return the option that names a stack, unless it is the one that commands are for without it."""
    default = os.environ.get("CCAPI_STACK") or LOCAL
    return [] if stack_name == default else ["--stack", stack_name]


def next_commands(
    invocation: Invocation, run: str, status: Status, *, is_refused: bool = False
) -> list[tuple[str, str]]:
    """Return commands for a run of a status, each with its purpose; a refused input needs another run."""
    match status:
        case Status.RUNNING:
            return [
                ("To follow it", command(invocation, "follow", run)),
                ("To stop it", command(invocation, "stop", run)),
            ]
        case Status.SUCCEEDED:
            return [("To list its reports", command(invocation, "reports", run))]
        case Status.SKIPPED:
            return [("To start it all the same", command(invocation, "redo", run))]
        case Status.VALIDATED | Status.INVALID:
            return []
    again = (
        ("To start a run with another input", command(invocation, "run", "--help"))
        if is_refused
        else ("To do what is missing", command(invocation, "redo", run))
    )
    return [again, ("To read its log", command(invocation, "logs", run))]
