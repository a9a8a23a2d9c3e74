"""Validation of the local stack's configuration before anything is started."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import yaml

from components.settings import STAND_INS, InvalidSetting, SettingsError
from components.stack_file import read
from local.paths import ROOT
from local.run.errors import RunError
from local.run.options import Options
from local.run.stack import with_options
from local.workspace import is_encrypted, without_secrets

# Replaces a value within a group of settings that only the engine can decrypt.
_DECRYPTED = "stand-in"
# The keys of the AWS provider that `make run` reads itself.
_READ_OF_PROVIDER = frozenset({"aws:region", "aws:endpoints"})


def checked(stack: str, config: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return the configuration that a run deploys: that of the stack file, changed as the options require.

    Raises:
        RunError: with every mistake that `pulumi preview` reports for it, in the same words.
    """
    mistakes = _mistakes(stack, config)
    if not mistakes and not _endpoints(config):
        mistakes = ["aws:endpoints: has no service; list those of the local AWS, each with its address"]
    if mistakes:
        raise RunError("\n".join([f"Pulumi.{stack}.yaml: {mistakes[0]}", *mistakes[1:]]))
    adapted = with_options(config, options)
    if mistakes := _mistakes(stack, adapted):
        raise RunError("\n".join([f"with these options {mistakes[0]}", *mistakes[1:]]))
    return adapted


def _mistakes(stack: str, config: Mapping[str, Any]) -> list[str]:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]
    encrypted = {key for key, value in config.items() if is_encrypted(value)}
    stand_ins = {f"{project}:{key}": value for key, value in STAND_INS.items()}
    secrets = stand_ins.keys() & encrypted
    needed = {key for key in encrypted - secrets if key.startswith(f"{project}:") or key in _READ_OF_PROVIDER}
    readable, _ = without_secrets(config, _DECRYPTED)
    texts = {key: as_text(value) for key, value in readable.items()}
    texts |= {key: stand_ins[key] for key in secrets}
    hidden = tuple(path for key in readable for path in _encrypted_within(key, config[key]))
    mistakes = [
        InvalidSetting(
            key, "is encrypted, but is read before the engine decrypts anything; write it in plain text"
        )
        for key in sorted(needed)
    ]
    try:
        read(texts, project=project, environment=stack, now=datetime.now(UTC), encrypted=encrypted)
    except SettingsError as error:
        mistakes += [
            mistake
            for mistake in error.mistakes
            if mistake.key.partition(".")[0] not in needed and mistake.key not in hidden
        ]
    return str(SettingsError(mistakes)).splitlines() if mistakes else []


def _encrypted_within(path: str, value: Any) -> Iterator[str]:
    """Yield the path of each encrypted value; the program validates it after the engine has decrypted it."""
    if is_encrypted(value):
        yield path
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _encrypted_within(f"{path}.{key}", inner)


def _endpoints(config: Mapping[str, Any]) -> list[str]:
    return [service for block in config.get("aws:endpoints", ()) for service in block]


def as_text(value: Any) -> str:
    """Return a value of a stack file as the engine passes it to a program: text unchanged, all else as JSON."""
    if value is None:
        return ""
    if isinstance(value, date):
        return _moment(value)
    return value if isinstance(value, str) else json.dumps(value, default=_moment)


def _moment(value: object) -> str:
    """Return a date or a time as the engine formats one that is written without quotes in a stack file."""
    return f"{value:%Y-%m-%d %H:%M:%S} +0000 UTC"
