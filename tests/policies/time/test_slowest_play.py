import itertools
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guardrails.time.analysis import Analysis, analyse
from tests.policies.time.machines import (
    batches,
    counted_in_json_path,
    counted_loops,
    machines,
    nested_loops,
)
from tests.policies.time.slowest import UNEXPECTED, Run, play

Json = dict[str, Any]

MOST_PLAYS = 300


@dataclass(frozen=True)
class Slowest:
    """An adversary: each attempt takes its whole time and fails while it is retried; then the run takes the given
    branches."""

    ways: Mapping[str, int]

    def share(self) -> float:
        return 1

    def error(self, name: str, state: Json, retries_left: list[int]) -> str | None:
        for index, left in enumerate(retries_left):
            if left:
                return str(state["Retry"][index]["ErrorEquals"][0])
        return "Caught" if self.way(name, 2) else None

    def way(self, name: str, ways: int) -> int:
        return min(self.ways.get(name, 0), ways - 1)


@dataclass(frozen=True)
class Moody:
    """An adversary that makes random legal choices."""

    dice: random.Random

    def share(self) -> float:
        return self.dice.choice([0, 0.5, 1, 1])

    def error(self, name: str, state: Json, retries_left: list[int]) -> str | None:  # noqa: ARG002
        return self.dice.choice([None, None, "Retried0", "Retried0", "Retried1", "Caught", UNEXPECTED])

    def way(self, name: str, ways: int) -> int:  # noqa: ARG002
        return self.dice.randrange(ways)


def forks(definition: Json) -> Iterator[tuple[str, int]]:
    """Yield the states with more than one possible branch, and the number of branches."""
    for name, state in definition["States"].items():
        if state["Type"] == "Choice":
            yield name, len(state["Choices"]) + 1
        elif state.get("Catch"):
            yield name, 2
        for part in [
            *state.get("Branches", []),
            *([state["ItemProcessor"]] if "ItemProcessor" in state else []),
        ]:
            yield from forks(part)


def every_slow_play(definition: Json) -> list[Run]:
    found = list(forks(definition))
    ways = [range(count) for _, count in found]
    plays = list(itertools.islice(itertools.product(*ways), MOST_PLAYS + 1))
    assume(len(plays) <= MOST_PLAYS)
    names = [name for name, _ in found]
    return [play(definition, Slowest(dict(zip(names, play_ways, strict=True)))) for play_ways in plays]


def numbers(analysis: Analysis) -> tuple[float, int, int]:
    assert analysis.worst_case_seconds is not None, analysis.unbounded
    assert analysis.transitions.worst is not None
    assert analysis.history_events is not None
    return analysis.worst_case_seconds, analysis.transitions.worst, analysis.history_events


@given(definition=machines() | counted_loops())
@settings(deadline=None, max_examples=150)
def test_the_slowest_of_all_plays_has_exactly_the_figures_of_the_analysis(definition: Json) -> None:
    seconds, transitions, events = numbers(analyse(definition))
    runs = every_slow_play(definition)
    assert max(run.seconds for run in runs) == pytest.approx(seconds)
    assert max(run.transitions for run in runs) == transitions
    assert max(run.events for run in runs) == events


@given(definition=machines(express=True) | counted_loops(), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=300)
def test_no_legal_play_takes_more_than_the_analysis_says(definition: Json, seed: int) -> None:
    seconds, transitions, events = numbers(analyse(definition))
    dice = random.Random(seed)  # noqa: S311 (a play is no secret)
    for _ in range(5):
        run = play(definition, Moody(dice))
        assert run.seconds <= seconds * (1 + 1e-9)
        assert run.transitions <= transitions
        assert run.events <= events


