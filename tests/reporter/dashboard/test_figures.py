"""The figures: each execution counts in its month, an unknown cost is never 0, and failures are ranked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from reporter.dashboard.figures import RANKED_RUNS, months, ranking
from reporter.dashboard.history import COST_IS_AT_MOST, History, parse
from tests.reporter.dashboard.seeded import seeded_history


def test_each_execution_counts_in_its_month_and_an_unknown_cost_is_not_0() -> None:
    runs = seeded_history().runs
    found = {month["month"]: month for month in months(runs)}
    costs = [each.cost_usd for run in runs for each in (run.last, *run.earlier)]
    assert sum(Decimal(month["cost_usd"]) for month in found.values()) == sum(cost or 0 for cost in costs)
    assert sum(month["executions"] for month in found.values()) == len(costs) == 22
    assert sum(month["unknown"] for month in found.values()) == 1
    (lost,) = [run for run in runs if run.cost_usd is None]
    assert months([lost]) == [
        {"month": "2026-09", "cost_usd": None, "executions": 1, "unknown": 1, "is_at_most": False}
    ]


def test_a_month_with_an_upper_bound_is_one() -> None:
    run, *others = reversed(seeded_history().runs)
    bounded = replace(run, more={COST_IS_AT_MOST: True})
    found = {month["month"]: month["is_at_most"] for month in months([*others, bounded])}
    assert [month for month, is_at_most in found.items() if is_at_most] == [f"{run.started_at:%Y-%m}"]


def test_an_upper_bound_of_an_execution_remains_one_after_the_run_was_done_again() -> None:
    run = seeded_history().runs[-1]
    stopped = replace(run, execution="a", more={COST_IS_AT_MOST: True})
    redone = replace(run, execution="b", started_at=run.started_at + timedelta(hours=1))
    (kept,) = parse(History().with_run(stopped).with_run(redone).encoded()).runs
    assert COST_IS_AT_MOST not in kept.more
    assert [month["is_at_most"] for month in months([kept])] == [True]


def test_the_region_that_failed_most_often_is_first() -> None:
    runs = seeded_history(60).runs
    found = ranking(runs)
    counted = [run for run in runs if run.regions][-RANKED_RUNS:]
    assert found["runs"] == len(counted) == RANKED_RUNS
    failed = [region["failed"] for region in found["regions"]]
    assert failed == sorted(failed, reverse=True)
    for region in found["regions"]:
        letters = [run.regions[region["region"]] for run in counted]
        assert (region["failed"], region["runs"]) == (letters.count("f"), RANKED_RUNS)
        last = [run.run_id for run in counted if run.regions[region["region"]] == "f"]
        assert region["last_failed"] == (last[-1] if last else None)


def test_no_run_has_no_figures() -> None:
    assert months([]) == []
    assert ranking([]) == {"runs": 0, "regions": []}
