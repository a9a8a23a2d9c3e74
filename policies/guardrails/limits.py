"""The limits of a stack: the settings of each rule in a JSON file, validated by a schema that is made from the rules.

The file holds its version and, in the shape of Pulumi's policy configuration, each rule's name with its
`enforcementLevel` and its limits.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from guardrails import strict_json
from guardrails.exemptions import Exemption
from guardrails.mistakes import mistakes
from guardrails.pack_folder import pack_folder
from guardrails.rule import Level, Rule

LEVEL = "enforcementLevel"
VERSION = 1
"""The version of the form of limits files."""

SCHEMA = pack_folder() / "limits.schema.json"
_EXEMPTIONS = "exemptions"
_FACTS = ("$schema", "version", _EXEMPTIONS)


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
            _EXEMPTIONS: _exemptions_schema(rules),
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
    return {name: of_rule for name, of_rule in _content(path, rules).items() if name not in _FACTS}


def load_exemptions(path: Path, rules: Sequence[Rule]) -> tuple[Exemption, ...]:
    """Return the exemptions in a file.

    Raises:
        LimitsError: if the file cannot be read, or has mistakes.
    """
    return tuple(
        Exemption(**{**each, "until": date.fromisoformat(each["until"]) if "until" in each else None})
        for each in _content(path, rules).get(_EXEMPTIONS, ())
    )


def _content(path: Path, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the content of a file without mistakes."""
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
    if found := mistakes(schema(rules), limits) or list(_wrong_days(limits.get(_EXEMPTIONS, ()))):
        raise LimitsError("\n".join([f"{path.name} has mistakes:", *(f"  {mistake}" for mistake in found)]))
    content: dict[str, Any] = limits
    return content


def _wrong_days(exemptions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for number, exemption in enumerate(exemptions):
        try:
            date.fromisoformat(exemption.get("until", "2000-01-01"))
        except ValueError:
            yield f"{_EXEMPTIONS}.{number}.until is {exemption['until']}, no day; write one, as in 2027-03-31."


def of_level(limits: Mapping[str, Mapping[str, Any]], level: Level) -> frozenset[str]:
    """Return the rules whose enforcement level in the limits is a given one."""
    return frozenset(name for name, of_rule in limits.items() if of_rule.get(LEVEL) == level)


def _exemptions_schema(rules: Sequence[Rule]) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    return {
        "description": (
            "Violations that the stack accepts, each of one rule by one resource. One that matches no violation, or "
            "has ended, violates rules-assessed-everything."
        ),
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["rule", "resource", "reason"],
            "properties": {
                # The last rule checks the others, and the exemptions too.
                "rule": {"description": "The name of the rule.", "enum": [rule.name for rule in rules[:-1]]},
                "resource": {"description": "The name of the resource in the program.", **text},
                "state": {"description": "The state of a state machine; without it, the resource.", **text},
                "reason": {"description": "The reason, which every report prints.", **text},
                "until": {
                    "description": "The last day on which it is valid, as in 2027-03-31.",
                    "type": "string",
                    "pattern": r"^\d{4}-\d{2}-\d{2}$",
                },
            },
        },
    }


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
