from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.machines.asl import (
    Integration,
    Machine,
    MachineError,
    Permission,
    State,
    catch,
    choice,
    expression,
    fail,
    map_state,
    never,
    pass_state,
    retry,
    succeed,
    targets,
    task,
    wait,
)
from components.settings.bounds import Backoff

READ = Permission(("ssm:GetParameter",), ("arn:aws:ssm:us-east-1:111111111111:parameter/a",))
WRITE = Permission(("s3:PutObject",), ("arn:aws:s3:::b/*",))
CALL = Integration("arn:aws:states:::aws-sdk:ssm:getParameter", {"Name": "a"}, (READ,))
TOKEN = {"Token": expression("$states.context.Task.Token")}
WAIT = Integration("arn:aws:states:::ecs:runTask.waitForTaskToken", TOKEN, (WRITE,))
BACKOFF = Backoff(max_attempts=2, interval_seconds=30)
ALL = ["States.ALL"]


def faults(states: dict[str, State]) -> tuple[str, ...]:
    with pytest.raises(MachineError) as caught:
        Machine(states)
    return caught.value.faults


# Builders


def test_an_expression_is_marked_as_one() -> None:
    assert expression("$a + 1") == "{% $a + 1 %}"


def test_a_retrier_has_a_bound_for_everything_and_full_jitter() -> None:
    assert retry(["States.Timeout"], BACKOFF) == {
        "ErrorEquals": ["States.Timeout"],
        "IntervalSeconds": 30,
        "MaxAttempts": 2,
        "BackoffRate": 2.0,
        "MaxDelaySeconds": 300,
        "JitterStrategy": "FULL",
    }


def test_an_error_that_is_an_answer_is_never_tried_again() -> None:
    assert never(["Some.Answer"]) == {"ErrorEquals": ["Some.Answer"], "MaxAttempts": 0}


def test_a_catcher_catches_every_error_by_default() -> None:
    assert catch("Lost") == {"ErrorEquals": ALL, "Next": "Lost"}
    assert catch("Lost", errors=["A"], output=1, assign={"x": 2}) == {
        "ErrorEquals": ["A"],
        "Output": 1,
        "Assign": {"x": 2},
        "Next": "Lost",
    }


def test_a_task_without_a_next_state_ends_the_machine() -> None:
    assert task(CALL, timeout_seconds=60).fields == {
        "Type": "Task",
        "Resource": CALL.resource,
        "Arguments": {"Name": "a"},
        "TimeoutSeconds": 60,
        "End": True,
    }


def test_a_task_state_has_the_field_of_each_argument() -> None:
    state = task(
        WAIT,
        timeout_seconds=60,
        heartbeat_seconds=30,
        retries=[retry(ALL, BACKOFF)],
        catches=[catch("Lost")],
        assign={"x": 1},
        output=2,
        next_state="Then",
    )
    assert list(state.fields) == [
        "Type",
        "Resource",
        "Arguments",
        "TimeoutSeconds",
        "HeartbeatSeconds",
        "Retry",
        "Catch",
        "Assign",
        "Output",
        "Next",
    ]


def test_a_task_has_the_permissions_of_its_call() -> None:
    assert task(CALL, timeout_seconds=60).permissions == (READ,)


@pytest.mark.parametrize(("integration", "waits"), [(CALL, False), (WAIT, True)])
def test_only_a_callback_waits_for_a_token(integration: Integration, waits: bool) -> None:
    assert integration.waits_for_token is waits


def test_a_pass_state_keeps_an_output_of_false() -> None:
    assert pass_state(output=False).fields == {"Type": "Pass", "Output": False, "End": True}


def test_a_choice_takes_the_first_rule_that_holds() -> None:
    assert choice([("$a", "A"), ("$b", "B")], default="C").fields == {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $a %}", "Next": "A"}, {"Condition": "{% $b %}", "Next": "B"}],
        "Default": "C",
    }


def test_a_machine_knows_the_most_items_of_each_of_its_maps() -> None:
    def over(items: int, inside: Machine) -> Machine:
        state = map_state(items="$a", max_items=items, selector={}, processor=inside, max_concurrency=1)
        return Machine({f"Map{items}": state})

    assert over(3, over(2, Machine({"Done": succeed()}))).max_items == {"Map3": 3, "Map2": 2}


def test_a_map_carries_its_machine_and_the_permissions_of_it() -> None:
    inner = Machine({"Call": task(CALL, timeout_seconds=60)})
    state = map_state(items="$shards", max_items=2, selector={"shard": 1}, processor=inner, max_concurrency=2)
    assert state.permissions == (READ,)
    assert state.fields == {
        "Type": "Map",
        "Items": ("{% $count($shards) <= 2 ? $shards : $error('more than 2 items') %}"),
        "ItemSelector": {"shard": 1},
        "MaxConcurrency": 2,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": "Call",
            "States": {"Call": inner.states["Call"].fields},
        },
        "End": True,
    }


