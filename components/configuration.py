"""The edge where a stack file's values become settings; the only reader of Pulumi's configuration."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, is_config_secret

from components.settings import Settings, SettingsError


def load_settings(now: datetime) -> Settings:
    """Return the settings of the current stack.

    Raises:
        pulumi.RunError: with every mistake in the stack file, without a traceback.
    """
    project = pulumi.get_project()
    try:
        return Settings.load(
            project=project,
            environment=pulumi.get_stack(),
            region=pulumi.Config("aws").get("region"),
            values=_values_of(project),
            now=now,
            encrypted={key for key in _keys_of(project) if is_config_secret(f"{project}:{key}")},
        )
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def aws_provider(settings: Settings) -> aws.Provider:
    """Return the one provider that everything is created with.

    It takes what the stack file says under `aws:`, such as endpoints or a profile, works on the stack's account and
    no other, and tags whatever can carry tags.
    """
    return aws.Provider(
        "aws",
        **_provider_settings(),
        allowed_account_ids=[settings.account],
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={
                "Project": settings.project,
                "Environment": settings.environment,
                "ManagedBy": "pulumi",
            }
        ),
    )


def _values_of(namespace: str) -> dict[str, Any]:
    config = pulumi.Config(namespace)
    values: dict[str, Any] = {}
    for key in _keys_of(namespace):
        text = config.require(key)
        # A key that holds a model is YAML in the stack file and arrives as JSON; a plain value is its text.
        values[key] = json.loads(text) if _is_structured(text) else text
    return values


def _provider_settings() -> dict[str, Any]:
    config = pulumi.Config("aws")
    return {_snake_case(key): _plain(config.require(key)) for key in _keys_of("aws")}


def _keys_of(namespace: str) -> list[str]:
    known: Mapping[str, Any] = CONFIG.get()
    return sorted(key.partition(":")[2] for key in known if key.startswith(f"{namespace}:"))


def _is_structured(text: str) -> bool:
    return text.startswith(("{", "["))


def _plain(text: str) -> Any:
    return json.loads(text) if _is_structured(text) or text in {"true", "false"} else text


def _snake_case(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
