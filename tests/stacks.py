"""The values and settings of the checkout's three stack files."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.settings import Settings
from components.settings.names import Names
from components.settings.regions import region_names

ROOT = Path(__file__).parents[1]
PROJECT = "ccapi"
ENVIRONMENTS = ("dev", "prod", "local")


def stack_file(environment: str) -> dict[str, Any]:
    """Return a stack file's values by full key."""
    return deepcopy(_read(environment))


@cache
def _read(environment: str) -> dict[str, Any]:
    text = (ROOT / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


def values_of(environment: str) -> dict[str, Any]:
    """Return the project's values in a stack file, by key without its prefix."""
    prefix = f"{PROJECT}:"
    return {
        key.removeprefix(prefix): value
        for key, value in stack_file(environment).items()
        if key.startswith(prefix)
    }


CATALOG_NAME: str = values_of("prod")["monitoring"]["catalog"]
REGION_NAMES = region_names(CATALOG_NAME)


def settings_of(environment: str, **changes: Mapping[str, Any]) -> Settings:
    """Return a stack's settings, with changes to groups of settings."""
    values = values_of(environment)
    for concern, changed in changes.items():
        values[concern] = {**values.get(concern, {}), **changed}
    return Settings.load(
        project=PROJECT,
        environment=environment,
        region=stack_file(environment)["aws:region"],
        values=values,
    )


def names_of(environment: str) -> Names:
    """Return the names of a stack."""
    return Names.of(settings_of(environment))