def test_a_machine_ends_well_or_as_failed() -> None:
    assert succeed(output=1).fields == {"Type": "Succeed", "Output": 1}
    assert fail(error="A", cause="b").fields == {"Type": "Fail", "Error": "A", "Cause": "b"}


# Machines


def test_a_machine_starts_at_its_first_state() -> None:
    machine = Machine({"B": pass_state(next_state="A"), "A": succeed()}, timeout_seconds=60, comment="c")
    assert machine.definition == {
        "Comment": "c",
        "QueryLanguage": "JSONata",
        "TimeoutSeconds": 60,
        "StartAt": "B",
        "States": {"B": {"Type": "Pass", "Next": "A"}, "A": {"Type": "Succeed"}},
    }


def test_a_machine_needs_each_permission_once_in_the_order_of_its_states() -> None:
    machine = Machine(
        {
            "One": task(CALL, timeout_seconds=60, next_state="Two"),
            "Two": task(WAIT, timeout_seconds=60, heartbeat_seconds=30, next_state="Three"),
            "Three": task(CALL, timeout_seconds=60),
        }
    )
    assert machine.permissions == (READ, WRITE)


@pytest.mark.parametrize(
    ("states", "fault"),
    [
        ({}, "it has no state; add one"),
        ({"A" * 81: succeed()}, "its name has 81 characters; write at most 80"),
        (
            {"A": choice([("$a", "B")], default="C"), "C": succeed()},
            "A: continues with B, which is no state of this machine; write one of A, C",
        ),
        ({"A": succeed(), "B": succeed()}, "B: cannot be reached from A"),
        (
            {"A": choice([("$a", "A")], default="A", max_visits=2)},
            "A: no path from it leads to an end",
        ),
        (
            {"A": choice([("$a", "A")], default="B"), "B": succeed()},
            "A: is in a loop without a bound; declare max_visits of a Choice that each iteration visits",
        ),
        ({"A": task(CALL, timeout_seconds=0)}, "A: TimeoutSeconds 0 bounds nothing; write 1 or more"),
        (
            {"A": task(CALL, timeout_seconds=60, heartbeat_seconds=60)},
            "A: HeartbeatSeconds 60 is not below TimeoutSeconds 60; write less",
        ),
        ({"A": task(WAIT, timeout_seconds=60)}, "A: waits for a task token without HeartbeatSeconds"),
        (
            {"A": task(Integration(WAIT.resource, {}, ()), timeout_seconds=60, heartbeat_seconds=30)},
            "A: waits for a task token that it passes to no worker; pass $states.context.Task.Token in its arguments",
        ),
        (
            {"A": task(CALL, timeout_seconds=60, retries=[retry([*ALL, "B"], BACKOFF)])},
            "A: States.ALL must stand alone in the last retrier; move it there",
        ),
        (
            {"A": task(CALL, timeout_seconds=60, retries=[retry(ALL, BACKOFF), retry(["B"], BACKOFF)])},
            "A: States.ALL must stand alone in the last retrier; move it there",
        ),
        (
            {
                "A": task(CALL, timeout_seconds=60, catches=[catch("B"), catch("B", errors=["C"])]),
                "B": succeed(),
            },
            "A: States.ALL must stand alone in the last catcher; move it there",
        ),
        (
            {
                "A": map_state(
                    items="$a",
                    max_items=3,
                    selector={},
                    processor=Machine({"A": succeed()}),
                    max_concurrency=1,
                )
            },
            "A: is the name of more than one state, also inside a Map; rename all but one",
        ),
        (
            {
                "A": map_state(
                    items="$a",
                    max_items=3,
                    selector={},
                    processor=Machine({"B": succeed()}),
                    max_concurrency=0,
                )
            },
            "A: MaxConcurrency 0 does not bound it; write 1 or more",
        ),
    ],
)
def test_a_fault_is_reported_with_its_state_and_a_remedy(states: dict[str, State], fault: str) -> None:
    (told,) = faults(states)
    assert fault in told


def test_a_name_of_eighty_characters_is_taken() -> None:
    assert Machine({"A" * 80: succeed()}).start_at == "A" * 80


