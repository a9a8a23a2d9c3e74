import re

import pytest

from components.machines.asl import (
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
from components.machines.weekly.machine import definition
from components.settings.names import Names
from docs.stack_files import settings_of
from docs.state_machine import State as Drawn
from docs.state_machine import condition_of, nodes, transitions
from docs.state_machine_page import flowchart, page, phases_of
from tests.stacks import ROOT

CALL = Integration("arn:aws:states:::aws-sdk:ssm:getParameter", {}, ())
WAIT = Integration(
    "arn:aws:states:::ecs:runTask.waitForTaskToken", {"a": expression("$states.context.Task.Token")}, ()
)


def states_of(states: dict[str, State]) -> dict[str, Drawn]:
    found: dict[str, Drawn] = Machine(states).definition["States"]
    return found


@pytest.fixture(scope="module")
def weekly() -> dict[str, Drawn]:
    settings = settings_of("prod")
    found: dict[str, Drawn] = definition(settings, Names.of(settings))["States"]
    return found


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
    assert list(nodes(states_of({"A": state}))) == [line]


def test_the_arrows_of_a_choice_are_numbered() -> None:
    states = states_of(
        {"A": choice([("$n > 0", "B"), ('$s = "x"', "C")], default="C"), "B": succeed(), "C": succeed()}
    )
    assert list(transitions(states)) == [
        ("A", '-->|"1"|', "B"),
        ("A", '-->|"2"|', "C"),
        ("A", '-->|"otherwise"|', "C"),
    ]
    assert [condition_of(rule) for rule in states["A"]["Choices"]] == ["$n > 0", '$s = "x"']


def test_the_arrow_after_an_error_is_dotted_unless_it_is_the_usual_one() -> None:
    states = states_of(
        {
            "A": task(CALL, timeout_seconds=60, catches=[catch("C")], next_state="B"),
            "B": task(CALL, timeout_seconds=60, catches=[catch("C")], next_state="C"),
            "C": succeed(),
        }
    )
    assert list(transitions(states)) == [
        ("A", "-->", "B"),
        ("A", '-.->|"error"|', "C"),
        ("B", '-->|"success or error"|', "C"),
    ]


def test_the_states_of_a_map_stand_inside_it() -> None:
    inner = Machine({"I": pass_state(next_state="J"), "J": succeed()})
    states = {
        "M": map_state(
            items="[1]", max_items=1, selector={}, processor=inner, max_concurrency=1, next_state="B"
        )
    }
    lines = [line.strip() for line in nodes(states_of({**states, "B": succeed()}))]
    begin, end = lines.index('subgraph M["M: in parallel, for each item"]'), lines.index("end")
    assert lines[begin + 1 : end] == ['I("I"):::pass', 'J(["J"]):::succeed', "I --> J"]


def test_every_state_is_in_one_flowchart_that_can_be_read(weekly: dict[str, Drawn]) -> None:
    phases = phases_of(weekly)
    assert sorted(name for names in phases.values() for name in names) == sorted(weekly)
    assert "AlreadyRunning" in phases["Metrics, messages and the end"]
    assert max(map(len, phases.values())) <= 12


def test_every_transition_and_every_condition_is_on_the_page(weekly: dict[str, Drawn]) -> None:
    text = page()
    drawn = set(re.findall(r"^ +(\w+) -.*?-?>(?:\|\S+?\||\|\".+?\"\|)? (\w+)$", text, re.MULTILINE))
    assert {(source, target) for source, _, target in transitions(weekly)} <= drawn
    for state in weekly.values():
        assert all(condition_of(rule) in text for rule in state.get("Choices", ()))


def test_a_state_of_another_phase_is_dashed(weekly: dict[str, Drawn]) -> None:
    lines = flowchart(weekly, ["LoadSettings"]).splitlines()
    assert '  NameRun["NameRun"]:::other' in lines
    assert "  LoadSettings --> NameRun" in lines


def test_the_states_in_the_picture_of_the_readme_are_those_of_the_machine(weekly: dict[str, Drawn]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"```mermaid\n(.+?)\n```", readme, re.DOTALL)
    named = set(re.findall(r"\[\"(\w+)(?=<br>|\")", picture))
    assert 8 <= len(named) <= 12
    assert named <= {*weekly}
