"""The section "Planted mistakes" of docs/policies.md: the mistakes that tests plant in a valid plan, by rule."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

FILE = Path(__file__).with_name("planted_mistakes.json")
"""The mistakes by rule, which the test of the mistakes writes."""

_HEAD = """
## Planted mistakes

Tests plant {mistakes} mistakes in a valid plan, each once in a plan that builds names and once in one that passes on
references, and each is refused by exactly the rule that is meant for it. The plan itself passes {rules} rules.
[mutations.py](../tests/policies/bad_plans/mutations.py) has a function for each.

| rule | mistakes | |
|---|--:|---|"""


def planted() -> Mapping[str, Sequence[str]]:
    """Return the planted mistakes by the rule that refuses each."""
    found: Mapping[str, Sequence[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def count(rules: Collection[str]) -> int:
    """Return the number of planted mistakes that some rules refuse."""
    by_rule = planted()
    return sum(len(by_rule[rule]) for rule in rules)


def section() -> str:
    """Return the section, as Markdown."""
    by_rule = planted()
    head = _HEAD.format(mistakes=count(by_rule.keys()), rules=len(by_rule))
    return "\n".join([head, *_rows(by_rule)])


def _rows(by_rule: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for rule, mistakes in by_rule.items():
        yield f"| [{rule}](#{rule}) | {len(mistakes)} | {', '.join(f'`{mistake}`' for mistake in mistakes)} |"
