import json
from typing import Any

import pytest

from guardrails.aws.types import EVENT_RULE, EVENT_TARGET, SCHEDULE, STATE_MACHINE
from guardrails.evaluation import evaluate
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.results import Outcome, Results
from tests.policies.definitions import container, definition, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

PERIOD = rule("machine-timeout-within-period")

ARN = "arn:aws:states:us-west-2:123456789012:stateMachine:weekly"


def weekly(timeout: int | None = 3_000, **fields: Any) -> Resource:
    return machine(definition(timeout, Work=task(**fields)), "pipeline", arn=ARN)


def schedule(expression: Any = "rate(1 hour)", arn: Any = ARN, **properties: Any) -> Resource:
    target = {"arn": arn, **properties.pop("target", {})}
    return resource(SCHEDULE, "start", scheduleExpression=expression, target=target, **properties)


def window(minutes: int) -> dict[str, Any]:
    return {"mode": "FLEXIBLE", "maximumWindowInMinutes": minutes}


# An hour less the minute within which a start comes.
@pytest.mark.parametrize(("timeout", "passing"), [(3_539, True), (3_540, True), (3_541, False)])
def test_a_timeout_may_reach_the_next_start_and_no_more(timeout: int, passing: bool) -> None:
    assert passes(PERIOD, schedule(), weekly(timeout)) is passing


def test_an_execution_that_outlasts_its_period_is_reported_with_the_arithmetic() -> None:
    about = schedule(
        "cron(0 1,4 * * ? *)", scheduleExpressionTimezone="Europe/London", flexibleTimeWindow=window(30)
    )
    (told,) = violations(PERIOD, about, weekly(10_800))
    assert told == (
        "start: pipeline may run for 10,800 s, and the next start may follow after 8,940 s (the shortest time "
        "between two starts is 10,800 s, from Thu 2026-01-01 01:00 (Europe/London, UTC) to Thu 2026-01-01 04:00 "
        "(Europe/London, UTC), minus a delay of up to 1,860 s); "
        "lower the machine's TimeoutSeconds or maximumWindowInMinutes, or start it less often."
    )


def test_the_violation_about_a_rate_mentions_neither_clock_changes_nor_a_missing_window() -> None:
    (told,) = violations(PERIOD, schedule(scheduleExpressionTimezone="Europe/London"), weekly(3_541))
    assert told == (
        "start: pipeline may run for 3,541 s, and the next start may follow after 3,540 s (the shortest time between "
        "two starts is 3,600 s at a steady rate, minus a delay of up to 60 s); lower the "
        "machine's TimeoutSeconds, or start it less often."
    )


def test_a_flexible_window_brings_two_starts_nearer() -> None:
    assert passes(PERIOD, schedule(), weekly(3_540))
    assert not passes(PERIOD, schedule(flexibleTimeWindow=window(1)), weekly(3_540))


@pytest.mark.parametrize(("zone", "passing"), [("UTC", True), ("Asia/Tokyo", True), ("Europe/London", False)])
def test_clocks_that_go_forward_bring_two_starts_nearer(zone: str, passing: bool) -> None:
    about = schedule("cron(0 9 * * ? *)", scheduleExpressionTimezone=zone)
    assert passes(PERIOD, about, weekly(86_000)) is passing


def test_a_machine_without_a_timeout_is_evaluated_by_its_worst_case() -> None:
    assert passes(PERIOD, schedule(), weekly(None, TimeoutSeconds=3_540))
    assert "3,541 s" in violations(PERIOD, schedule(), weekly(None, TimeoutSeconds=3_541))[0]


@pytest.mark.parametrize(
    ("expression", "seconds", "passing"),
    [("rate(2 minutes)", 60, True), ("rate(2 minutes)", 61, False), ("rate(6 minutes)", 301, True)],
)
def test_an_express_machine_runs_for_as_long_as_its_states_and_five_minutes_at_most(
    expression: str, seconds: int, passing: bool
) -> None:
    states = definition(None, Work=task(TimeoutSeconds=seconds))
    about = machine(states, "pipeline", arn=ARN, type="EXPRESS")
    assert passes(PERIOD, schedule(expression), about) is passing


def test_a_machine_without_any_bound_is_left_to_the_rule_that_reports_it() -> None:
    endless = machine(definition(None, Work=container(TimeoutSeconds=None)), "pipeline", arn=ARN)
    assert "may never end" in said(PERIOD, schedule(), endless).reason


