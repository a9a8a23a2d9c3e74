"""The keys of a stack file as Pulumi passes them to a program: by namespace, each value as text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.settings.errors import InvalidSetting

OF_THE_PROVIDER = "aws"
# Pulumi's own keys, such as `pulumi:tags`.
OF_THE_ENGINE = "pulumi"


@dataclass(frozen=True)
class Keys:
    """The values of a stack file by key, without their namespace."""

    project: Mapping[str, Any]
    provider: Mapping[str, Any]
    mistakes: tuple[InvalidSetting, ...]
    """A mistake for each key of a namespace that no program reads."""


def keys_of(config: Mapping[str, str], project: str) -> Keys:
    """Return the keys of a stack with their values; Pulumi passes a group as JSON."""
    by_namespace: dict[str, dict[str, Any]] = {}
    for whole_key, text in config.items():
        namespace, _, key = whole_key.partition(":")
        by_namespace.setdefault(namespace, {})[key] = _value(text)
    of_project, of_provider = by_namespace.pop(project, {}), by_namespace.pop(OF_THE_PROVIDER, {})
    by_namespace.pop(OF_THE_ENGINE, None)
    mistakes = tuple(
        InvalidSetting(
            f"{namespace}:{key}",
            f"is read by nothing; take it out, or write {project}: or {OF_THE_PROVIDER}: before its name",
        )
        for namespace, values in sorted(by_namespace.items())
        for key in sorted(values)
    )
    return Keys(of_project, of_provider, mistakes)


def _value(text: str) -> Any:
    """Return the parsed group if the text is a JSON object or list, or else the text itself."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
