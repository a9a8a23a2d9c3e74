"""`ccapi outputs`: the outputs of the stack, without starting Pulumi's engine."""

from itertools import zip_longest

import click

from cli.invocation import Invocation, OperatorCommand, pass_invocation


@click.command(cls=OperatorCommand)
@pass_invocation
def outputs(invocation: Invocation) -> None:
    """Print the outputs of the stack, as of its last deployment."""
    found = dict(sorted(invocation.stack.outputs.items()))
    width = max(map(len, found), default=0)
    for name, value in found.items():
        texts = value if isinstance(value, list) else [value]
        # Not a table, which would fold an ARN that is to be copied.
        for label, text in zip_longest([name], texts, fillvalue=""):
            invocation.output.line(f"{label:<{width}}  {text}")
    invocation.output.document(found)
