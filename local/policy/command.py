"""The command behind `make policy`: it runs `python -m guardrails preview` offline on this checkout's stacks."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi import automation

from components.settings import STAND_INS
from local.paths import ROOT
from local.policy.options import Options, parse
from local.policy.revision import Revision, RevisionError, unpack
from local.terminal import visible
from local.toolchain import TextProgress, ToolchainError, ready
from local.workspace import NOWHERE, StackFileError, loopback, read_stack_file, stack_names, write_yaml

WRONG, FAILED = 2, 3


@dataclass(frozen=True, kw_only=True)
class _Base:
    """The checkout to compare with, or the reason why there is none."""

    revision: Revision | None = None
    error: str = ""


def policy(arguments: Sequence[str]) -> int:
    """Preview the stacks with the guardrails, and return the exit code of `python -m guardrails preview`.

    A base that cannot be used does not prevent the report, which then says so; the exit code is 2 instead of 0.

    Raises:
        KeyboardInterrupt: after Ctrl-C, unless the guardrails' command reported it.
    """
    options = parse(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="ccapi-policy-") as name:
            folder = Path(name)
            _check_stack_files(ROOT, options.stacks)
            base = _base(options, folder)
            with TextProgress(sys.stderr) as progress:
                tools = ready(ROOT, progress=progress)
            os.environ.update(
                {**tools.environment(stand_in_provider=True), "PULUMI_HOME": str(folder / "home")}
            )
            write_yaml(folder / "settings.yaml", loopback(NOWHERE))
            command = [str(tools.python), "-m", "guardrails", "preview", str(ROOT)]
            return _run([*command, *_arguments(options, base, folder)]) or (WRONG if base.error else 0)
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


def _base(options: Options, folder: Path) -> _Base:
    """Return the base that the options name, after unpacking it, or the reason why it cannot be used."""
    if not options.base:
        return _Base()
    try:
        revision = unpack(options.base, folder / "base")
        known = stack_names(revision.folder)
        _check_stack_files(revision.folder, [stack for stack in options.stacks or known if stack in known])
    except (RevisionError, StackFileError) as error:
        print(visible(f"make policy: {error}. The stacks are previewed without a base."), file=sys.stderr)
        return _Base(error=str(error))
    return _Base(revision=revision)


def _check_stack_files(checkout: Path, stacks: Collection[str]) -> None:
    """Raise StackFileError if the engine could not read a stack file; its own message does not name the remedy."""
    for stack in stacks or stack_names(checkout):
        read_stack_file(stack, checkout)


def _arguments(options: Options, base: _Base, folder: Path) -> Iterator[str]:
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
    if base.revision:
        yield from ("--base", str(base.revision.folder), "--base-name", base.revision.name)
    if base.error:
        yield from ("--no-base", base.error)
