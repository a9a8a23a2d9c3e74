"""The argument RUN of commands, with the names that a shell completes."""

from collections.abc import Callable
from itertools import islice
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from cli.invocation import Invocation

_F = TypeVar("_F", bound=Callable[..., Any])
_COMPLETED = 20


def run_argument(*, required: bool = False) -> Callable[[_F], _F]:
    """Return the decorator for the argument: the name of a run, an execution's name or ARN, or `latest`."""
    return click.argument(
        "named", metavar="RUN" if required else "[RUN]", required=required, shell_complete=_names
    )


def _names(context: click.Context, _argument: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the names of the newest runs that begin with a text; without a stack, a shell completes nothing."""
    from cli.runs.executions import Executions  # noqa: PLC0415

    invocation = context.ensure_object(Invocation)
    try:
        executions = Executions(invocation.stack, invocation.now)
        newest = executions.read_all(islice(executions.listed(), _COMPLETED))
    except Exception:  # noqa: BLE001 - a shell that completes a word has no place for an error
        return []
    names = dict.fromkeys(["latest", *(each.run for each in newest)])
    return [CompletionItem(name) for name in names if name.startswith(begun)]