@given(tasks=st.lists(st.integers(1, 200), min_size=1, max_size=4), items=st.integers(1, 3))
@settings(deadline=None)
def test_an_express_execution_of_an_item_takes_its_states_or_five_minutes(
    tasks: list[int], items: int
) -> None:
    states: Json = {
        f"S{n}": {"Type": "Wait", "Seconds": seconds, "Next": f"S{n + 1}"} for n, seconds in enumerate(tasks)
    }
    states[f"S{len(tasks)}"] = {"Type": "Succeed"}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    processor = {"ProcessorConfig": config, "StartAt": "S0", "States": states}
    each = {"Type": "Map", "Items": [0] * items, "MaxConcurrency": 0, "ItemProcessor": processor, "End": True}
    definition = {"StartAt": "Each", "States": {"Each": each}}
    assert (
        play(definition, Slowest({})).seconds
        == analyse(definition).worst_case_seconds
        == min(sum(tasks), 300)
    )


@given(definition=machines())
@settings(deadline=None, max_examples=100)
def test_the_seconds_of_a_path_add_up_to_the_worst_case_of_the_machine(definition: Json) -> None:
    analysis = analyse(definition)
    assert sum(step.seconds for step in analysis.path) == pytest.approx(analysis.worst_case_seconds)


MOST_TRANSITIONS = 2_000
"""More than any generated machine that ends makes."""


class EndlessError(Exception):
    pass


def slowest_or_endless(definition: Json) -> Run | None:
    class Counting(Run):
        def __setattr__(self, name: str, value: Any) -> None:
            if name == "transitions" and value > MOST_TRANSITIONS:
                raise EndlessError
            super().__setattr__(name, value)

    try:
        return play(definition, Slowest({}), Counting(histories=[["ExecutionStarted"]]))
    except EndlessError:
        return None


def counts_up_before_each_check(definition: Json) -> bool:
    """Return True if every iteration adds a positive number to its counter, and then compares it with the limit."""
    count = definition["States"]["Count"]
    adds = re.search(r"MathAdd\((?:[1-9]\d*,|.*, [1-9]\d*\))", json.dumps(count))
    return count["Next"] == "Guard" and adds is not None


@given(definition=counted_in_json_path())
@settings(deadline=None, max_examples=400)
def test_a_loop_that_counts_up_in_json_path_has_a_bound_that_its_slowest_play_keeps(definition: Json) -> None:
    analysis, run = analyse(definition), slowest_or_endless(definition)
    if run is None:
        assert analysis.worst_case_seconds is None
    elif analysis.worst_case_seconds is not None or counts_up_before_each_check(definition):
        assert analysis.worst_case_seconds is not None, analysis.unbounded
        assert run.seconds <= analysis.worst_case_seconds
        assert analysis.transitions.worst is not None
        assert run.transitions <= analysis.transitions.worst


@given(definition=nested_loops())
@settings(deadline=None, max_examples=200)
def test_a_loop_in_a_loop_has_a_bound_that_its_slowest_play_keeps(definition: Json) -> None:
    analysis, run = analyse(definition), slowest_or_endless(definition)
    condition = definition["States"]["Inner"]["Choices"][0]["Condition"]
    again = definition["States"]["Outer"]["Choices"][0]["Assign"]
    (limit,) = map(int, re.findall(r"\d+", condition))
    if run is None:
        assert analysis.worst_case_seconds is None
    # A counter that begins above its limit never equals it.
    elif "<" in condition or (again and again["j"] <= limit):
        assert analysis.worst_case_seconds is not None, analysis.unbounded
        assert run.seconds <= analysis.worst_case_seconds
        if again:
            assert run.seconds == analysis.worst_case_seconds
    elif analysis.worst_case_seconds is not None:
        assert run.seconds <= analysis.worst_case_seconds


@given(definition=batches())
@settings(deadline=None, max_examples=200)
def test_a_play_with_batches_never_exceeds_the_analysis_and_equals_it_for_full_batches(
    definition: Json,
) -> None:
    seconds, transitions, events = numbers(analyse(definition))
    run = play(definition, Slowest({}))
    batching = definition["States"]["Batching"]
    items, size = len(batching["Items"]), batching["ItemBatcher"]["MaxItemsPerBatch"]
    assert run.seconds <= seconds
    assert run.transitions <= transitions
    assert run.events <= events
    # The last batch may be smaller than the others, which take their whole time.
    if items % size == 0:
        assert run.seconds == seconds
