"""The command behind `make policy`: copies of the stacks for the engine, and the guardrails' own command on them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pulumi import automation

from local.paths import ROOT
from local.toolchain import TextProgress, ToolchainError, ready
from local.workspace import NOWHERE, loopback, read_stack_file, stack_names, write_project, write_yaml

FAILED, INTERRUPTED = 3, 130
# A secret of the checkout can only be read where it was written; a guardrail never looks into one.
SECRET = "https://hooks.slack.com/services/stand-in"  # noqa: S105


def policy(arguments: Sequence[str]) -> int:
    """Preview the stacks with the guardrails, and return the exit code of `python -m guardrails preview`."""
    try:
        with TextProgress(sys.stderr) as progress:
            tools = ready(ROOT, progress=progress)
        with tempfile.TemporaryDirectory(prefix="ccapi-policy-") as name:
            folder = Path(name)
            os.environ.update(
                {
                    **tools.environment(stand_in_provider=True),
                    "PULUMI_HOME": str(folder / "home"),
                    "PULUMI_BACKEND_URL": f"file://{folder}",
                }
            )
            _write_workspace(folder)
            guardrails = [str(tools.python), "-m", "guardrails", "preview", name, *arguments]
            return _run(guardrails)
    except (ToolchainError, automation.CommandError, OSError) as error:
        print(f"make policy: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(command: Sequence[str]) -> int:
    with subprocess.Popen(command, cwd=ROOT / "policies") as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Ctrl-C reaches both; the command says so and ends when its engines have.
            return process.wait()


def _write_workspace(folder: Path) -> None:
    write_project(folder)
    for stack in stack_names():
        config = read_stack_file(stack)
        secrets = [key for key, value in config.items() if isinstance(value, dict) and "secure" in value]
        known = {key: value for key, value in config.items() if key not in secrets}
        write_yaml(folder / f"Pulumi.{stack}.yaml", {"config": {**known, **loopback(NOWHERE)}})
        created = automation.create_stack(stack, work_dir=str(folder))
        for key in secrets:
            created.set_config(key, automation.ConfigValue(SECRET, secret=True))
