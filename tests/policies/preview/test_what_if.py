import json

import pytest

from guardrails.preview.formats import WHAT_IF_FORMATS
from guardrails.preview.preview_result import Preview
from guardrails.preview.requests import Varied
from guardrails.preview.sections import what_if_section
from tests.policies.preview.previews import (
    FAILED,
    FARGATE,
    MACHINE,
    NAT,
    PASSED,
    WEEKLY,
    cost_of_machine,
    costs,
    report,
    rule,
    violation,
)

DEAR = Preview(
    stack="dev",
    violations=[violation("dear", "32"), violation("dear", "33"), violation("named", "x", "advisory")],
    report=report(
        rule("dear"),
        machines=(MACHINE,),
        cost=costs([FARGATE, NAT], None, WEEKLY, cost_of_machine("other", "5", "6")),
    ),
)
DOUBTED = Preview(stack="dev", errors=["dear could not be asked"], report=PASSED.report)
VARIED: Varied = {"as it is": PASSED, "NAT": DEAR, "Spot": FAILED, "odd": DOUBTED}


def test_each_variation_is_a_row_below_the_stack_as_it_is() -> None:
    section = what_if_section(VARIED)
    assert section.title == "What if: dev"
    (table,) = section.tables
    assert [tuple(row) for row in table] == [
        ("", "a month", "at worst", "a run", "at worst", "longest run", "verdict"),
        ("as it is", "$4.60", "$4.60", "$0.37", "$1.24", "1 min", "passed"),
        ("NAT", "$34.35", "$34.35", "$0.37", "$1.24", "1 min", "refused"),
        ("Spot", "·", "·", "·", "·", "·", "not possible"),
        ("odd", "$4.60", "$4.60", "$0.37", "$1.24", "1 min", "failed"),
    ]
    assert section.sentences == ["The columns of a run are those of weekly."]


def test_a_failing_variation_is_reported_in_the_words_of_the_rules_or_the_settings() -> None:
    assert list(what_if_section(VARIED).lists.values()) == [
        [
            "NAT: refused by dear",
            "Spot: not possible: 2 settings cannot be used: a: is missing; write it b: is too much",
            "odd: dear could not be asked",
        ]
    ]
    assert what_if_section({"as it is": PASSED, "other": PASSED}).lists == {}


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_every_stack_is_reported(format_: str) -> None:
    told = WHAT_IF_FORMATS[format_]([VARIED, {"as it is": Preview(stack="prod", report=report())}])
    assert "What if: dev" in told
    assert "What if: prod" in told


def test_json_holds_each_preview_under_the_variation_s_name() -> None:
    (stack,) = json.loads(WHAT_IF_FORMATS["json"]([VARIED]))["stacks"]
    assert stack["stack"] == "dev"
    assert [(one["name"], one["verdict"]) for one in stack["variations"]] == [
        ("as it is", "passed"),
        ("NAT", "refused"),
        ("Spot", "failed"),
        ("odd", "failed"),
    ]
    assert stack["variations"][1]["cost"]["month"]["worst"]["total"] == "34.35"
