"""The four readers of schedule expressions, and the table that each must pass."""

import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import components.settings.schedule_expression
import guardrails.aws.schedule_expression
import local.emulator.schedule_expression
import reporter.schedule_expression
from tests.stacks import ROOT

READERS: tuple[ModuleType, ...] = (
    components.settings.schedule_expression,
    guardrails.aws.schedule_expression,
    local.emulator.schedule_expression,
    reporter.schedule_expression,
)
FILES = (
    ROOT / "components/settings/schedule_expression.py",
    ROOT / "policies/guardrails/aws/schedule_expression.py",
    ROOT / "local/emulator/schedule_expression.py",
    ROOT / "reporter/schedule_expression.py",
)
TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "table.toml").read_text(encoding="utf-8"))
