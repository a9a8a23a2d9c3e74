"""The deployment of the local stack by the Automation API, in a workspace outside of the tracked files."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pulumi import automation
from pulumi.automation.events import EngineEvent

from local.aws import LocalAws, make_private
from local.paths import ROOT, STATE, WORKSPACE
from local.run.engine import recorded_engine
from local.run.errors import RunError
from local.run.options import STACK, Options
from local.toolchain.setup import LOCAL_PASSPHRASE
from local.workspace import read_encryption, write_project, write_yaml

# The engine's errors for a wrong passphrase, for a value encrypted with another key, and for a missing key.
_UNREADABLE = re.compile(
    r"incorrect passphrase|message authentication failed|failed to decrypt|could not decrypt"
)
# The engine's markup for colours in diagnostics.
_COLOUR = re.compile(r"<\{%.*?%\}>")


@dataclass(frozen=True)
class Deployment:
    """The result of `pulumi up`."""

    outputs: Mapping[str, Any]
    resources: int


def write_workspace(config: Mapping[str, Any], *, aws: LocalAws, project: Path = ROOT) -> None:
    """Write the workspace: the program of a project and its configuration, with the address of the local AWS.

    The engine writes into stack files, so it gets a copy. The copy holds an access key, so only this user can read it,
    and the salt of the values that are encrypted in it.
    """
    shutil.rmtree(WORKSPACE, ignore_errors=True)
    make_private(WORKSPACE)
    write_project(WORKSPACE, project)
    address = urlsplit(aws.endpoint).netloc
    endpoints = [
        {service: urlsplit(url)._replace(netloc=address).geturl() for service, url in block.items()}
        for block in config["aws:endpoints"]
    ]
    adapted = {**config, **aws.provider_settings, "aws:endpoints": endpoints}
    encryption = read_encryption(STACK) if project == ROOT else {}
    write_yaml(WORKSPACE / f"Pulumi.{STACK}.yaml", {**encryption, "config": adapted})


def config_of_another(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of another project: that of the provider, from this project's local stack."""
    provider = {key: value for key, value in config.items() if key.startswith("aws:")}
    return {**provider, "aws:allowedAccountIds": [str(config["ccapi:account"])]}


def with_options(config: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return a valid configuration of a stack file, changed as the options of a run require."""
    adapted = dict(config)
    if options.program is not None:
        # A real program may run for hours, so use the default bounds and not the short ones of the sample.
        adapted.pop("ccapi:run", None)
        adapted["ccapi:worker"] = {
            "earthEngineProject": STACK,
            **_with_shards(config["ccapi:worker"], 1),
            "workload": "command",
        }
    if options.shards is not None:
        adapted["ccapi:worker"] = _with_shards(adapted["ccapi:worker"], options.shards)
    if options.catalog is not None:
        adapted["ccapi:monitoring"] = {**config["ccapi:monitoring"], "catalog": options.catalog}
    if options.regions is not None:
        adapted["ccapi:monitoring"] = {**adapted["ccapi:monitoring"], "regionsCount": options.regions}
        # A run of fewer regions than the stack has workers needs fewer workers.
        worker = adapted["ccapi:worker"]
        if worker.get("shards", 1) > options.regions:
            adapted["ccapi:worker"] = _with_shards(worker, options.regions)
    return adapted


def _with_shards(worker: Mapping[str, Any], shards: int) -> dict[str, Any]:
    """Return the settings of a worker with a number of shards in place of a target for it."""
    return {key: value for key, value in worker.items() if key != "targetMinutes"} | {"shards": shards}


def select_stack() -> automation.Stack:
    """Return the local stack of the workspace; create it if it does not exist.

    Raises:
        RunError: with the engine's error text, or if a value of the stack file cannot be decrypted.
    """
    try:
        selected = automation.create_or_select_stack(STACK, work_dir=str(WORKSPACE))
    except automation.CommandError as error:
        raise _cannot_decrypt(str(error)) or RunError(
            f"the local stack cannot be opened: {_engine_text(error)}"
        ) from None
    selected.workspace.pulumi_command.command = recorded_engine()
    return selected


def set_secrets(stack: automation.Stack, secrets: Mapping[str, str]) -> None:
    """Encrypt values into the workspace's stack file.

    The CLI reads each from its standard input: `Stack.set_all_config` passes values as arguments, which other users of
    the machine can read.

    Raises:
        RunError: with the engine's error text, or if the passphrase is not that of the stack file.
    """
    command = [stack.workspace.pulumi_command.command, "config", "set", "--secret", "--non-interactive"]
    for key, value in secrets.items():
        done = subprocess.run(
            [*command, "--stack", STACK, key],
            cwd=WORKSPACE,
            input=value,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            error_text = done.stderr.replace(value, "…").strip()
            raise _cannot_decrypt(error_text) or RunError(
                f"{key} cannot be set in the local stack: {error_text}"
            )


def forget_stack() -> None:
    """Delete the engine's state, which describes a local AWS that no longer runs."""
    shutil.rmtree(STATE / "state", ignore_errors=True)
    # The engine keeps the configuration of each update.
    make_private(STATE / "state")


def up(stack: automation.Stack, on_resource: Callable[[str], None]) -> Deployment:
    """Deploy the stack; call `on_resource` with the name of each finished resource.

    Raises:
        RunError: with the engine's error text.
    """
    done = 0
    errors: list[str] = []

    def on_event(event: EngineEvent) -> None:
        nonlocal done
        if event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            errors.append(_COLOUR.sub("", event.diagnostic_event.message).strip())
        if event.res_outputs_event is not None:
            done += 1
            on_resource(event.res_outputs_event.metadata.urn.rpartition("::")[2])

    try:
        result = stack.up(on_event=on_event, suppress_outputs=True, suppress_progress=True)
    except automation.CommandError as error:
        error_text = "\n".join(f"  {text}" for text in dict.fromkeys(errors)) or _engine_text(error)
        raise _cannot_decrypt(error_text) or RunError(
            f"the stack could not be deployed:\n{error_text}"
        ) from None
    return Deployment({name: output.value for name, output in result.outputs.items()}, done)


def _cannot_decrypt(error_text: str) -> RunError | None:
    """Return the error to raise if the engine reports that it cannot decrypt a value of the stack file."""
    if not _UNREADABLE.search(error_text):
        return None
    return RunError(
        f"Pulumi.{STACK}.yaml holds values that were encrypted with another passphrase or key; set "
        "PULUMI_CONFIG_PASSPHRASE to the passphrase that served `pulumi config set --secret`, or remove encryptionsalt "
        f"and the values from the file and set them again with PULUMI_CONFIG_PASSPHRASE={LOCAL_PASSPHRASE}, which "
        "serves where none is set"
    )


def _engine_text(error: automation.CommandError) -> str:
    """Return the engine's error text without the lines that the Automation API adds."""
    lines = [line.rstrip() for line in str(error).splitlines()]
    kept = [line for line in lines if line.strip() and not line.strip().startswith(("code:", "stdout:"))]
    return "\n".join(kept)
