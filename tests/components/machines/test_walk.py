"""The tests' own walker: a mistake in it could hide a mistake in a machine."""

from typing import Any

import pytest

from components.machines.asl import (
    Integration,
    Machine,
    catch,
    choice,
    expression,
    fail,
    map_state,
    pass_state,
    retry,
    succeed,
    task,
)
from components.settings.bounds import Backoff
from tests.components.machines.walk import DATA_LIMIT_EXCEEDED, Call, Failed, walk

CALL = Integration("arn:aws:states:::sns:publish", {"A": expression("$states.input.a")}, ())


def output_of(states: dict[str, Any], execution_input: Any = None, answer: Any = None) -> Any:
    walked = walk(Machine(states).definition, lambda _: answer, execution_input=execution_input or {})
    assert walked.failed is None
    return walked.output


def test_a_task_is_called_with_its_evaluated_arguments() -> None:
    walked = walk(
        Machine({"A": task(CALL, timeout_seconds=60)}).definition, lambda _: "r", execution_input={"a": 1}
    )
    assert walked.calls == [Call("A", {"A": 1}, 0, timeout_seconds=60)]
    assert walked.output == "r"


def test_variables_are_those_of_before_until_the_state_is_left() -> None:
    states = {
        "A": pass_state(assign={"x": 1}, next_state="B"),
        "B": pass_state(assign={"x": 2, "y": expression("$x")}, output=expression("$x"), next_state="C"),
        "C": succeed(output=expression("[$states.input, $x, $y]")),
    }
    assert output_of(states) == [1, 2, 1]


def test_variables_of_an_item_stay_in_the_item() -> None:
    inner = Machine(
        {
            "I": pass_state(
                assign={"x": expression("$states.input.n")}, output=expression("$states.input.n + $x")
            )
        }
    )
    states = {
        "A": pass_state(assign={"x": 1}, next_state="M"),
        "M": map_state(
            items="[1, 2]",
            max_items=2,
            selector={"n": expression("$states.context.Map.Item.Value * 10")},
            processor=inner,
            max_concurrency=1,
            next_state="C",
        ),
        "C": succeed(output=expression("[$x, $states.input]")),
    }
    assert output_of(states) == [1, 11, 21]


def test_a_retrier_counts_its_own_errors_and_then_the_catcher_has_them() -> None:
    def answer(call: Call) -> Any:
        raise Failed("Odd" if call.retry_count % 2 else "Even", str(call.retry_count))

    backoff = Backoff(max_attempts=1, interval_seconds=1)
    states = {
        "A": task(
            Integration("arn:aws:states:::sns:publish", {}, ()),
            timeout_seconds=60,
            retries=[retry(["Odd"], backoff), retry(["Even"], backoff)],
            catches=[catch("C", output=expression("$states.errorOutput"))],
        ),
        "C": pass_state(),
    }
    walked = walk(Machine(states).definition, answer, execution_input={})
    assert [call.retry_count for call in walked.calls] == [0, 1, 2]
    assert walked.output == {"Error": "Even", "Cause": "2"}


def test_an_expression_that_yields_nothing_fails_the_execution() -> None:
    walked = walk(
        Machine({"A": pass_state(output=expression("$states.input.a"))}).definition,
        lambda _: None,
        execution_input={},
    )
    assert walked.failed is not None
    assert walked.failed.error == "States.QueryEvaluationError"


@pytest.mark.parametrize(("a", "error"), [(1, "One"), (2, "Other")])
def test_a_choice_takes_its_first_rule_or_the_default(a: int, error: str) -> None:
    states = {
        "A": choice([("$states.input.a = 1", "B")], default="C"),
        "B": fail(error="One", cause=""),
        "C": fail(error="Other", cause=""),
    }
    walked = walk(Machine(states).definition, lambda _: None, execution_input={"a": a})
    assert walked.failed == Failed(error)


def test_too_much_data_fails_the_execution_and_nothing_catches_it() -> None:
    states = {
        "A": task(CALL, timeout_seconds=60, catches=[catch("B")], next_state="B"),
        "B": pass_state(),
    }
    whole = walk(Machine(states).definition, lambda _: "x" * 262_142, execution_input={"a": 1})
    assert (whole.failed, whole.payloads) == (None, {"A": 262_144, "B": 262_144})
    beyond = walk(Machine(states).definition, lambda _: "x" * 262_143, execution_input={"a": 1})
    assert beyond.failed == Failed(DATA_LIMIT_EXCEEDED, "A: 262145 bytes")


def test_events_are_those_of_the_history() -> None:
    inner = Machine({"I": task(CALL, timeout_seconds=60)})
    states = {
        "M": map_state(
            items="[1, 2]", max_items=2, selector={"a": 1}, processor=inner, max_concurrency=1, next_state="C"
        ),
        "C": succeed(),
    }
    # The execution 2, the Map 4, each item 2, its task 5, and the last state 2.
    walked = walk(Machine(states).definition, lambda _: None, execution_input={})
    assert walked.events == 2 + 4 + 2 * (2 + 5) + 2
