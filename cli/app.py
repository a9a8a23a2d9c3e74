"""The application: its commands, which are imported when they are used, and the handling of errors."""

import importlib
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorGroup
from cli.next_commands import with_stack
from cli.output import Output


@dataclass(frozen=True)
class Registered:
    """A command and the module that has it, as an attribute of the command's name with `_` for `-`."""

    module: str
    summary: str
    """The line in `ccapi --help`; the module is not imported for it."""


COMMANDS = {
    "run": Registered("run", "Start a run."),
    "follow": Registered("follow", "Follow a run until it ends."),
    "wait": Registered("wait", "Wait until no run is running, as before a deployment."),
    "stop": Registered("stop", "Stop a run and its workers."),
    "redo": Registered("redo", "Do what is missing of a run."),
    "runs": Registered("runs", "List the runs."),
    "show": Registered("show", "Show a run: states, attempts, errors, reports, cost."),
    "logs": Registered("logs", "Print the log of a run's workers."),
    "reports": Registered("reports", "List or download the reports of a run."),
    "dashboard": Registered("dashboard", "Write the page about all runs."),
    "outputs": Registered("outputs", "Print the outputs of the stack."),
    "schedule": Registered("schedule", "Show, pause or resume the schedule that starts the runs."),
    "secret": Registered("secret", "Set or check the credentials of Earth Engine and of the channels."),
    "dlq": Registered("dlq", "Show or redrive the messages of the dead-letter queues."),
    "image": Registered("image", "Show the deployed image and the newest one."),
    "notify": Registered("notify", "Send a test message, or confirm e-mail addresses."),
    "doctor": Registered("doctor", "Check everything that a run needs, with a remedy for each fault."),
    "local": Registered("local", "Deploy, run and stop the stack on this machine."),
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
        module = importlib.import_module(f"{__package__}.commands.{registered.module}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands with their summaries from the registry."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, registered.summary) for name, registered in COMMANDS.items()])


def _print_version(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        from cli.version import version  # noqa: PLC0415

        print(version())
        context.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
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
    invocation = Invocation(output=output)
    try:
        _require_values(arguments)
        code = ccapi.main(list(arguments), prog_name="ccapi", standalone_mode=False, obj=invocation)
        # A reader that has gone away is noticed here, and not when Python flushes at its end; `>&-` leaves no output.
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OperatorError, click.ClickException, click.Abort, KeyboardInterrupt) as error:
        return _report(invocation, error, arguments)
    except (BrokenPipeError, SystemExit):
        # The reader, such as a pager, has gone away; without standalone mode, click exits in that case only.
        _discard_output()
        return ExitCode.OK
    except OSError as error:
        _discard_output()
        reason = error.strerror or type(error).__name__
        output.error(f"a file or the output cannot be used: {reason}", "check the disk")
        return ExitCode.FAILED
    except Exception as error:
        if os.environ.get("CCAPI_TRACEBACK"):
            raise
        output.error(
            f"a defect of ccapi ended the command: {type(error).__name__}: {error}".rstrip("."),
            "type it again with CCAPI_TRACEBACK=1 before it, and report what it prints",
        )
        return ExitCode.FAILED
    # A command may return an exit code; without standalone mode click returns it, and that of `--help`.
    return code if isinstance(code, int) else ExitCode.OK


def _require_values(arguments: Sequence[str]) -> None:
    """Raise UsageError for an empty word, which a shell makes of a variable without a value: `--download "$DIR"`."""
    for argument in arguments:
        option, separator, value = argument.partition("=")
        if not argument.strip() or (option.startswith("--") and separator and not value.strip()):
            raise click.UsageError(
                f"A word of the command line is empty: {shlex.join(['ccapi', *arguments])}"
            )


def _discard_output() -> None:
    """Discard output that could not be written; Python would complain when it flushes it at its end."""
    if sys.__stdout__ is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())


def _report(invocation: Invocation, error: BaseException, arguments: Sequence[str]) -> ExitCode:
    """Print an error that ends a command, and return the exit code for it."""
    output = invocation.output
    match error:
        case OperatorError():
            output.error(error.what, with_stack(error.next_step, invocation.stack_name))
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            print(error.format_message(), file=sys.stderr)
            return ExitCode.WRONG_COMMAND_LINE
        case click.ClickException():
            # The error of an unknown option does not know the command.
            named = ["ccapi", *[argument for argument in arguments if argument in COMMANDS][:1]]
            context = getattr(error, "ctx", None)
            path = max(" ".join(named), context.command_path if context else "", key=len)
            output.error(error.format_message().rstrip(".?"), f"type `{path} --help`")
            return ExitCode.WRONG_COMMAND_LINE
    output.note("ccapi: interrupted; what AWS was asked to do goes on.")
    return ExitCode.INTERRUPTED
