"""The outputs of a stack, from Pulumi's backend: a file is read directly, any other backend is asked by the Pulumi CLI.

Neither starts the engine, and nothing is cached, so that no value is older than the last deployment.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cli import local_stack
from cli.errors import OperatorError
from cli.exit_codes import ExitCode

_PROJECT_FILE = "Pulumi.yaml"
_NAME = re.compile(r"^name:\s*['\"]?([\w.-]+)", re.MULTILINE)
# Pulumi's own rule: https://www.pulumi.com/docs/iac/concepts/stacks/#create-stack
_STACK = re.compile(r"(?:(?!\.+/)[\w.-]+/){0,2}(?!\.+$)[\w.-]{1,100}", re.ASCII)
_ROOT_TYPE = "pulumi:pulumi:Stack"
_TIMEOUT_SECONDS = 60

Outputs = dict[str, Any]


def read_outputs(stack: str) -> Outputs:
    """Return the outputs of a stack: texts, numbers and lists, without those that are secret.

    Raises:
        OperatorError: if the backend or the stack cannot be read, or if the stack is not deployed.
    """
    if stack == local_stack.LOCAL:
        local_stack.require_running()
        return _from_files(local_stack.STATE, project=None, stack=stack)
    if not _STACK.fullmatch(stack):
        raise OperatorError(
            f"{stack!r} cannot be the name of a stack",
            "name one that `pulumi stack ls` lists, with --stack or in the variable CCAPI_STACK",
            ExitCode.WRONG_COMMAND_LINE,
        )
    folder = project_folder()
    backend = _backend_url()
    if backend.startswith("file://"):
        # A name may have its organization and its project before it.
        *_, project, name = (
            ("", *stack.split("/")) if stack.count("/") > 1 else (_project_name(folder), stack)
        )
        return _from_files(_path_of(backend, folder), project=project, stack=name)
    return _from_pulumi(folder, stack)


def project_folder() -> Path:
    """Return the folder of the Pulumi project: the next one upwards with a Pulumi.yaml, or this checkout."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise OperatorError(
            "the folder of this shell does not exist any more",
            "change to the folder of the Pulumi program",
            ExitCode.WRONG_COMMAND_LINE,
        ) from None
    for folder in (here, *here.parents, local_stack.CHECKOUT):
        if (folder / _PROJECT_FILE).is_file():
            return folder
    raise OperatorError(
        f"no {_PROJECT_FILE} is in {here} or above it",
        "change to the folder of the Pulumi program",
        ExitCode.WRONG_COMMAND_LINE,
    )


def _project_name(folder: Path) -> str:
    found = _NAME.search((folder / _PROJECT_FILE).read_text(encoding="utf-8"))
    if found is None:
        raise OperatorError(
            f"{folder / _PROJECT_FILE} has no name",
            "write `name:` with that of the project",
            ExitCode.UNREACHABLE,
        )
    return found[1]


