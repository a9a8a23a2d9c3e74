"""The secrets as they are stored in Secrets Manager: set or not, valid or not, since when; never a value."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.messages.deployed_reporter import reporter_settings
from cli.secrets.secret_kinds import EARTH_ENGINE, KINDS, SecretKind
from cli.stack import Stack


@dataclass(frozen=True)
class StoredSecret:
    """One secret in Secrets Manager."""

    kind: SecretKind
    is_set: bool = False
    problem: str | None = None
    """The fault of its value; None if it is valid, or not set."""
    since: datetime | None = None
    """The time at which its value was stored."""

    @property
    def state(self) -> str:
        """The state in a word: `not set`, `damaged` or `valid`."""
        if not self.is_set:
            return "damaged" if self.problem else "not set"
        return "damaged" if self.problem else "valid"


@dataclass(frozen=True)
class _Version:
    value: str | bytes
    since: datetime


def stored_secrets(stack: Stack) -> list[StoredSecret]:
    """Return the secrets of a stack, each with its state."""
    return [*_channels(stack), _earth_engine(stack)]


def _earth_engine(stack: Stack) -> StoredSecret:
    version = _version(stack, stack["gee_credentials_secret_arn"])
    if version is None:
        return StoredSecret(EARTH_ENGINE)
    return StoredSecret(
        EARTH_ENGINE, is_set=True, problem=EARTH_ENGINE.problem(version.value), since=version.since
    )


def _channels(stack: Stack) -> list[StoredSecret]:
    kinds = [kind for kind in KINDS.values() if kind.setting]
    secret_id = reporter_settings(stack).secret_id
    if not secret_id:
        return [StoredSecret(kind) for kind in kinds]
    version = _version(stack, secret_id)
    if version is None:
        return [
            StoredSecret(kind, problem=f"the secret {secret_id} has no value, although the settings have one")
            for kind in kinds[:1]
        ] + [StoredSecret(kind) for kind in kinds[1:]]
    try:
        values: Any = json.loads(version.value)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        return [
            StoredSecret(kind, is_set=True, problem="the secret is not a JSON object", since=version.since)
            for kind in kinds
        ]
    return [_channel(kind, values, version.since) for kind in kinds]


def _channel(kind: SecretKind, values: dict[str, Any], since: datetime) -> StoredSecret:
    value = values.get(kind.setting or "")
    if value is None:
        return StoredSecret(kind)
    problem = kind.problem(value) if isinstance(value, str) else "is not a text"
    return StoredSecret(kind, is_set=True, problem=problem, since=since)


def _version(stack: Stack, secret: str) -> _Version | None:
    """Return the current value of a secret, or None if it has none."""
    secrets = stack.client("secretsmanager")
    try:
        found = secrets.get_secret_value(SecretId=secret)
    except secrets.exceptions.ResourceNotFoundException:
        return None
    return _Version(found.get("SecretString") or found.get("SecretBinary") or "", found["CreatedDate"])
