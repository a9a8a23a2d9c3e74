"""Reads the stack files of the checkout."""

from pathlib import Path

import yaml

from components.settings import Settings
from docs.stack_file_schema import PROJECT

ROOT = Path(__file__).parents[1]


def settings_of(stack: str) -> Settings:
    """Return the settings of a stack."""
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    prefix = f"{PROJECT}:"
    return Settings.load(
        project=PROJECT,
        environment=stack,
        region=config["aws:region"],
        values={key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)},
    )