def test_all_faults_of_a_machine_are_reported_at_once() -> None:
    nobody_hears = Integration(WAIT.resource, {}, ())
    told = faults(
        {
            "Start": task(
                nobody_hears,
                timeout_seconds=0,
                retries=[retry([*ALL, "B"], BACKOFF)],
                catches=[catch("Loop"), catch("Nowhere", errors=["C"])],
                next_state="Map",
            ),
            "Map": map_state(
                items="$a", max_items=3, selector={}, processor=Machine({"B": succeed()}), max_concurrency=0
            ),
            "Loop": pass_state(next_state="Loop"),
            "Island": succeed(),
            "N" * 81: task(CALL, timeout_seconds=60, heartbeat_seconds=61),
        }
    )
    assert [fault.split(": ")[0] for fault in told] == [
        *["Start"] * 6,
        "Map",
        *["N" * 81] * 2,
        "Island",
        "N" * 81,
        "Loop",
        "Loop",
    ]


def test_the_error_reads_as_a_list() -> None:
    with pytest.raises(MachineError) as caught:
        Machine({"A": succeed(), "B": succeed(), "C": succeed()})
    head, *lines = str(caught.value).splitlines()
    assert head == "the state machine cannot be built:"
    assert [line[:5] for line in lines] == ["  B: ", "  C: "]


def test_every_transition_is_followed() -> None:
    fields: dict[str, Any] = {
        "Next": "A",
        "Default": "B",
        "Choices": [{"Next": "C"}],
        "Catch": [{"Next": "D"}],
    }
    assert list(targets(fields)) == ["A", "B", "C", "D"]


# Graphs of any shape, against the definition of the words

GRAPHS = st.integers(1, 6).flatmap(
    lambda count: st.lists(
        st.frozensets(st.integers(0, count - 1), max_size=3), min_size=count, max_size=count
    )
)


def state_with(ways: frozenset[int]) -> State:
    if not ways:
        return succeed()
    first, *others = sorted(ways)
    return choice([("true", f"S{other}") for other in others], default=f"S{first}")


def reachable(graph: list[frozenset[int]], start: int) -> set[int]:
    """Return the states that are reachable from `start`, by following all transitions repeatedly."""
    reached = {start}
    for _ in graph:
        reached |= {target for source in reached for target in graph[source]}
    return reached


@given(GRAPHS)
def test_the_error_lists_exactly_the_unreachable_the_endless_and_the_looping_states(
    graph: list[frozenset[int]],
) -> None:
    states = {f"S{index}": state_with(ways) for index, ways in enumerate(graph)}
    lost = {f"S{index}" for index in range(len(graph)) if index not in reachable(graph, 0)}
    endless = {
        f"S{index}"
        for index in range(len(graph))
        if not any(not graph[reached] for reached in reachable(graph, index))
    }
    looping = {
        f"S{index}" for index, ways in enumerate(graph) if any(index in reachable(graph, way) for way in ways)
    }
    try:
        Machine(states)
    except MachineError as error:
        told = error.faults
    else:
        told = ()
    assert {fault.split(":")[0] for fault in told if "cannot be reached" in fault} == lost
    assert {fault.split(":")[0] for fault in told if "no path from it" in fault} == endless
    assert {fault.split(":")[0] for fault in told if "in a loop" in fault} == looping
    assert len(told) == len(lost) + len(endless) + len(looping)


SECONDS = 3 * 60 + 30 + 60
"""The longest time of a call that is tried again twice."""


def calling(next_state: str) -> State:
    return task(CALL, timeout_seconds=60, retries=[never(["A"]), retry(ALL, BACKOFF)], next_state=next_state)


def test_the_worst_case_is_the_longest_path_with_every_retry() -> None:
    states = {
        "Start": choice([("true", "Pause")], default="Call"),
        "Pause": wait(SECONDS - 1, next_state="End"),
        "Call": calling("End"),
        "End": succeed(),
    }
    assert Machine(states).worst_case_seconds == SECONDS


@pytest.mark.parametrize("visits", [1, 2, 2_000])
def test_a_loop_counts_with_every_iteration_up_to_its_bound(visits: int) -> None:
    states = {
        "Call": calling("Check"),
        "Check": choice([("$turn < 9", "Pause")], default="End", max_visits=visits),
        "Pause": wait(5, next_state="Call"),
        "End": wait(7, next_state="Done"),
        "Done": succeed(),
    }
    assert Machine(states).worst_case_seconds == visits * SECONDS + (visits - 1) * 5 + 7


@pytest.mark.parametrize(("items", "rounds"), [(1, 1), (4, 1), (5, 2), (9, 3)])
def test_a_map_counts_with_its_rounds(items: int, rounds: int) -> None:
    mapped = map_state(
        items="$items",
        max_items=items,
        max_concurrency=4,
        processor=Machine({"Call": calling("End"), "End": succeed()}),
        next_state="Done",
    )
    assert Machine({"Map": mapped, "Done": succeed()}).worst_case_seconds == rounds * SECONDS
