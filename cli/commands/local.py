"""`ccapi local`: the stack on this machine's local AWS, as `make run` uses it."""

import shlex
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

import click

from cli import local_stack
from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorCommand, OperatorGroup, pass_invocation
from cli.stack import Stack

if TYPE_CHECKING:
    from local.run.kept_stack import KeptStack

# The options of `make run`, which parses them and checks them together.
_PASSED_ON: dict[str, Any] = {
    "context_settings": {"ignore_unknown_options": True, "help_option_names": []},
    "add_help_option": False,
}
_SEED = 20_261_130


@click.group(cls=OperatorGroup)
def local() -> None:
    """Deploy, run and stop the stack `local` on this machine, without an AWS account."""
    try:
        import local as _local  # noqa: F401, PLC0415
    except ImportError:
        raise OperatorError(
            "the local AWS is part of a checkout, and this is the installed package",
            "type the command in a checkout, as .venv/bin/ccapi",
            ExitCode.WRONG_COMMAND_LINE,
        ) from None


@local.command(cls=click.Command, **_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...]) -> int:
    """Deploy the stack, run the pipeline once, show the result and stop the stack; takes the options of `make run`."""
    from local.__main__ import main  # noqa: PLC0415

    return main(["run", *arguments])


@local.command(cls=click.Command, **_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def up(arguments: tuple[str, ...]) -> int:
    """Deploy the stack and leave it running, without a run; takes the options of `make run`."""
    from local.__main__ import main  # noqa: PLC0415

    return main(["up", *arguments])


@local.command(cls=OperatorCommand)
def resume() -> int:
    """Start the kept stack again, with its state, after its processes were killed or the machine was restarted."""
    from local.__main__ import main  # noqa: PLC0415

    return main(["resume"])


@local.command(cls=OperatorCommand)
def down() -> int:
    """Stop the stack and all that it runs."""
    from local.__main__ import main  # noqa: PLC0415

    return main(["stop"])


@local.command(cls=OperatorCommand)
@pass_invocation
def status(invocation: Invocation) -> int:
    """Show whether the stack runs, and where."""
    from local.run.kept_stack import read_kept_stack  # noqa: PLC0415

    kept = read_kept_stack()
    is_running = kept is not None and kept.answers()
    document = {
        "running": is_running,
        "endpoint": kept.endpoint if kept and is_running else None,
        "channels": kept.channels if kept and is_running else None,
    }
    invocation.output.document(document)
    if not kept or not is_running:
        invocation.output.line(f"The local stack is not running; {local_stack.start()}.")
        return ExitCode.FAILED
    invocation.output.line(
        f"The local stack is running: AWS at {kept.endpoint}, Slack and PagerDuty at {kept.channels}."
    )
    for purpose, command in kept.commands():
        invocation.output.line(f"{purpose} {command}")
    return ExitCode.OK


@local.command(cls=OperatorCommand)
@pass_invocation
def env(invocation: Invocation) -> None:
    """Print the shell commands after which `pulumi` and `aws` use the local stack: eval "$(ccapi local env)"."""
    from local.aws import export_command  # noqa: PLC0415
    from local.run.aws import DEVELOPER  # noqa: PLC0415
    from local.toolchain import ready  # noqa: PLC0415

    _running_stack()
    tools = ready(local_stack.CHECKOUT, progress=lambda *_: None)
    # Without PULUMI_STACK, `pulumi` knows the stack only in the folder where it was deployed.
    variables = {**tools.environment(stand_in_provider=True), "PULUMI_STACK": local_stack.LOCAL}
    invocation.output.document({"file": str(DEVELOPER), "variables": variables})
    # The access key stays in its file: what a command prints ends up in logs.
    invocation.output.line(export_command(DEVELOPER))
    for name, value in variables.items():
        invocation.output.line(f"export {name}={shlex.quote(value)}")


@local.command(cls=OperatorCommand)
@click.option(
    "--runs", type=click.IntRange(1, 500), default=20, show_default=True, help="The number of runs."
)
@click.option("--seed", type=int, default=_SEED, show_default=True, help="The seed of the random failures.")
@pass_invocation
def seed(invocation: Invocation, runs: int, seed: int) -> None:
    """Make a history of runs with failures: each is named after the next time of the schedule, and starts now."""
    from local.aws import LocalAws  # noqa: PLC0415
    from local.run import seed as seeding  # noqa: PLC0415
    from local.run.aws import DEVELOPER  # noqa: PLC0415
    from local.run.errors import RunError  # noqa: PLC0415

    kept = _running_stack()
    history = seeding.history(runs, kept.regions, seed=seed)
    made: list[dict[str, str]] = []
    # Not the stack of the invocation: CCAPI_STACK may name one of an account.
    stack = Stack.read(local_stack.LOCAL)
    try:
        with translated(stack):
            ends = seeding.seed(LocalAws.read(DEVELOPER), stack.outputs, history)
            for planned, ended in zip(history, ends, strict=True):
                made.append({"course": planned.course, "execution": ended.arn, "status": ended.status})
                invocation.output.note(f"{len(made)} of {runs}: {planned.course}, {ended.status}")
    except RunError as error:
        raise OperatorError(
            str(error), "type `ccapi schedule`, or `ccapi schedule resume` if an operator paused it"
        ) from None
    except URLError:
        raise OperatorError(
            f"the local stack was stopped after {len(made)} of {runs} runs",
            local_stack.start(),
            ExitCode.UNREACHABLE,
        ) from None
    invocation.output.document({"seed": seed, "runs": made})
    invocation.output.line(f"{len(made)} runs made; `ccapi runs` lists them.")


def _running_stack() -> "KeptStack":
    """Return the stack that runs; raise OperatorError if there is none."""
    from local.run.kept_stack import read_kept_stack  # noqa: PLC0415

    if (kept := read_kept_stack()) is None or not kept.answers():
        raise OperatorError("the local stack is not running", local_stack.start(), ExitCode.UNREACHABLE)
    return kept
