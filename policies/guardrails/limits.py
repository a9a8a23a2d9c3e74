"""The limits of a stack: the settings of each rule in a JSON file, validated by a schema that is made from the rules.

The file holds its version and, in the shape of Pulumi's policy configuration, each rule's name with its
`enforcementLevel` and its limits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from guardrails import strict_json
from guardrails.mistakes import mistakes
from guardrails.pack_folder import pack_folder
from guardrails.rule import Level, Rule

LEVEL = "enforcementLevel"
VERSION = 1
"""The version of the form of limits files."""

SCHEMA = pack_folder() / "limits.schema.json"
_FACTS = ("$schema", "version")


class LimitsError(Exception):
    """A limits file cannot be read or is wrong; the message lists every mistake."""


def schema(rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the JSON schema of a limits file for these rules."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The limits of a stack",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {
            "$schema": {"type": "string"},
            "version": {"description": "The version of the form of this file.", "enum": [VERSION]},
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
    """Return a sentence for each mistake in the limits of a rule."""
    return mistakes(_rule_schema(rule), limits)


def without_mistakes(rule: Rule, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits of a rule that have no mistake; defaults replace the others."""
    return {key: value for key, value in limits.items() if not rule_mistakes(rule, {key: value})}


def load(path: Path, rules: Sequence[Rule]) -> dict[str, dict[str, Any]]:
    """Return the limits in a file, by rule.

    Raises:
        LimitsError: if the file cannot be read, or has mistakes.
    """
    try:
        text = path.read_text(encoding="utf-8")
        limits = strict_json.loads(text, of_pairs=_each_once)
    except OSError as error:
        raise LimitsError(f"{path} cannot be read ({error.strerror}); name a file of limits.") from None
    except (ValueError, RecursionError) as error:
        raise LimitsError(f"{path} is not JSON ({error}); write an object of rules.") from None
    if isinstance(limits, Mapping) and "version" not in limits:
        raise LimitsError(
            f"{path} has no version, as before version {VERSION}; "
            f"`python -m guardrails limits migrate {path}` adds it."
        )
    if found := mistakes(schema(rules), limits):
        raise LimitsError("\n".join([f"{path.name} has mistakes:", *(f"  {mistake}" for mistake in found)]))
    return {name: of_rule for name, of_rule in limits.items() if name not in _FACTS}


def of_level(limits: Mapping[str, Mapping[str, Any]], level: Level) -> frozenset[str]:
    """Return the rules whose enforcement level in the limits is a given one."""
    return frozenset(name for name, of_rule in limits.items() if of_rule.get(LEVEL) == level)


def _rule_schema(rule: Rule) -> dict[str, Any]:
    return {
        "description": rule.requirement,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            LEVEL: {
                "description": "mandatory: a violation stops a deployment; advisory: it warns; disabled: no "
                "evaluation.",
                "enum": [str(level) for level in Level],
                "default": str(rule.level),
            },
            **limits_schema(rule),
        },
    }


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; refuse duplicate keys, of which JSON parsers would silently keep the last."""
    twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"{twice[0]} is a duplicate key")
    return dict(pairs)
