"""The estimated cost of a run in its metric and in its outcome, by the run's result."""

import json
from typing import Any

import pytest

from components.cost.unit_prices import UnitPrices
from components.machines.weekly.state_names import WeeklyState
from components.settings import Settings
from reporter import words
from tests.components.machines.outcomes import outcome_of, text_of
from tests.components.machines.runs import LOST, done, raises, run, run_settings, stack_prices
from tests.components.machines.walk import IN_A_STATE, Failed
from tests.stacks import settings_of

MINUTE = 60
CENT = 0.01
ENTERED = IN_A_STATE.total_seconds()
INVALID: dict[str, Any] = {WeeklyState.VALIDATE_INPUTS: raises(*[Failed("Worker.InvalidInput")] * 9)}
# More shards than are allowed, so that the whole Map fails.
TOO_MANY: dict[str, Any] = {WeeklyState.VALIDATE_INPUTS: {"regions": 3, "shards": [0, 1, 2]}}


def settings() -> Settings:
    spot = {"workload": "sample", "spot": True, "shards": 2}
    return settings_of("dev", monitoring={"regionsCount": 2}, worker=spot)


def prices() -> UnitPrices:
    found = stack_prices(settings())
    assert found is not None
    return found


def cost(*shards: Any, others: dict[str, Any] | None = None) -> float:
    """Return the US dollars of the metric; each worker answers at once, and is billed for a minute."""
    walked = run(*shards, regions=2, settings=settings(), others=others)
    (call,) = walked.called(WeeklyState.PUBLISH_METRICS)
    (usd,) = (
        one["Value"] for one in call.arguments["MetricData"] if one["MetricName"] == "EstimatedRunCostUsd"
    )
    outcome = outcome_of(walked)
    assert outcome["usd"] == usd
    assert "usd_is_at_most" not in outcome
    assert f"Cost: {'about ' if usd >= CENT else ''}{words.usd(usd)}" in text_of(outcome)
    assert isinstance(usd, float)
    return usd


def rounded(usd: Any) -> Any:
    return pytest.approx(float(usd), abs=0.0001)


def test_a_successful_run_costs_its_workers_and_its_transitions() -> None:
    each = prices()
    # The workers that validate and make the summary.
    validated = 2 * each.validation * int(ENTERED)
    assert cost(done(0), done(1)) == rounded(each.run + validated + 2 * MINUTE * each.first)


def test_a_retried_shard_costs_the_price_of_later_attempts() -> None:
    each = prices()
    again = cost(done(0), raises(LOST, then=done(1)))
    workers = MINUTE * (each.first + 2 * each.later)
    assert again == rounded(each.run + 2 * each.validation * int(ENTERED) + workers)


def test_a_shard_that_was_lost_has_cost_something() -> None:
    each = prices()
    lost = cost(done(0), raises(*[LOST] * 9))
    # Each of its attempts is billed for a minute.
    attempts = 1 + settings().run.worker_retries
    workers = MINUTE * (each.first + attempts * each.later)
    assert lost == rounded(each.run + 2 * each.validation * int(ENTERED) + workers)


def test_a_run_that_was_not_valid_has_cost_its_validation() -> None:
    each = prices()
    assert cost(others=INVALID) == rounded(each.run + each.validation * int(ENTERED))


def test_shards_that_failed_together_have_cost_no_more_than_all_of_them_at_their_dearest() -> None:
    each = prices()
    validated = each.run + 2 * each.validation * int(ENTERED)
    assert cost(others=TOO_MANY) == rounded(validated + 2 * each.later * int(ENTERED))


def test_the_cost_of_a_run_without_settings_is_reported_as_not_known() -> None:
    walked = run(done(), settings=settings(), others={WeeklyState.LOAD_SETTINGS: raises(*[LOST] * 9)})
    outcome = outcome_of(walked)
    assert outcome["usd"] == 0
    assert "Cost: not known" in text_of(outcome)


def test_unknown_prices_omit_the_cost_metric_and_the_message_says_not_known() -> None:
    elsewhere = settings().model_copy(update={"region": "eu-north-1"})
    walked = run(done(0), done(1), settings=elsewhere)
    (call,) = walked.called(WeeklyState.PUBLISH_METRICS)
    assert "EstimatedRunCostUsd" not in {one["MetricName"] for one in call.arguments["MetricData"]}
    outcome = outcome_of(walked)
    assert outcome["usd"] == 0
    assert "Cost: not known" in text_of(outcome)


@pytest.mark.parametrize("held", [{}, {"unitPrices": {}}, {"unitPrices": {"first": 0.001}}])
def test_a_run_by_the_settings_of_a_stack_of_before_does_not_know_and_does_not_fail(
    held: dict[str, Any],
) -> None:
    before = {key: value for key, value in run_settings(settings()).items() if key != "unitPrices"}
    pinned: dict[str, Any] = {
        WeeklyState.LOAD_SETTINGS: {"Parameter": {"Value": json.dumps({**before, **held})}}
    }
    walked = run(done(0), done(1), settings=settings(), others=pinned)
    assert walked.failed is None
    assert walked.path[-1] == WeeklyState.COMPLETE
