"""A whole stack file, checked: what the project sets, and what it says to pulumi_aws's provider."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from components.provider_settings import argument_of, provider_arguments
from components.settings import AccountId, Settings, SettingsError
from components.settings.stack_file import keys_of


@dataclass(frozen=True)
class StackFile:
    """The settings of a stack, and the arguments of the provider that it is created with."""

    settings: Settings
    provider: Mapping[str, Any]
    secret_arguments: frozenset[str]
    """Those of them that are encrypted in the file, and stay so in the state."""


def read(
    config: Mapping[str, str],
    *,
    project: str,
    environment: str,
    now: datetime,
    encrypted: Collection[str] = (),
) -> StackFile:
    """Return what a stack's configuration says, from its texts by whole key; some keys are encrypted in the file.

    A schedule without a start after `now` is one of the mistakes.

    Raises:
        SettingsError: with every mistake, of whatever namespace.
    """
    keys = keys_of(config, project)
    mistakes = list(keys.mistakes)
    encrypted_of_provider = _of("aws", encrypted)
    settings, arguments = None, None
    try:
        settings = Settings.load(
            project=project,
            environment=environment,
            region=keys.provider.get("region"),
            values=keys.project,
            now=now,
            encrypted=_of(project, encrypted),
        )
    except SettingsError as error:
        mistakes += error.mistakes
    try:
        arguments = provider_arguments(
            {key: value for key, value in keys.provider.items() if key != "region"},
            account=_account(keys.project.get("account")),
            encrypted=encrypted_of_provider,
        )
    except SettingsError as error:
        mistakes += error.mistakes
    if settings is None or arguments is None or mistakes:
        raise SettingsError(mistakes)
    return StackFile(
        settings,
        {"region": settings.region, **arguments},
        frozenset(argument_of(key) for key in encrypted_of_provider),
    )


def _account(value: Any) -> str | None:
    """Return the stack's account where it is one, whatever else is wrong with the stack file."""
    try:
        return TypeAdapter(AccountId).validate_python(value)
    except ValidationError:
        return None


def _of(namespace: str, keys: Collection[str]) -> set[str]:
    prefix = f"{namespace}:"
    return {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
