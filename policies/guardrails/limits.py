"""The limits of a stack: which rules are set how, as JSON, checked against a schema that is made from the rules.

The file has the shape of Pulumi's policy configuration: a rule's name, and under it `enforcementLevel` and its limits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from guardrails import strict_json
from guardrails.mistakes import mistakes
from guardrails.rule import Level, Rule

LEVEL = "enforcementLevel"
DEFAULTS = "defaults"
"""Where the limits of a stack without a file come from."""

FOLDER = Path(__file__).parents[1] / "limits"
# Not among the stacks, of which one may be named so.
SCHEMA = FOLDER.with_name("limits.schema.json")


class LimitsError(Exception):
    """A limits file is wrong; the message lists every mistake."""


def schema(rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the JSON schema of a limits file for these rules."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The limits of a stack",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "$schema": {"type": "string"},
            **{rule.name: _rule_schema(rule) for rule in rules},
        },
    }


def limits_schema(rule: Rule) -> dict[str, Any]:
    """Return the JSON schema of each limit of a rule, by its key."""
    return {
        limit.key: {"description": limit.description, "default": limit.default, **limit.schema}
        for limit in rule.limits
    }


def rule_mistakes(rule: Rule, limits: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the limits that a rule was given, a sentence each."""
    return mistakes(_rule_schema(rule), limits)


def without_mistakes(rule: Rule, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of some limits that a rule can be asked with; for the others its defaults hold."""
    return {key: value for key, value in limits.items() if not rule_mistakes(rule, {key: value})}


def load(path: Path, rules: Sequence[Rule]) -> dict[str, dict[str, Any]]:
    """Return the limits in a file, by rule.

    Raises:
        LimitsError: with every mistake.
    """
    try:
        text = path.read_text(encoding="utf-8")
        limits = strict_json.loads(text, of_pairs=_each_once)
    except OSError as error:
        raise LimitsError(f"{path} cannot be read ({error.strerror}); name a file of limits.") from None
    except (ValueError, RecursionError) as error:
        raise LimitsError(f"{path} is not JSON ({error}); write an object of rules.") from None
    if found := mistakes(schema(rules), limits):
        raise LimitsError("\n".join([f"{path.name} has mistakes:", *(f"  {mistake}" for mistake in found)]))
    return {name: of_rule for name, of_rule in limits.items() if name != "$schema"}


def of_stack(stack: str, rules: Sequence[Rule], folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Return the limits of a stack by its name; a stack without a file has every default.

    Raises:
        LimitsError: with every mistake in its file.
    """
    path = _file_of(stack, folder)
    return load(path, rules) if path.exists() else {}


def source_of(stack: str, folder: Path = FOLDER) -> str:
    """Return where the limits of a stack come from: the name of its file, or `DEFAULTS`."""
    path = _file_of(stack, folder)
    return path.name if path.exists() else DEFAULTS


def of_level(limits: Mapping[str, Mapping[str, Any]], level: Level) -> frozenset[str]:
    """Return the rules to which some limits give a level."""
    return frozenset(name for name, of_rule in limits.items() if of_rule.get(LEVEL) == level)


def _file_of(stack: str, folder: Path) -> Path:
    return folder / f"{stack}.json"


def _rule_schema(rule: Rule) -> dict[str, Any]:
    return {
        "description": rule.requirement,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            LEVEL: {
                "description": "What a breach does to a deployment.",
                "enum": [str(level) for level in Level],
                "default": str(rule.level),
            },
            **limits_schema(rule),
        },
    }


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a key that stands there twice the second would hold, and nobody would see the first."""
    twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"{twice[0]} stands there twice")
    return dict(pairs)
