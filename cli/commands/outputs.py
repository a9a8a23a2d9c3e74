"""`ccapi outputs`: the outputs of the stack, without starting Pulumi's engine."""

import difflib
from itertools import zip_longest

import click

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.next_commands import command


@click.command(cls=OperatorCommand)
@click.argument("name", metavar="[NAME]", required=False)
@pass_invocation
def outputs(invocation: Invocation, name: str | None) -> None:
    """Print the outputs of the stack, as of its last deployment, or the value of the output NAME alone."""
    found = dict(sorted(invocation.stack.outputs.items()))
    if name is None:
        _print_all(invocation, found)
        return
    if name not in found:
        nearest = difflib.get_close_matches(name, found, n=1)
        raise OperatorError(
            f"the stack {invocation.stack.name} has no output `{name}`"
            + (f"; did you mean `{nearest[0]}`" if nearest else ""),
            f"type `{command(invocation, 'outputs')}` for all of them",
            ExitCode.WRONG_COMMAND_LINE,
        )
    value = found[name]
    for text in value if isinstance(value, list) else [value]:
        invocation.output.line(str(text))
    invocation.output.document(value)


def _print_all(invocation: Invocation, found: dict[str, object]) -> None:
    width = max(map(len, found), default=0)
    for name, value in found.items():
        texts = value if isinstance(value, list) else [value]
        # Not a table, which would fold an ARN that is to be copied.
        for label, text in zip_longest([name], texts, fillvalue=""):
            invocation.output.line(f"{label:<{width}}  {text}")
    invocation.output.document(found)