def test_a_disabled_schedule_is_evaluated_too() -> None:
    assert violations(PERIOD, schedule(state="DISABLED"), weekly(3_541))


@pytest.mark.parametrize("name", ["PROD", "7"])
def test_a_version_or_an_alias_is_its_machine(name: str) -> None:
    assert violations(PERIOD, schedule(arn=f"{ARN}:{name}"), weekly(3_541))


def test_a_universal_target_names_its_machine_in_its_input() -> None:
    universal = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"
    about = schedule(arn=universal, target={"input": json.dumps({"StateMachineArn": ARN})})
    assert violations(PERIOD, about, weekly(3_541))
    assert (
        said(PERIOD, schedule(arn=universal, target={"input": "[]"}), weekly()).outcome
        is Outcome.NOT_APPLICABLE
    )
    assert (
        "target.input is not JSON"
        in violations(PERIOD, schedule(arn=universal, target={"input": "{"}), weekly())[0]
    )


def test_a_target_that_is_not_known_yet_is_the_machine_that_it_comes_from() -> None:
    other = resource("aws:lambda/function:Function", "other")
    assert violations(PERIOD, schedule(arn=UNKNOWN, sources={"target": (weekly(),)}), weekly(3_541))
    about = schedule(arn=UNKNOWN, sources={"target": (other,)})
    assert said(PERIOD, about, weekly(3_541), other).outcome is Outcome.NOT_APPLICABLE


def test_a_target_that_is_no_machine_of_the_plan_is_not_evaluated() -> None:
    adopted = schedule(arn="arn:aws:states:us-west-2:123456789012:stateMachine:another")
    assert said(PERIOD, adopted, weekly(3_541)).reason == "its target is not a state machine of the plan"


def test_a_schedule_that_starts_once_is_not_evaluated() -> None:
    assert said(PERIOD, schedule("at(2030-01-01T00:00:00)"), weekly()).reason == "it starts only once"


@pytest.mark.parametrize(
    "expression",
    ["cron(0 9 30 2 ? *)", "cron(0 9 29 2 ? 2027)", "cron(0 9 * * ? 2025)", "at(2025-12-31T23:59:59)"],
)
def test_a_schedule_without_a_start_to_come_is_refused(expression: str) -> None:
    assert "has no start from 2026-01-01 on" in violations(PERIOD, schedule(expression), weekly())[0]


@pytest.mark.parametrize("expression", [None, "", "weekly", "cron(0 9 * * * *)"])
def test_an_expression_that_cannot_be_read_is_refused(expression: Any) -> None:
    assert "its starts are not known: it " in violations(PERIOD, schedule(expression), weekly())[0]


@pytest.mark.parametrize(
    "unknown",
    [
        {"expression": UNKNOWN},
        {"scheduleExpressionTimezone": UNKNOWN},
        {"flexibleTimeWindow": {"maximumWindowInMinutes": UNKNOWN}},
    ],
)
def test_a_schedule_with_an_unknown_property_is_refused(unknown: dict[str, Any]) -> None:
    assert "is not known until" in violations(PERIOD, schedule(**unknown), weekly())[0]


def test_a_definition_that_is_not_known_is_refused() -> None:
    unknown = resource(STATE_MACHINE, "pipeline", arn=ARN, definition=UNKNOWN)
    assert "definition is not known" in violations(PERIOD, schedule(), unknown)[0]


def event_rule(**properties: Any) -> Resource:
    return resource(EVENT_RULE, "hourly", **{"name": "every-hour", **properties})


def target(rule: Any = "every-hour", arn: Any = ARN, **properties: Any) -> Resource:
    return resource(EVENT_TARGET, "target", rule=rule, arn=arn, **properties)


@pytest.mark.parametrize(("timeout", "passing"), [(3_539, True), (3_540, True), (3_541, False)])
@pytest.mark.parametrize("expression", ["rate(1 hour)", "cron(0 * * * ? *)"])
def test_a_rule_starts_a_machine_as_often_as_its_expression_says(
    expression: str, timeout: int, passing: bool
) -> None:
    about = event_rule(scheduleExpression=expression)
    assert passes(PERIOD, about, target(), weekly(timeout)) is passing
    if not passing:
        assert (
            "hourly: pipeline may run for 3,541 s, and the next"
            in violations(PERIOD, about, target(), weekly(timeout))[0]
        )


def test_a_rule_goes_by_utc_whose_clocks_never_change() -> None:
    assert passes(PERIOD, event_rule(scheduleExpression="cron(0 9 * * ? *)"), target(), weekly(86_340))


