"""Copies of Pulumi projects that can be previewed offline: without their backend, their secrets and an AWS account.

The program itself is not copied: the copy's Pulumi.yaml names its folder as `main`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation

from guardrails.preview.preview_result import NO_PULUMI
from guardrails.preview.project_files import project_file, stack_file
from guardrails.preview.variations import Settings, merged, read_settings

STAND_IN = "stand-in"
"""The value of an encrypted setting: it can be decrypted only with its own key, and no rule reads it."""

# The discard port of this machine: a program or a provider that calls AWS nevertheless reaches nothing.
_NOWHERE = "http://127.0.0.1:9"
_AWS = """
aws:skipCredentialsValidation: "true"
aws:skipMetadataApiCheck: "true"
aws:skipRegionValidation: "true"
aws:skipRequestingAccountId: "true"
"""
_MAP = "tag:yaml.org,2002:map"
_CONFIG = yaml.ScalarNode("tag:yaml.org,2002:str", "config")


class OfflineError(Exception):
    """A project cannot be copied; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Offline:
    """The settings of offline previews."""

    folder: Path
    """An empty folder for the copies."""
    python: Path
    """The project whose virtual environment all programs use: a folder of a git revision has none."""
    settings: Settings | None = None
    """Settings for every stack."""
    secrets: Mapping[str, str]
    """The value of encrypted settings, by key without the project; `STAND_IN` for the others."""

    @cached_property
    def _command(self) -> automation.PulumiCommand:
        # One for all copies, since each runs `pulumi version`.
        return automation.PulumiCommand()

    @property
    def environment(self) -> dict[str, str]:
        """The variables for the engine, the program and the policy pack."""
        return {
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_CONFIG_PASSPHRASE": STAND_IN,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "AWS_ACCESS_KEY_ID": STAND_IN,
            "AWS_SECRET_ACCESS_KEY": STAND_IN,
            "AWS_SESSION_TOKEN": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": _NOWHERE,
            "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1,localhost"))),
        }

    def copy(self, name: str, project: Path, stacks: Sequence[str]) -> Path:
        """Return a new folder with the project's file and the stacks; a stack without a file is left out.

        Raises:
            VariationsError: if a file cannot be read.
            OfflineError: if Pulumi cannot create a stack.
        """
        copy = self.folder / name
        copy.mkdir()
        _write(copy / "Pulumi.yaml", self._project(project))
        for stack in stacks:
            if file := stack_file(project, stack):
                self._write_stack(copy, stack, read_settings(file))
        return copy

    def _project(self, project: Path) -> str:
        content = _project_settings(project)
        content["main"] = str(project / content.get("main", ""))
        runtime = content.get("runtime")
        options = runtime.get("options", {}) if isinstance(runtime, dict) else {}
        if "virtualenv" in options:
            options["virtualenv"] = str(self.python / options["virtualenv"])
        return yaml.safe_dump(content, sort_keys=False)

    def _write_stack(self, copy: Path, stack: str, content: Settings) -> None:
        config = next((value for key, value in content.value if key.value == "config"), None)
        known, secrets = _without_secrets(config if isinstance(config, Settings) else Settings(_MAP, []))
        for more in (yaml.compose(_AWS, yaml.SafeLoader), self.settings):
            if isinstance(more, Settings):
                known = merged(known, more)
        file = copy / f"Pulumi.{stack}.yaml"
        _write(file, yaml.serialize(Settings(_MAP, [(_CONFIG, known)])))
        try:
            workspace = automation.LocalWorkspace(
                work_dir=str(copy), env_vars=self.environment, pulumi_command=self._command
            )
            created = automation.Stack.create_or_select(stack, workspace)
            for key in secrets:
                value = self.secrets.get(key.rpartition(":")[2], STAND_IN)
                created.set_config(key, automation.ConfigValue(value, secret=True))
        except automation.CommandError as error:
            raise OfflineError(
                f"Pulumi cannot create the stack {stack} ({' '.join(str(error).split())})"
            ) from None
        except OSError:
            raise OfflineError(NO_PULUMI) from None
        except automation.InvalidVersionError as error:
            raise OfflineError(str(error).rstrip(".")) from None


def _project_settings(project: Path) -> dict[str, Any]:
    file = project_file(project)
    content = yaml.safe_load(file.read_text(encoding="utf-8")) if file else None
    return content if isinstance(content, dict) else {}


def _without_secrets(config: Settings) -> tuple[Settings, list[str]]:
    """Return a configuration without encrypted values, and the keys whose whole value was encrypted.

    An encrypted value inside an object becomes `STAND_IN`, in plain text.
    """
    secrets = [key.value for key, value in config.value if _is_encrypted(value)]
    known = [(key, _readable(value)) for key, value in config.value if not _is_encrypted(value)]
    return Settings(_MAP, known), secrets


def _is_encrypted(node: yaml.Node) -> bool:
    return isinstance(node, Settings) and [key.value for key, _ in node.value] == ["secure"]


def _readable(node: yaml.Node) -> yaml.Node:
    if _is_encrypted(node):
        return yaml.ScalarNode("tag:yaml.org,2002:str", STAND_IN)
    if isinstance(node, yaml.MappingNode):
        node.value = [(key, _readable(value)) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        node.value = list(map(_readable, node.value))
    return node


def _write(path: Path, text: str) -> None:
    """Write a file that only this user can read: settings may hold an access key."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
