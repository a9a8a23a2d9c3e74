import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from guardrails.time.analysis import Analysis, analyse
from tests.policies.time.machines import counted_loops, machines
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
def test_the_slowest_play_of_all_takes_exactly_what_the_analysis_says(definition: Json) -> None:
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
def test_a_path_takes_together_what_the_machine_takes(definition: Json) -> None:
    analysis = analyse(definition)
    assert sum(step.seconds for step in analysis.path) == pytest.approx(analysis.worst_case_seconds)
