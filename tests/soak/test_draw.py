"""The draw of faults, and the search for the smallest list that still breaks a promise."""

from collections import Counter

import pytest

from tests.soak.command import _runs
from tests.soak.draw import MOST_FAULTS, drawn
from tests.soak.shrink import shrunk
from tests.soak.vocabulary import EVENTS, FAULTS

NAMES, OTHERS = list(FAULTS), list(EVENTS)
HUNDRED = [drawn(7, number, NAMES, OTHERS) for number in range(100)]


def test_a_seed_and_a_number_always_give_the_same_faults() -> None:
    assert [drawn(7, number, NAMES, OTHERS) for number in range(100)] == HUNDRED
    assert [drawn(8, number, NAMES, OTHERS) for number in range(100)] != HUNDRED


def test_a_run_has_one_to_three_different_faults_and_at_most_one_event() -> None:
    for run in HUNDRED:
        faults = [name for name in run.faults if name in FAULTS]
        assert 1 <= len(faults) <= MOST_FAULTS
        assert len(set(faults)) == len(faults)
        assert len(run.faults) - len(faults) <= 1


def test_a_hundred_runs_have_every_fault_and_every_event() -> None:
    counted = Counter(name for run in HUNDRED for name in run.faults)
    assert counted.keys() == {*FAULTS, *EVENTS}


def test_the_details_of_a_fault_do_not_depend_on_the_others() -> None:
    run = HUNDRED[0]
    one = run.faults[0]
    assert run.random(one).random() == run.only([one]).random(one).random()
    assert run.random(one).random() != HUNDRED[1].random(one).random()


def test_the_command_replays_the_run() -> None:
    (replayed,) = _runs(7, 100, 0, ",".join(HUNDRED[0].faults))
    assert replayed == HUNDRED[0]
    assert HUNDRED[0].command == (f'make soak ARGS="--seed 7 --run 0 --faults {",".join(HUNDRED[0].faults)}"')


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SystemExit, match=r"^nonsense: no such fault; there are worker-killed, "):
        list(_runs(7, 1, 0, "nonsense"))


@pytest.mark.parametrize(
    ("needed", "kept"),
    [({"a"}, ["a"]), ({"b", "c"}, ["b", "c"]), (set(), []), ({"a", "b", "c"}, ["a", "b", "c"])],
)
def test_faults_are_dropped_while_the_failure_stays(needed: set[str], kept: list[str]) -> None:
    assert shrunk(["a", "b", "c"], lambda faults: needed <= set(faults)) == kept
