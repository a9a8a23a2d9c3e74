"""The command behind `make policy`: it copies the stacks, and runs `python -m guardrails preview` on the copies."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi import automation

from components.settings import STAND_INS
from local.paths import ROOT
from local.policy.options import Options, parse
from local.policy.revision import RevisionError, unpack
from local.terminal import visible
from local.toolchain import TextProgress, ToolchainError, ready
from local.workspace import (
    NOWHERE,
    StackFileError,
    loopback,
    read_stack_file,
    stack_names,
    without_secrets,
    write_project,
    write_yaml,
)

WRONG, FAILED = 2, 3
# The stand-in for a secret whose key is not in `STAND_INS`: only its author can decrypt it, and no rule reads it.
SECRET = "stand-in"  # noqa: S105


def policy(arguments: Sequence[str]) -> int:
    """Preview the stacks with the guardrails, and return the exit code of `python -m guardrails preview`.

    Raises:
        KeyboardInterrupt: after Ctrl-C, unless the guardrails' command reported it.
    """
    options = parse(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="ccapi-policy-") as name:
            folder = Path(name)
            if options.base:
                unpack(options.base, folder / "base")
            with TextProgress(sys.stderr) as progress:
                tools = ready(ROOT, progress=progress)
            os.environ.update(
                {
                    **tools.environment(stand_in_provider=True),
                    "PULUMI_HOME": str(folder / "home"),
                    "PULUMI_BACKEND_URL": f"file://{folder}",
                }
            )
            return _run([str(tools.python), "-m", "guardrails", "preview", *_arguments(options, folder)])
    except StackFileError as error:
        print(visible(f"make policy: {error}."), file=sys.stderr)
        return FAILED
    except RevisionError as error:
        print(visible(f"make policy: {error}."), file=sys.stderr)
        return WRONG
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
    """Yield the arguments of the guardrails' command, after creating the workspaces that they name."""
    yield str(_workspace(folder / "now", ROOT, options.stacks))
    yield from ("--policy-pack", str(options.policy_pack.resolve()), "--format", options.format)
    if options.verbose:
        yield "--verbose"
    for stack in options.stacks:
        yield from ("--stack", stack)
    if options.what_if:
        yield from ("--what-if", str(options.what_if.resolve()))
    if options.base:
        yield from ("--base", str(_workspace(folder / "before", folder / "base", options.stacks)))


def _workspace(folder: Path, checkout: Path, stacks: Collection[str]) -> Path:
    """Create a workspace for a checkout's program and the named stacks; for all its stacks if none is named."""
    folder.mkdir()
    write_project(folder, checkout)
    for stack in stack_names(checkout):
        if not stacks or stack in stacks:
            _write_stack(folder, stack, read_stack_file(stack, checkout))
    return folder


def _write_stack(folder: Path, stack: str, config: Mapping[str, Any]) -> None:
    known, secrets = without_secrets(config, SECRET)
    write_yaml(folder / f"Pulumi.{stack}.yaml", {"config": {**known, **loopback(NOWHERE)}})
    created = automation.create_or_select_stack(stack, work_dir=str(folder))
    for key in secrets:
        value = STAND_INS.get(key.rpartition(":")[2], SECRET)
        created.set_config(key, automation.ConfigValue(value, secret=True))
