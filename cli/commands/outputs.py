"""`ccapi outputs`: the outputs of the stack, without starting Pulumi's engine."""

import click

from cli.invocation import Invocation, OperatorCommand, pass_invocation


@click.command(cls=OperatorCommand)
@pass_invocation
def outputs(invocation: Invocation) -> None:
    """Print the outputs of the stack, as of its last deployment."""
    found = dict(sorted(invocation.stack.outputs.items()))
    invocation.output.table(("output", "value"), list(found.items()))
    invocation.output.document(found)
