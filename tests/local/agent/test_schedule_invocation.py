from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local.agent.schedules.invocation import Exhausted, Invocation
from local.agent.schedules.schedule import Schedule

MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)


def schedule(name: str = "weekly", window_minutes: int = 0, **target: Any) -> Schedule:
    return Schedule.of(
        {
            "Arn": f"arn:aws:scheduler:us-east-1:123456789012:schedule/group/{name}",
            "Name": name,
            "GroupName": "group",
            "ScheduleExpression": "cron(0 6 ? * MON *)",
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": window_minutes},
            "Target": {"Arn": "arn:aws:sqs:us-east-1:123456789012:queue", **target},
            "CreationDate": MONDAY,
            "LastModificationDate": MONDAY,
        }
    )


def attempts(invocation: Invocation) -> list[Invocation]:
    made = [invocation]
    while not made[-1].exhausted:
        made.append(made[-1].again())
    return made


@given(st.integers(1, 1440), st.text(max_size=9))
def test_a_start_is_within_its_window_and_for_the_same_schedule_and_time_always_the_same(
    minutes: int, name: str
) -> None:
    flexible = schedule(name, minutes)

    first = Invocation.first(flexible, MONDAY)

    assert MONDAY <= first.due < MONDAY + timedelta(minutes=minutes)
    assert first.scheduled_time == MONDAY
    assert first.due == Invocation.first(schedule(name, minutes), MONDAY).due


def test_without_a_window_a_start_is_on_time() -> None:
    assert Invocation.first(schedule(), MONDAY).due == MONDAY


def test_as_many_retries_as_aws_makes_by_default_take_the_day_that_it_makes_them_for() -> None:
    made = attempts(Invocation.first(schedule(), MONDAY))

    assert made[-1].exhausted is Exhausted.ATTEMPTS
    assert made[-1].attempt == 1 + 185
    assert timedelta(hours=23) < made[-1].due - MONDAY <= timedelta(hours=24)


@given(st.integers(0, 185), st.integers(60, 86_400), st.integers(0, 1440))
def test_no_retry_policy_is_overstepped(retries: int, age_seconds: int, window_minutes: int) -> None:
    policy = {"MaximumRetryAttempts": retries, "MaximumEventAgeInSeconds": age_seconds}

    made = attempts(Invocation.first(schedule(window_minutes=window_minutes, RetryPolicy=policy), MONDAY))

    assert len(made) <= retries + 1
    assert made[-1].due - made[0].due <= timedelta(seconds=age_seconds)
    assert all(earlier < later for earlier, later in pairwise(made))
    assert len({each.execution_id for each in made}) == len(made)


def test_keywords_are_replaced_anywhere_and_similar_texts_are_not() -> None:
    text = "<aws.scheduler.attempt-number><aws.scheduler.attempt-number> <aws.scheduler.unknown> <b>"

    assert Invocation.first(schedule(Input=text), MONDAY).again().input == "22 <aws.scheduler.unknown> <b>"