def _backend_url() -> str:
    """Return the URL of the backend that the Pulumi CLI would use.

    Source: https://www.pulumi.com/docs/iac/cli/environment-variables/ (PULUMI_BACKEND_URL, PULUMI_HOME).
    """
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    try:
        logged_in = json.loads((home / "credentials.json").read_text(encoding="utf-8"))
        return str(logged_in.get("current") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def _path_of(url: str, folder: Path) -> Path:
    """Return the folder of a file backend: `file:///absolute`, `file://~` or `file://./beside/the/project`."""
    try:
        parts = urlsplit(url)
        return (folder / Path(unquote(f"{parts.netloc}{parts.path}")).expanduser()).resolve()
    except (ValueError, RuntimeError) as error:
        raise OperatorError(
            f"Pulumi's backend {url} cannot be a folder: {error}".rstrip("."),
            "correct PULUMI_BACKEND_URL, or type `pulumi login`",
            ExitCode.UNREACHABLE,
        ) from None


def _from_files(backend: Path, *, project: str | None, stack: str) -> Outputs:
    """Return the outputs from the checkpoint that the engine wrote after the last step of the last update."""
    stacks = backend / ".pulumi" / "stacks"
    # Backends that are older than Pulumi 3.61 keep all stacks in one folder.
    places = [stacks / project, stacks] if project else [path for path in stacks.glob("*") if path.is_dir()]
    for path in (folder / f"{stack}.json{suffix}" for folder in places for suffix in ("", ".gz")):
        try:
            content = path.read_bytes()
            checkpoint = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
            resources = (checkpoint["checkpoint"].get("latest") or {}).get("resources") or []
            outputs = next(
                (item.get("outputs") for item in resources if item.get("type") == _ROOT_TYPE), None
            )
            readable = _readable(outputs or {})
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, EOFError) as error:
            raise OperatorError(
                f"the state of the stack {stack} cannot be read from {path} ({type(error).__name__})",
                f"type `pulumi stack output --stack {stack}`, which may say more",
                ExitCode.UNREACHABLE,
            ) from None
        is_updating = any((backend / ".pulumi" / "locks").rglob(f"{stack}/*.json"))
        if not readable:
            raise _no_outputs(stack, is_updating=is_updating, has_resources=bool(resources))
        return readable
    known = sorted({path.name.partition(".")[0] for folder in places for path in folder.glob("*.json*")})
    raise _unknown(stack, known)


def _no_outputs(stack: str, *, is_updating: bool, has_resources: bool) -> OperatorError:
    if is_updating:
        return OperatorError(
            f"the stack {stack} is being deployed, and has no outputs before the end of its first deployment",
            "wait for it",
            ExitCode.UNREACHABLE,
        )
    if has_resources:
        return OperatorError(
            f"the stack {stack} has resources but no outputs, as after a deployment or a removal that failed",
            f"type `pulumi up --stack {stack}` to complete it",
            ExitCode.UNREACHABLE,
        )
    return _not_deployed(stack)


def _not_deployed(stack: str) -> OperatorError:
    start = "ccapi local up" if stack == local_stack.LOCAL else f"pulumi up --stack {stack}"
    return OperatorError(f"the stack {stack} is not deployed", f"type `{start}`", ExitCode.UNREACHABLE)


def _unknown(stack: str, known: list[str]) -> OperatorError:
    if stack == local_stack.LOCAL:
        return _not_deployed(stack)
    others = f"name one of {', '.join(known)} with --stack" if known else f"type `pulumi up --stack {stack}`"
    return OperatorError(f"there is no stack {stack} in the backend", others, ExitCode.WRONG_COMMAND_LINE)


def _from_pulumi(folder: Path, stack: str) -> Outputs:
    """Return the outputs as the Pulumi CLI reads them from its backend, e.g. Pulumi Cloud or a bucket."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise OperatorError(
            "the outputs are in Pulumi's backend, and there is no `pulumi` on PATH",
            "install it (https://www.pulumi.com/docs/install/)",
            ExitCode.UNREACHABLE,
        )
    command = [pulumi, "stack", "output", "--json", "--non-interactive", "--stack", stack]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise OperatorError(
            f"Pulumi's backend has not answered for {_TIMEOUT_SECONDS} s",
            "check the network, and `pulumi whoami`",
            ExitCode.UNREACHABLE,
        ) from None
    if done.returncode:
        said = next(iter(done.stderr.strip().splitlines()), "no reason").removeprefix("error: ")
        raise OperatorError(
            f"the outputs of the stack {stack} cannot be read: {said}",
            "check `pulumi whoami` and `pulumi stack ls`",
            ExitCode.UNREACHABLE,
        )
    outputs: Outputs = json.loads(done.stdout)
    if not outputs:
        raise _not_deployed(stack)
    return _readable(outputs)


def _readable(outputs: Outputs) -> Outputs:
    """Return the outputs without secrets, which the engine stores as objects."""
    return {name: value for name, value in outputs.items() if not isinstance(value, dict)}
