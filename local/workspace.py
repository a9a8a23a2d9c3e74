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
    config: dict[str, Any] = _read(stack, checkout)["config"]
    return config


def read_encryption(stack: str, checkout: Path = ROOT) -> dict[str, Any]:
    """Return what a stack file holds beside its configuration, as the salt without which no secret is readable."""
    return {key: value for key, value in _read(stack, checkout).items() if key != "config"}


def without_secrets(config: Mapping[str, Any], stand_in: str) -> tuple[dict[str, Any], list[str]]:
    """Return a configuration that needs no key to be read, and the keys whose whole value was encrypted.

    A value that is encrypted within an object becomes the stand-in, in plain text.
    """
    secrets = [key for key, value in config.items() if _is_encrypted(value)]
    return {key: _readable(value, stand_in) for key, value in config.items() if key not in secrets}, secrets


def _read(stack: str, checkout: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((checkout / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    return content


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"secure"}


def _readable(value: Any, stand_in: str) -> Any:
    if _is_encrypted(value):
        return stand_in
    if isinstance(value, dict):
        return {key: _readable(inner, stand_in) for key, inner in value.items()}
    return [_readable(inner, stand_in) for inner in value] if isinstance(value, list) else value


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
