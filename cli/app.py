"""The application: its commands, which are imported when they are used, and the handling of errors."""

import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorGroup
from cli.output import Output


@dataclass(frozen=True)
class Registered:
    """A command and the module that has it, as an attribute of the command's name with `_` for `-`."""

    module: str
    summary: str
    """The line in `ccapi --help`; the module is not imported for it."""


COMMANDS = {
    "outputs": Registered("outputs", "Print the outputs of the stack."),
    "schedule": Registered("schedule", "Show, pause or resume the schedule that starts the runs."),
    "secret": Registered("secret", "Set or check the credentials of Earth Engine and of the channels."),
    "dlq": Registered("dlq", "Show or redrive the messages of the dead-letter queues."),
    "image": Registered("image", "Show the deployed image and the newest one."),
    "notify": Registered("notify", "Send a test message, or confirm e-mail addresses."),
    "doctor": Registered("doctor", "Check everything that a run needs, with a remedy for each fault."),
}


class LazyGroup(OperatorGroup):
    """A group whose commands are imported when they are used, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands in the order of the registry."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, or None if there is none of that name."""
        registered = COMMANDS.get(cmd_name)
        if registered is None:
            return None
        module = importlib.import_module(f"cli.commands.{registered.module}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands with their summaries from the registry."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, registered.summary) for name, registered in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def ccapi(context: click.Context) -> None:
    """Operate a deployed pipeline: start, follow, stop, repeat and inspect its runs.

    The resources are those of the stack's outputs, so no ARN has to be copied. The stack `local` is the one of this
    checkout's local AWS, which `ccapi local up` starts. Calls to AWS use the caller's credentials only.
    """
    context.ensure_object(Invocation)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; an error is one sentence and a next step on standard error."""
    output = Output(as_json="--json" in arguments)
    try:
        code = ccapi.main(list(arguments), prog_name="ccapi", standalone_mode=False)
    except OperatorError as error:
        output.error(error.what, error.next_step)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return ExitCode.WRONG_COMMAND_LINE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "ccapi"
        output.error(error.format_message().rstrip(".?"), f"type `{path} --help`")
        return ExitCode.WRONG_COMMAND_LINE
    except (click.Abort, KeyboardInterrupt):
        output.note("ccapi: interrupted; what AWS was asked to do goes on.")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader, such as a pager, has seen enough. Without this, Python complains when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    # A command may return an exit code; without standalone mode click returns it, and that of `--help`.
    return code if isinstance(code, int) else ExitCode.OK
