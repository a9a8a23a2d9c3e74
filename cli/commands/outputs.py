"""`ccapi outputs`: the outputs of the stack, without starting Pulumi's engine."""

import click

from cli.invocation import Invocation, OperatorCommand, pass_invocation


@click.command(cls=OperatorCommand)
@pass_invocation
def outputs(invocation: Invocation) -> None:
    """Print the outputs of the stack, as of its last deployment."""
    found = dict(sorted(invocation.stack.outputs.items()))
    width = max(map(len, found), default=0)
    for name, value in found.items():
        # Not a table, which would fold an ARN that is to be copied.
        invocation.output.line(f"{name:<{width}}  {value}")
    invocation.output.document(found)
