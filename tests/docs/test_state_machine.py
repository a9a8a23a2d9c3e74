from typing import Any

import pytest

from components.asl import (
    Integration,
    Machine,
    State,
    catch,
    choice,
    expression,
    fail,
    map_state,
    pass_state,
    succeed,
    task,
)
from docs.state_machine import flowchart

CALL = Integration("arn:aws:states:::aws-sdk:ssm:getParameter", {}, ())
WAIT = Integration(
    "arn:aws:states:::ecs:runTask.waitForTaskToken", {"a": expression("$states.context.Task.Token")}, ()
)


def lines_of(states: dict[str, State]) -> list[str]:
    return [line.strip() for line in flowchart(Machine(states).definition).splitlines()]


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (task(CALL, timeout_seconds=60), 'A["A<br><small>ssm getParameter</small>"]:::task'),
        (
            task(WAIT, timeout_seconds=60, heartbeat_seconds=30),
            'A["A<br><small>ecs runTask, waits for its token</small>"]:::task',
        ),
        (pass_state(), 'A("A"):::pass'),
        (succeed(), 'A(["A"]):::succeed'),
        (fail(error="E", cause="c"), 'A(["A"]):::fail'),
    ],
)
def test_a_state_has_the_shape_of_its_type(state: State, line: str) -> None:
    assert line in lines_of({"A": state})


def test_the_picture_begins_where_the_machine_does() -> None:
    lines = lines_of({"B": pass_state(next_state="A"), "A": succeed()})
    assert lines[0] == "flowchart TD"
    assert "start --> B" in lines


def test_each_way_of_a_choice_says_when_it_is_taken() -> None:
    lines = lines_of(
        {"A": choice([("$n > 0", "B"), ('$s = "x"', "C")], default="C"), "B": succeed(), "C": succeed()}
    )
    assert 'A -->|"$n &gt; 0"| B' in lines
    assert 'A -->|"$s = &quot;x&quot;"| C' in lines
    assert 'A -->|"otherwise"| C' in lines


def test_what_happens_to_an_error_is_dotted() -> None:
    lines = lines_of(
        {
            "A": task(CALL, timeout_seconds=60, catches=[catch("C")], next_state="B"),
            "B": succeed(),
            "C": succeed(),
        }
    )
    assert "A --> B" in lines
    assert 'A -.->|"error"| C' in lines


def test_an_error_that_changes_nothing_is_no_way_of_its_own() -> None:
    lines = lines_of(
        {"A": task(CALL, timeout_seconds=60, catches=[catch("B")], next_state="B"), "B": succeed()}
    )
    assert [line for line in lines if line.startswith("A -")] == ['A -->|"done or not"| B']


def test_the_states_of_a_map_stand_inside_it() -> None:
    inner = Machine({"I": pass_state(next_state="J"), "J": succeed()})
    states = {
        "M": map_state(
            items="[1]", max_items=1, selector={}, processor=inner, max_concurrency=1, next_state="B"
        )
    }
    lines = lines_of({**states, "B": succeed()})
    begin, end = lines.index('subgraph M["M: side by side, each item"]'), lines.index("end")
    assert lines[begin + 1 : end] == ['I("I"):::pass', 'J(["J"]):::succeed', "I --> J"]
    assert "M --> B" in lines


def test_every_state_and_transition_is_drawn() -> None:
    states: dict[str, Any] = {
        "A": task(CALL, timeout_seconds=60, catches=[catch("D")], next_state="B"),
        "B": choice([("true", "C")], default="D"),
        "C": succeed(),
        "D": fail(error="E", cause="c"),
    }
    lines = lines_of(states)
    drawn = {(line.split()[0], line.split()[-1]) for line in lines if "->" in line}
    assert drawn == {("start", "A"), ("A", "B"), ("A", "D"), ("B", "C"), ("B", "D")}
