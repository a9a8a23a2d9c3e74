"""The commands that the operator may type next."""

import os
import shlex

from cli.invocation import Invocation
from cli.local_stack import LOCAL
from cli.runs import Status


def command(invocation: Invocation, *words: str) -> str:
    """Return a line of `ccapi` for the same stack, e.g. `ccapi redo 2026-W48`."""
    default = os.environ.get("CCAPI_STACK") or LOCAL
    stack = [] if invocation.stack_name == default else ["--stack", invocation.stack_name]
    return shlex.join(["ccapi", *words, *stack])


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
