"""Stored states of stacks that an older commit of the project deployed, for plans of an upgrade.

`tests/previews/states/README.md` names the commit and the command. To create new ones, in a checkout of a commit that
has this file: `python -m tests.previews.stored_state FOLDER`.
"""

import gzip
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from pulumi.automation import Deployment

from local.toolchain import ready
from tests.local.emulator.local_aws import running_aws
from tests.previews.workspace import Workspace
from tests.stacks import ENVIRONMENTS, ROOT

FOLDER = Path(__file__).with_name("states")


def read_state(environment: str) -> Deployment:
    """Return the stored state of a stack."""
    content = json.loads(gzip.decompress(_path(FOLDER, environment).read_bytes()))
    return Deployment(version=content["version"], deployment=content["deployment"])


def import_state(workspace: Workspace) -> None:
    """Import the stored state into a new stack, with secrets encrypted by the stack file's settings."""
    path = workspace.folder / f"Pulumi.{workspace.environment}.yaml"
    salt = yaml.safe_load(path.read_text(encoding="utf-8"))["encryptionsalt"]
    kept = read_state(workspace.environment)
    provider = {"type": "passphrase", "state": {"salt": salt}}
    deployment = {**(kept.deployment or {}), "secrets_providers": provider}
    workspace.stack.import_stack(Deployment(version=kept.version, deployment=deployment))


def write_state(folder: Path, environment: str, exported: Deployment) -> None:
    """Write a stack's exported state, without the passphrase's salt and the provider's credentials."""
    deployment: dict[str, Any] = dict(exported.deployment or {})
    # Each import has its own passphrase.
    deployment.pop("secrets_providers", None)
    for resource in deployment["resources"]:
        for where_it_was_made in ("sourcePosition", "stackTrace", "created", "modified"):
            resource.pop(where_it_was_made, None)
        if resource["type"].startswith("pulumi:providers:"):
            for properties in (resource.get("inputs", {}), resource.get("outputs", {})):
                for name in ("accessKey", "secretKey", "token"):
                    properties.pop(name, None)
    text = json.dumps({"version": exported.version, "deployment": deployment}, sort_keys=True)
    # Without a time in the gzip header, so that the same state makes the same file.
    _path(folder, environment).write_bytes(gzip.compress(text.encode(), mtime=0))


def _path(folder: Path, environment: str) -> Path:
    return folder / f"{environment}.json.gz"


def main(folder: Path) -> None:
    """Deploy each stack of the checkout to a local AWS, and store its state."""
    os.environ.update(ready(ROOT, progress=lambda *_: None).environment(stand_in_provider=True))
    with tempfile.TemporaryDirectory() as name:
        os.environ["PULUMI_HOME"] = f"{name}/home"
        for environment in ENVIRONMENTS:
            with running_aws() as aws:
                workspace = Workspace(Path(name, environment), environment, aws.aws)
                workspace.up()
                write_state(folder, environment, workspace.stack.export_stack())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
