import json
import re

import pytest

from docs.policies_page import limits_schema, page
from guardrails.limits import SCHEMA, schema
from guardrails.limits_source import limits_of, source_of
from guardrails.rule import Rule
from guardrails.rules import RULES
from tests.stacks import ENVIRONMENTS, ROOT

PAGE = page()
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def section(heading: str) -> str:
    _, _, rest = PAGE.partition(f"\n{heading}\n")
    return re.split(r"\n##+ ", rest)[0]


@EVERY_RULE
def test_a_rule_has_its_line_in_the_overview(rule: Rule) -> None:
    (line,) = (line for line in section("## The rules").splitlines() if line.startswith(f"| [{rule.name}]("))
    assert rule.requirement in line
    assert str(rule.severity) in line


@EVERY_RULE
def test_a_rule_has_its_section_with_all_its_facts(rule: Rule) -> None:
    text = section(f"### {rule.name}")
    for fact in (
        rule.requirement,
        rule.rationale,
        rule.remediation,
        rule.url,
        f"{rule.severity}, {rule.level}",
    ):
        assert fact in text
    assert [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")] == [
        limit.key for limit in rule.limits
    ]


def test_the_table_of_limits_shows_type_default_and_description() -> None:
    row = "| `minRetentionDays` | whole number from 1 | `14` | The shortest retention of logs. |"
    assert row in section("### log-retention-set")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_page_shows_the_limits_that_each_stack_sets(environment: str) -> None:
    limits = limits_of(source_of("ccapi", environment), RULES)
    shown = [
        line
        for line in section("## Limits of a stack").splitlines()
        if line.startswith(f"| ccapi/{environment} |")
    ]
    assert len(shown) == len(limits)
    for line, (name, of_rule) in zip(shown, limits.items(), strict=True):
        assert f"[{name}](#{name})" in line
        assert all(f"`{key}`: `{json.dumps(value)}`" in line for key, value in of_rule.items())


def test_a_limits_file_with_mistakes_is_shown_with_its_errors() -> None:
    shown = [line for line in section("## Limits of a stack").splitlines() if line.startswith("    ")]
    assert len(shown) == 5
    assert all(line.endswith(".") for line in shown)


def test_every_link_within_the_page_has_a_target() -> None:
    headings = {heading.strip() for heading in re.findall(r"^### (.*)$", PAGE, flags=re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings


def test_every_link_to_a_file_has_a_target() -> None:
    for target in re.findall(r"\]\((\.\./[^)]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists()


def test_the_schema_is_that_of_the_limits() -> None:
    assert json.loads(limits_schema()) == schema(RULES)
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema(RULES)


def test_no_cell_breaks_its_table() -> None:
    for line in PAGE.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
