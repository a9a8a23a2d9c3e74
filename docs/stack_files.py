"""Settings from the stack files of the checkout."""

from pathlib import Path
from typing import Any

import yaml

from components.settings import STAND_INS, Settings
from docs.stack_file_schema import PROJECT

ROOT = Path(__file__).parents[1]


def settings_of(stack: str) -> Settings:
    """Return the settings of a stack.

    Raises:
        SettingsError: if the stack file has mistakes; it names all of them.
    """
    content = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")) or {}
    config = content.get("config") or {}
    prefix = f"{PROJECT}:"
    values = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    encrypted = {
        key for key, value in values.items() if isinstance(value, dict) and value.keys() == {"secure"}
    }
    return Settings.load(
        project=PROJECT,
        environment=stack,
        region=config.get("aws:region"),
        # Only the Pulumi engine can decrypt a value, so a stand-in takes its place.
        values={
            key: STAND_INS.get(key, "") if key in encrypted else _as_text(value)
            for key, value in values.items()
        },
        encrypted=encrypted,
    )


def _as_text(value: Any) -> Any:
    """Return a group unchanged, and any other value as text, as the Pulumi engine passes an unquoted account."""
    return value if isinstance(value, dict | list) else str(value)
