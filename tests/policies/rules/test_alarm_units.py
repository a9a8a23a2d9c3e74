from typing import Any

import pytest

from guardrails.aws.types import FUNCTION, METRIC_ALARM
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import definition, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

UNIT = rule("alarm-in-unit-of-metric")

TILES = machine(definition(10_800, Work=task()), "tiles", id="tiles")
REPORT = resource(FUNCTION, "report", name="report", timeout=60)


def alarm(threshold: Any, metric: str = "ExecutionTime", **properties: Any) -> Resource:
    of_machine = {"namespace": "AWS/States", "dimensions": {"StateMachineArn": "tiles"}}
    return resource(
        METRIC_ALARM,
        "slow",
        metricName=metric,
        threshold=threshold,
        **{**of_machine, "comparisonOperator": "GreaterThanThreshold", **properties},
    )


def test_a_threshold_in_milliseconds_passes() -> None:
    assert passes(UNIT, alarm(9_000_000), TILES)
    assert passes(UNIT, alarm(9_000_000, unit="Milliseconds"), TILES)
    assert passes(UNIT, alarm(60_000, comparisonOperator="LessThanThreshold"), TILES)


@pytest.mark.parametrize("seconds", [9_000, 10_800])
def test_a_threshold_in_seconds_is_refused(seconds: int) -> None:
    (told,) = violations(UNIT, alarm(seconds), TILES)
    assert f"its threshold is {seconds:,} ms, while tiles may run for 10,800 s" in told
    assert f"{seconds * 1_000:,} for {seconds:,} s" in told


def test_a_machine_that_is_known_only_later_is_found_by_its_source() -> None:
    dimensions = {"StateMachineArn": UNKNOWN}
    written = alarm(9_000, dimensions=dimensions).properties
    later = resource(METRIC_ALARM, "slow", sources={"dimensions": (TILES,)}, **written)
    assert violations(UNIT, later, TILES)


def test_the_duration_of_a_function_is_in_milliseconds_too() -> None:
    of_function = {"namespace": "AWS/Lambda", "dimensions": {"FunctionName": "report"}}
    assert violations(UNIT, alarm(50, "Duration", **of_function), REPORT)
    assert passes(UNIT, alarm(50_000, "Duration", **of_function), REPORT)


def test_another_unit_than_that_of_the_metric_is_refused() -> None:
    (told,) = violations(UNIT, alarm(9_000_000, unit="Seconds"), TILES)
    assert "AWS publishes AWS/States/ExecutionTime in Milliseconds, not in Seconds" in told


def test_a_metric_without_a_listed_unit_is_not_evaluated() -> None:
    assert said(UNIT, alarm(1, "Done", namespace="Own")).outcome is Outcome.NOT_APPLICABLE
