"""The validation of a whole stack file: the project's settings and the arguments of pulumi_aws's provider."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from components.machines.weekly.machine import weekly_machine
from components.provider_settings import argument_of, provider_arguments
from components.settings import AccountId, Settings, SettingsError
from components.settings.errors import InvalidSetting
from components.settings.names import Names
from components.settings.regions import catalog_names
from components.settings.stack_file import keys_of


@dataclass(frozen=True)
class StackFile:
    """The settings of a stack, and the arguments of its provider."""

    settings: Settings
    provider: Mapping[str, Any]
    secret_arguments: frozenset[str]
    """The names of the arguments that are encrypted in the file, and stay encrypted in the state."""


def read(
    config: Mapping[str, str],
    *,
    project: str,
    environment: str,
    now: datetime,
    encrypted: Collection[str] = (),
) -> StackFile:
    """Return the validated stack file, from its texts by full key; `secret` keys are encrypted in the file.

    A schedule without a start after `now` is one of the mistakes.

    Raises:
        SettingsError: with every mistake in any namespace.
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
    mistakes += run_is_too_short(settings or _of_run_alone(project, environment, keys.project.get("run")))
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


def run_is_too_short(settings: Settings | None) -> list[InvalidSetting]:
    """Return the mistake of a run whose states may take longer than its timeout."""
    if settings is None:
        return []
    worst = math.ceil(weekly_machine(settings, Names.of(settings)).worst_case_seconds)
    if worst <= settings.run.timeout_seconds:
        return []
    text = (
        f"{settings.run.timeout_seconds} is shorter than all attempts together, {worst} s; write {worst} or more, "
        "or lower taskTimeoutSeconds, startRetries or workerRetries"
    )
    return [InvalidSetting(f"{settings.project}:run.timeoutSeconds", text)]


def _of_run_alone(project: str, environment: str, run: Any) -> Settings | None:
    """Return settings with this `run` group and stand-ins for everything else, which does not affect its time.

    A run that is too short can then be reported together with mistakes in other settings. Return None if the
    `run` group itself is invalid.
    """
    values = {
        "account": "0" * 12,
        "schedule": {"preset": "on-demand"},
        "monitoring": {"catalog": catalog_names()[0]},
        "worker": {"workload": "sample"},
        "notifications": {"failureEmails": ["stand-in@example.com"]},
        "run": run or {},
    }
    try:
        return Settings.load(project=project, environment=environment, region="us-east-1", values=values)
    except SettingsError:
        return None


def _account(value: Any) -> str | None:
    """Return the stack's account if it is valid, even if other settings are not."""
    try:
        return TypeAdapter(AccountId).validate_python(value)
    except ValidationError:
        return None


def _of(namespace: str, keys: Collection[str]) -> set[str]:
    prefix = f"{namespace}:"
    return {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
