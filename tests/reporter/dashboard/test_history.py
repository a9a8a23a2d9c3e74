"""The history of runs: it parses as encoded, keeps every run in any order of ends, and refuses damaged input."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.dashboard.history import MAX_RUNS, MAX_TIMED_RUNS, History, HistoryError, RunEntry, parse
from tests.reporter.dashboard.seeded import seeded_history

START = datetime(2026, 12, 7, 6, 0, 1, tzinfo=UTC)
NAMES = st.text(max_size=12)


@st.composite
def entries(draw: st.DrawFn) -> RunEntry:
    regions = draw(st.dictionaries(NAMES, st.sampled_from("sfk"), max_size=5))
    measured = [name for name, letter in regions.items() if letter == "s"]
    areas = draw(st.fixed_dictionaries({name: st.floats(0, 1e6) for name in measured}))
    seconds = draw(st.fixed_dictionaries({name: st.floats(0.001, 1e6) for name in measured}))
    return RunEntry(
        run_id=draw(st.sampled_from(["2026-W49", "2026-W50", "by-hand"])),
        started_at=START + timedelta(milliseconds=draw(st.integers(0, 600_000_000))),
        duration_seconds=draw(st.integers(0, 700_000)),
        outcome=draw(st.sampled_from(["succeeded", "partial", "failed"])),
        cost_usd=draw(st.none() | st.decimals(0, 100, places=6)),
        index_key=draw(st.none() | NAMES),
        regions=regions,
        hectares=areas or None,
        seconds=seconds or None,
        execution=draw(st.uuids().map(str)),
    )


def test_the_document_has_the_keys_that_other_programs_read() -> None:
    entry = RunEntry(
        run_id="2026-W50",
        started_at=START,
        duration_seconds=1234,
        outcome="partial",
        cost_usd=Decimal("0.42"),
        index_key="weekly/2026-W50/index.html",
        regions={"a": "s", "b": "f"},
        hectares={"a": 12.3},
        seconds={"a": 61.5},
        execution="x",
    )
    other = RunEntry(
        run_id="2026-W49",
        started_at=START - timedelta(days=7),
        duration_seconds=9,
        outcome="failed",
        cost_usd=None,
        index_key=None,
        regions={"c": "s", "a": "k"},
        execution="y",
    )
    assert json.loads(History().with_run(entry).with_run(other).encoded()) == {
        "version": 1,
        "regions": ["a", "b", "c"],
        "runs": [
            {
                "run_id": "2026-W49",
                "started_at": "2026-11-30T06:00:01.000Z",
                "duration_seconds": 9,
                "outcome": "failed",
                "cost_usd": None,
                "index_key": None,
                "regions": "k-s",
                "execution": "y",
            },
            {
                "run_id": "2026-W50",
                "started_at": "2026-12-07T06:00:01.000Z",
                "duration_seconds": 1234,
                "outcome": "partial",
                "cost_usd": "0.42",
                "index_key": "weekly/2026-W50/index.html",
                "regions": "sf",
                "hectares": [12.3, None, None],
                "seconds": [61.5, None, None],
                "execution": "x",
            },
        ],
    }


@given(st.lists(entries(), max_size=6))
def test_an_encoded_history_parses_to_the_same_runs_sorted_and_without_duplicates(
    runs: list[RunEntry],
) -> None:
    history = History()
    for run in runs:
        history = history.with_run(run)
    assert parse(history.encoded()) == history
    assert [run.started_at for run in history.runs] == sorted(run.started_at for run in history.runs)
    assert len({run.run_id for run in history.runs}) == len(history.runs)


@given(st.lists(entries(), min_size=2, max_size=4, unique_by=lambda run: run.started_at))
def test_ends_in_any_order_lead_to_the_same_runs_and_costs(runs: list[RunEntry]) -> None:
    orders = []
    for order in permutations(runs):
        history = History()
        for run in order:
            history = history.with_run(run)
        orders.append(history.runs)
    assert all(found == orders[0] for found in orders)
    assert sum(1 + len(run.earlier) for run in orders[0]) == len(runs)


def test_an_execution_that_is_reported_twice_counts_once() -> None:
    (run, *_) = seeded_history().runs
    history = History().with_run(run)
    assert history.with_run(run) == history


def test_keys_of_a_later_version_are_kept() -> None:
    document = seeded_history().document()
    document["note"] = {"a": 1}
    document["runs"][3]["weather"] = "cloudy"
    again = parse(json.dumps(document).encode()).document()
    assert (again["note"], again["runs"][3]["weather"]) == ({"a": 1}, "cloudy")


def test_the_oldest_runs_are_dropped() -> None:
    history = seeded_history(MAX_RUNS + 3, regions=("a", "b"))
    assert len(history.runs) == MAX_RUNS
    assert history.runs[-1].run_id == "2026-W50"


def test_durations_are_kept_of_the_newest_runs_that_have_any() -> None:
    runs = seeded_history(MAX_TIMED_RUNS + 3, regions=("a", "b")).runs
    last = runs[-1].run_id
    timed = [replace(run, seconds=None if run.run_id == last else {"a": 1.5}) for run in runs]
    kept = [run.run_id for run in History().of_runs(timed).runs if run.seconds]
    assert kept == [run.run_id for run in runs[2:-1]]
    assert len(kept) == MAX_TIMED_RUNS


@pytest.mark.parametrize("damaged", [-1, "60", True, None, [], 1e300, {}])
def test_a_damaged_duration_is_unknown_and_refuses_no_history(damaged: object) -> None:
    run = {**seeded_history(1, regions=("a", "b")).document()["runs"][0], "seconds": [damaged, 2.5]}
    body = json.dumps({"version": 1, "regions": ["a", "b"], "runs": [run]}).encode()
    assert parse(body).runs[0].seconds == {"b": 2.5}
    run["seconds"] = damaged
    (found,) = parse(json.dumps({"version": 1, "regions": ["a", "b"], "runs": [run]}).encode()).runs
    assert found.seconds is None


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": None},
        {"regions": "a"},
        {"regions": [1]},
        {"runs": {}},
        {"runs": [{}]},
        {"runs": [7]},
        {"runs": [{**seeded_history().document()["runs"][0], "outcome": "odd"}]},
        {"runs": [{**seeded_history().document()["runs"][0], "regions": "x"}]},
        {"runs": [{**seeded_history().document()["runs"][0], "cost_usd": "NaN"}]},
        {"runs": [{**seeded_history().document()["runs"][0], "cost_usd": 0.4}]},
        {"runs": [{**seeded_history().document()["runs"][0], "started_at": "2026-12-07T06:00:01"}]},
        {"runs": [{**seeded_history().document()["runs"][0], "duration_seconds": None}]},
    ],
)
def test_a_damaged_history_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(HistoryError):
        parse(json.dumps({**seeded_history().document(), **change}).encode())


RUN = json.dumps(seeded_history().document()["runs"][0])[1:]


@pytest.mark.parametrize(
    "fields",
    [
        '"cost_usd": "-0.4"',
        '"cost_usd": "1E+999999999"',
        '"cost_usd": "1E-999999999"',
        '"duration_seconds": -1',
        '"duration_seconds": true',
        '"duration_seconds": "60"',
        '"duration_seconds": 1e300',
        '"hectares": [NaN]',
        '"hectares": [1e999]',
        '"hectares": [-3]',
        '"weather": NaN',
        '"weather": {"wind": -Infinity}',
    ],
)
def test_numbers_that_no_browser_or_no_chart_can_show_are_refused(fields: str) -> None:
    names = json.dumps(list(seeded_history().regions))
    # The last one of two keys counts.
    run = "{" + RUN.removesuffix("}") + ", " + fields + "}"
    with pytest.raises(HistoryError):
        parse(f'{{"version": 1, "regions": {names}, "runs": [{run}]}}'.encode())


def test_a_second_report_of_an_execution_without_its_cost_keeps_the_known_one() -> None:
    run = replace(seeded_history().runs[-1], more={"cost_is_at_most": True})
    again = replace(run, cost_usd=None, outcome="failed", more={"ended": "aborted"})
    (found,) = History().with_run(run).with_run(again).runs
    assert (found.cost_usd, found.outcome) == (run.cost_usd, "failed")
    assert found.more == {"cost_is_at_most": True, "ended": "aborted"}
    assert History().with_run(again).with_run(run).runs == (run,)


def test_years_of_any_number_of_digits_are_read_back() -> None:
    run = replace(seeded_history().runs[-1], started_at=datetime(1, 1, 2, tzinfo=UTC))
    assert parse(History().with_run(run).encoded()).runs == (run,)


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(HistoryError):
        parse(body)
