"""The command behind `make policy`: it runs `python -m guardrails preview` offline on this checkout's stacks."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pulumi import automation

from components.settings import STAND_INS
from local.paths import ROOT
from local.policy.options import Options, parse
from local.terminal import visible
from local.toolchain import TextProgress, ToolchainError, ready
from local.workspace import NOWHERE, StackFileError, loopback, read_stack_file, stack_names, write_yaml

FAILED = 3


def policy(arguments: Sequence[str]) -> int:
    """Preview the stacks with the guardrails, and return the exit code of `python -m guardrails preview`.

    Raises:
        KeyboardInterrupt: after Ctrl-C, unless the guardrails' command reported it.
    """
    options = parse(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="ccapi-policy-") as name:
            folder = Path(name)
            for stack in options.stacks or stack_names():
                # The engine's own error on a stack file does not name the remedy.
                try:
                    read_stack_file(stack)
                except StackFileError as error:
                    # A comment on a pull request must not stay that of an earlier change.
                    if not options.outputs:
                        raise
                    print(visible(f"make policy: {error}."), file=sys.stderr)
            with TextProgress(sys.stderr) as progress:
                tools = ready(ROOT, progress=progress)
            os.environ.update(
                {**tools.environment(stand_in_provider=True), "PULUMI_HOME": str(folder / "home")}
            )
            write_yaml(folder / "settings.yaml", loopback(NOWHERE))
            command = [str(tools.python), "-m", "guardrails", "preview", str(ROOT)]
            return _run([*command, *_arguments(options, folder)])
    except StackFileError as error:
        print(visible(f"make policy: {error}."), file=sys.stderr)
        return FAILED
    except (ToolchainError, automation.CommandError, subprocess.CalledProcessError, OSError) as error:
        print(visible(f"make policy: {error}"), file=sys.stderr)
        return FAILED


def _run(command: Sequence[str]) -> int:
    with subprocess.Popen(command, cwd=ROOT / "policies") as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Ctrl-C reaches both processes; the command reports it and ends after its engines.
            return process.wait()


def _arguments(options: Options, folder: Path) -> Iterator[str]:
    """Yield the arguments of the guardrails' command after the project."""
    yield from ("--offline", "--settings", str(folder / "settings.yaml"))
    yield from ("--policy-pack", str(options.policy_pack.resolve()), "--format", options.format)
    for key, value in STAND_INS.items():
        yield from ("--secret", f"{key}={value}")
    if options.verbose:
        yield "--verbose"
    for stack in options.stacks:
        yield from ("--stack", stack)
    for output in options.outputs:
        yield from ("--output", str(output.resolve()))
    if options.limits:
        yield from ("--limits", str(options.limits.resolve()))
    if options.what_if:
        yield from ("--what-if", str(options.what_if.resolve()))
    if options.base is not None:
        yield f"--base={options.base}"
