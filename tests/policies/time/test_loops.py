from typing import Any

import pytest

from guardrails.time.analysis import Analysis, analyse
from guardrails.time.bounds import Bounds

Json = dict[str, Any]


def poll(
    *,
    condition: str = "{% $tries < 10 %}",
    first: Any = 0,
    again: Any = "{% $tries + 1 %}",
    on_catch: Json | None = None,
) -> Json:
    """Wait and look, for as long as the condition holds."""
    look = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "TimeoutSeconds": 5,
        "Assign": {"tries": again},
        "Catch": [{"ErrorEquals": ["States.ALL"], **on_catch}] if on_catch else [],
        "Next": "Enough?",
    }
    return {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Assign": {"tries": first}, "Next": "Rest"},
            "Rest": {"Type": "Wait", "Seconds": 20, "Next": "Look"},
            "Look": look,
            "Enough?": {
                "Type": "Choice",
                "Choices": [{"Condition": condition, "Next": "Rest"}],
                "Default": "End",
            },
            "End": {"Type": "Succeed"},
        },
    }


def analysed(definition: Json, **visits: int) -> Analysis:
    return analyse(definition, Bounds(visits_of=visits))


def test_a_counter_compared_with_a_number_bounds_its_loop() -> None:
    assert analysed(poll()).worst_case_seconds == 10 * (20 + 5)


def test_a_path_shows_the_iterations_of_a_loop() -> None:
    path = analysed(poll()).path
    assert sum(step.seconds for step in path if step.state == "Look") == 10 * 5
    assert "10 visits × 5 s" in {step.arithmetic for step in path}


def test_a_long_loop_is_not_simulated_iteration_by_iteration() -> None:
    assert analysed(poll(condition="{% $tries < 100000000 %}")).worst_case_seconds == 100_000_000 * 25


@pytest.mark.parametrize(
    "condition",
    [
        "{% $tries <= 9 %}",
        "{% 10 > $tries %}",
        "{% 9 >= $tries %}",
        "{% $status = 'RUNNING (10 or so)' and $tries < 10 %}",
        "{% $tries < 10 and $tries < 99 %}",
        "{% ($tries < 10) %}",
        "{% ( ( 10 > $tries ) ) %}",
        "{% ($status = 'a' or $status = 'b') and ($tries < 10) %}",
        "{% $exists($status) and ($text = ')' and ($tries < 10)) %}",
    ],
)
def test_a_condition_that_implies_the_limit_counts(condition: str) -> None:
    assert analysed(poll(condition=condition)).worst_case_seconds == 250


@pytest.mark.parametrize(
    "condition",
    [
        "{% $status = 'RUNNING' %}",
        "{% $status = 'RUNNING' or $tries < 10 %}",
        "{% $not($tries < 10) %}",
        "{% $not($other and $tries < 10) %}",
        "{% $and ($tries < 10) %}",
        "{% ($tries < 10) = false %}",
        "{% ($tries < 10 or $other) and true %}",
        "{% ($tries < 10; true) %}",
        "{% ($tries := 1) < 10 %}",
        "{% $tries < $limit %}",
        "{% $tries > 10 %}",
        "{% $tries != 10 %}",
        "{% $other < 10 %}",
        "{% 'a and $tries < 10 and b' = $text %}",
        "{% true /* and $tries < 10 and */ %}",
        "{% $tries < 10 ? true : true %}",
        "$tries < 10",
        "{% $tries < 10.5 %}",
    ],
)
def test_a_condition_that_does_not_imply_a_limit_bounds_nothing(condition: str) -> None:
    analysis = analysed(poll(condition=condition))
    assert analysis.worst_case_seconds is None
    assert [found.state for found in analysis.unbounded] == ["Rest"]
    assert analysis.transitions.worst is None


@pytest.mark.parametrize(
    "again",
    [
        "{% $tries %}",
        "{% $tries - 1 %}",
        "{% $tries + 0 %}",
        "{% $tries + -1 %}",
        "{% -($tries + 1) %}",
        "{% $other + 1 %}",
        1,
        None,
    ],
)
def test_a_counter_that_does_not_count_up_bounds_nothing(again: Any) -> None:
    assert analysed(poll(again=again)).worst_case_seconds is None


@pytest.mark.parametrize("first", ["{% $states.input.tries %}", None, "0", 0.5])
def test_a_counter_that_begins_anywhere_bounds_nothing(first: Any) -> None:
    assert analysed(poll(first=first)).worst_case_seconds is None


def test_a_counter_of_a_jsonpath_state_may_hold_anything() -> None:
    definition = poll()
    definition["States"]["Begin"]["Assign"] = {"tries.$": "$.tries"}
    assert analysed(definition).worst_case_seconds is None


def test_an_iteration_that_bypasses_the_counter_bounds_nothing() -> None:
    assert analysed(poll(on_catch={"Next": "Rest"})).worst_case_seconds is None
    assert analysed(poll(on_catch={"Next": "Enough?"})).worst_case_seconds is None


@pytest.mark.parametrize("condition", ["{% $tries > 0 %}", "{% $tries >= 1 %}", "{% (0 < $tries) %}"])
def test_a_counter_may_count_down(condition: str) -> None:
    assert analysed(poll(condition=condition, first=10, again="{% $tries - 1 %}")).worst_case_seconds == 250
    assert analysed(poll(condition=condition, first=10, again="{% ($tries - 2) %}")).worst_case_seconds == 125


@pytest.mark.parametrize(
    ("condition", "again"),
    [("{% $tries > 0 %}", "{% $tries + 1 %}"), ("{% $tries < 0 %}", "{% $tries - 1 %}")],
)
def test_a_counter_that_moves_away_from_its_limit_bounds_nothing(condition: str, again: str) -> None:
    assert analysed(poll(condition=condition, first=10, again=again)).worst_case_seconds is None


def test_a_catcher_counts_with_its_own_assign() -> None:
    on_catch = {"Next": "Enough?", "Assign": {"tries": "{% $tries + 1 %}"}}
    assert analysed(poll(on_catch=on_catch)).worst_case_seconds == 250


def test_a_counter_that_is_set_back_in_the_loop_bounds_nothing() -> None:
    definition = poll()
    definition["States"]["Rest"]["Assign"] = {"tries": 0}
    assert analysed(definition).worst_case_seconds is None


def test_the_smallest_of_several_beginnings_counts() -> None:
    definition = poll(first=5)
    definition["States"]["Other"] = {"Type": "Pass", "Assign": {"tries": 2}, "Next": "Rest"}
    definition["States"]["Either"] = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.other %}", "Next": "Other"}],
        "Default": "Begin",
    }
    definition["StartAt"] = "Either"
    assert analysed(definition).worst_case_seconds == 8 * 25


def test_declared_visits_bound_a_loop_that_nothing_counts() -> None:
    definition = poll(condition="{% $status = 'RUNNING' %}")
    assert analysed(definition, Look=7).worst_case_seconds == 7 * 5 + 8 * 20
    assert analysed(definition, Rest=7).worst_case_seconds == 7 * 25


def test_declared_visits_of_a_state_that_an_iteration_can_bypass_bound_nothing() -> None:
    definition = poll(condition="{% $status = 'RUNNING' %}", on_catch={"Next": "Rest"})
    assert analysed(definition, **{"Enough?": 7}).worst_case_seconds is None


def test_a_state_that_continues_with_itself_is_a_loop() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 3, "Next": "A"}}}
    assert analysed(definition).worst_case_seconds is None
    assert analysed(definition, A=4).worst_case_seconds == 12