def test_a_rule_is_linked_to_its_machine_by_the_sources_of_unknown_values() -> None:
    about = event_rule(scheduleExpression="rate(1 hour)")
    linked = target(UNKNOWN, UNKNOWN, sources={"rule": (about,), "arn": (weekly(),)})
    assert len(violations(PERIOD, about, linked, weekly(3_541))) == 1
    assert "not a state machine" in said(PERIOD, about, target("another"), weekly(3_541)).reason


def test_a_rule_with_two_targets_of_one_machine_reports_it_once() -> None:
    second = resource(EVENT_TARGET, "second", rule="every-hour", arn=f"{ARN}:7")
    about = event_rule(scheduleExpression="rate(1 hour)")
    assert len(violations(PERIOD, about, target(), second, weekly(3_541))) == 1


def test_a_rule_that_events_start_is_not_evaluated() -> None:
    about = event_rule(eventPattern="{}")
    assert (
        said(PERIOD, about, target(), weekly(3_541)).reason
        == "its targets are started by events and not by a schedule"
    )


def test_a_rule_whose_expression_is_not_known_is_refused() -> None:
    about = event_rule(scheduleExpression=UNKNOWN)
    assert "scheduleExpression is not known" in violations(PERIOD, about, target(), weekly())[0]


def test_each_of_several_machines_is_evaluated() -> None:
    slow = machine(definition(3_541, Work=task()), "slow")
    about = schedule(arn=UNKNOWN, sources={"target": (weekly(), slow)})
    assert len(violations(PERIOD, about, weekly(3_541), slow)) == 2


def other(expression: str, **properties: Any) -> Resource:
    return resource(SCHEDULE, "other", scheduleExpression=expression, target={"arn": ARN}, **properties)


def test_two_schedules_of_a_machine_are_evaluated_together() -> None:
    first, later = schedule("cron(0 6 ? * MON *)"), other("cron(0 7 ? * MON *)")
    # A start may be a minute late.
    (told,) = evaluated_last(later, first, weekly(3_541))
    assert told.startswith(
        "other: pipeline may run for 3,541 s, and start starts it too (the shortest time between a start by each is "
        "3,600 s from "
    )
    assert evaluated_last(later, first, weekly(3_540)) == ()
    assert evaluated_last(other("cron(0 7 ? * THU *)"), first, weekly(3_541)) == ()
    # Only the later of both reports it.
    assert passes(PERIOD, first, later, weekly(3_541))


def test_the_window_of_either_schedule_delays_its_start() -> None:
    window = {"flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15}}
    first, later = schedule("cron(0 6 ? * MON *)"), other("cron(0 7 ? * MON *)", **window)
    assert evaluated_last(later, first, weekly(3_600 - 960)) == ()
    (told,) = evaluated_last(later, first, weekly(3_600 - 959))
    assert "minus a delay of up to 960 s" in told


def evaluated_last(about: Resource, *others: Resource) -> tuple[str, ...]:
    """Return the violations by a resource that was registered after the others."""
    return evaluate(PERIOD, about, Plan.of([*others, about]), Results()).violations


def test_a_schedule_and_a_rate_may_start_a_machine_at_once() -> None:
    (told,) = evaluated_last(schedule("cron(0 6 ? * MON *)"), other("rate(7 days)"), weekly())
    assert "a rate may start at any time" in told


def test_schedules_with_disjoint_dates_do_not_overlap() -> None:
    first = schedule("cron(0 6 ? * MON *)", endDate="2026-12-31T00:00:00Z")
    later = "cron(0 7 ? * MON *)"
    assert not evaluated_last(other(later, startDate="2027-01-01T00:00:00Z"), first, weekly(3_541))
    assert evaluated_last(other(later, startDate="2026-06-01T00:00:00Z"), first, weekly(3_541))
    assert evaluated_last(other(later, startDate="next year"), first, weekly(3_541))


def test_dates_that_are_unknown_may_keep_two_schedules_apart() -> None:
    first, unknown = schedule("cron(0 6 ? * MON *)"), other("cron(0 7 ? * MON *)", startDate=UNKNOWN)
    found = evaluate(PERIOD, unknown, Plan.of([first, weekly(3_541), unknown]), Results())
    assert found.unknown is not None
    assert found.unknown.path == "startDate"
    assert not found.violations
    assert not evaluated_last(other("cron(0 7 ? * THU *)", startDate=UNKNOWN), first, weekly(3_541))
