"""Workspaces of a checkout's program, beside its own files, since the engine writes into those of a stack."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from local.aws import LocalAws, write_private
from local.paths import ROOT

NOWHERE = LocalAws("http://127.0.0.1:9", "none")
"""Port 9 discards what it is sent where something listens at all; a preview has nothing to ask."""


def stack_names(checkout: Path = ROOT) -> list[str]:
    """Return the stacks of a checkout: each has a file."""
    return sorted(path.name.split(".")[1] for path in checkout.glob("Pulumi.?*.yaml"))


def read_stack_file(stack: str, checkout: Path = ROOT) -> dict[str, Any]:
    """Return the configuration in a stack file of a checkout, by whole key."""
    text = (checkout / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


def loopback(aws: LocalAws) -> dict[str, Any]:
    """Return the provider's settings for a local AWS, or for none: `NOWHERE`."""
    (services,) = read_stack_file("local")["aws:endpoints"]
    return {
        **aws.provider_settings,
        "aws:endpoints": [dict.fromkeys(services, aws.endpoint)],
        "aws:s3UsePathStyle": "true",
        "aws:skipCredentialsValidation": "true",
        "aws:skipMetadataApiCheck": "true",
        "aws:skipRegionValidation": "true",
        "aws:skipRequestingAccountId": "true",
    }


def write_project(folder: Path, checkout: Path = ROOT) -> None:
    """Write the project file of a workspace, which runs the program of a checkout with the Python of this one."""
    project = yaml.safe_load((checkout / "Pulumi.yaml").read_text(encoding="utf-8"))
    project["main"] = str(checkout)
    project["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    write_yaml(folder / "Pulumi.yaml", project)


def write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    """Write a project's or a stack's file, which may hold an access key and is thus for this user alone."""
    write_private(path, yaml.safe_dump(dict(content), sort_keys=False))
