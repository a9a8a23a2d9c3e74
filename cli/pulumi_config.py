"""The settings of a stack file, written by the Pulumi CLI, which reads the value from its standard input."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cli import local_stack
from cli.backend import project_folder
from cli.errors import OperatorError
from cli.exit_codes import ExitCode

_TIMEOUT_SECONDS = 120


def set_setting(stack: str, key: str, value: str, *, secret: bool) -> Path:
    """Write a value to a stack file, and return the folder of the file.

    A secret is encrypted, and its key is a top-level one; another key is a path, such as `ccapi:worker.image`.

    Raises:
        OperatorError: with the engine's reason, without the value.
    """
    folder, environment = _place(stack)
    pulumi = shutil.which("pulumi", path=environment.get("PATH"))
    if pulumi is None:
        raise OperatorError(
            "the Pulumi CLI is not on PATH",
            "install it (https://www.pulumi.com/docs/install/), or type `make setup` in a checkout",
            ExitCode.UNREACHABLE,
        )
    # With --path, Pulumi would read a secret of digits as a number.
    kind = "--secret" if secret else "--path"
    command = [pulumi, "config", "set", kind, "--non-interactive", "--stack", stack, key]
    try:
        # The value is no argument: other users of the machine could read it there.
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            input=value,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise OperatorError(
            f"Pulumi has not answered for {_TIMEOUT_SECONDS} s",
            "check the network, and `pulumi whoami`",
            ExitCode.UNREACHABLE,
        ) from None
    if done.returncode:
        said = next(iter(done.stderr.replace(value, "…").strip().splitlines()), "no reason")
        raise OperatorError(
            f"{key} was not set in the stack {stack}: {said.removeprefix('error: ').rstrip('.')}",
            "check `pulumi whoami`, `pulumi stack ls` and PULUMI_CONFIG_PASSPHRASE",
        )
    return folder


def _place(stack: str) -> tuple[Path, Mapping[str, str]]:
    """Return the folder of the stack file and the environment of the Pulumi CLI."""
    if stack != local_stack.LOCAL:
        return project_folder(), os.environ
    from local.paths import ROOT  # noqa: PLC0415 - an account needs nothing of the local AWS
    from local.toolchain import ready  # noqa: PLC0415

    tools = ready(ROOT, progress=lambda *_: None)
    return ROOT, {**os.environ, **tools.environment(stand_in_provider=True)}
