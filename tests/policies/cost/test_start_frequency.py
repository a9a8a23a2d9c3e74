from dataclasses import replace
from decimal import Decimal
from typing import Any

from guardrails.aws.starts import DAYS_A_MONTH
from guardrails.aws.types import EVENT_RULE, EVENT_TARGET, SCHEDULE
from guardrails.cost.bill import Case
from guardrails.cost.start_frequency import Start, starts_by_machine
from guardrails.cost.usage_declarations import with_declarations
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.cost.machines import component, definition, machine_in, schedule_of
from tests.policies.plans import machine, resource

ARN = "arn:aws:states:us-east-1:111122223333:stateMachine:machine"
DONE = {"Type": "Succeed"}


def named(name: str, parent: str | None = None) -> Resource:
    written = machine(definition(Done=DONE), name=name)
    return replace(written, parent=parent, properties={**written.properties, "name": name})


NAMED = named("machine")


def starts(*others: Resource, about: Resource = NAMED, expected: dict[str, Any] | None = None) -> list[Start]:
    plan = Plan.of([about, *others], (one for one in others if not one.type.startswith("aws:")))
    return list(
        starts_by_machine(with_declarations(plan, {about.name: expected} if expected else {}))[about.urn]
    )


def often(expected: Decimal | int, worst: Decimal | int) -> dict[Case, Decimal]:
    return {Case.EXPECTED: Decimal(expected), Case.WORST: Decimal(worst)}


WEEKLY = often(DAYS_A_MONTH / 7, 5)
DAILY = often(DAYS_A_MONTH, 31)


def target(**properties: Any) -> Resource:
    return resource(EVENT_TARGET, "target", arn=ARN, rule="rule", **properties)


def test_a_schedule_starts_it_as_often_as_its_expression_says() -> None:
    (start,) = starts(schedule_of(NAMED, "cron(0 6 ? * MON *)"))
    assert start == Start(by="weekly", a_month=WEEKLY, is_scheduled=True)


def test_a_disabled_schedule_is_reported_as_such() -> None:
    (start,) = starts(schedule_of(NAMED, "rate(1 day)", state="DISABLED"))
    assert (start.is_enabled, start.a_month) == (False, DAILY)


def declaring_others(other: Resource, **expected: Any) -> Resource:
    return replace(other, properties={**other.properties, "expected": expected})


def test_a_schedule_is_found_by_the_source_of_its_unknown_target() -> None:
    schedule = resource(
        SCHEDULE,
        scheduleExpression="rate(1 day)",
        target={"arn": UNKNOWN},
        sources={"target": (NAMED,)},
    )
    assert [start.a_month for start in starts(schedule)] == [DAILY]


def test_a_universal_target_names_the_machine_in_its_input() -> None:
    schedule = resource(
        SCHEDULE,
        scheduleExpression="rate(1 day)",
        target={
            "arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
            "input": f'{{"StateMachineArn": "{ARN}"}}',
        },
    )
    assert [start.a_month for start in starts(schedule)] == [DAILY]


def test_an_expression_that_cannot_be_read_is_not_never() -> None:
    assert [start.a_month for start in starts(schedule_of(NAMED, "sometimes"))] == [None]


def test_a_rule_with_an_expression_is_a_clock_and_one_of_events_is_not() -> None:
    clock = resource(EVENT_RULE, "rule", name="rule", scheduleExpression="rate(1 day)")
    events = resource(EVENT_RULE, "rule", name="rule", eventPattern="{}")
    assert starts(target(), clock) == [Start(by="rule", a_month=DAILY, is_scheduled=True)]
    assert starts(target(), events) == [Start(by="the events of rule", a_month=None)]


def test_declared_starts_replace_those_by_events_but_not_those_by_schedules() -> None:
    events = resource(EVENT_RULE, "rule", name="rule", eventPattern="{}")
    declares = component(starts=9)
    about = Resource(**{**vars(NAMED), "parent": declares.urn})
    found = starts(target(), events, schedule_of(about, "rate(1 day)"), declares, about=about)
    assert [start.a_month for start in found] == [DAILY, often(9, 9)]


def test_a_limit_takes_the_place_of_a_declaration() -> None:
    declares = component(starts=9)
    about = Resource(**{**vars(NAMED), "parent": declares.urn})
    found = starts(declares, about=about, expected={"starts": 4})
    assert [start.a_month for start in found] == [often(4, 4)]


def test_a_machine_without_a_starter_has_an_unknown_number_of_starts() -> None:
    assert starts() == [Start(by="callers outside of the plan", a_month=None)]


def test_starts_by_another_machine_are_counted_with_that_machine() -> None:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {"StateMachineArn": ARN},
        "End": True,
    }
    assert starts(machine_in(None, "outer", Start=start)) == []


def test_the_runs_of_another_machine_start_it_as_often_as_is_declared() -> None:
    other = named("other")
    weekly = schedule_of(other, "rate(7 days)", state="DISABLED")
    (start,) = starts(other, weekly, expected={"startsByRun": {"other": 9}})
    assert start == Start(
        by="the runs of other", a_month=often(9 * (DAYS_A_MONTH / 7), 9 * 5), is_enabled=False
    )


def test_all_that_the_runs_of_another_machine_start_is_one_number() -> None:
    other = named("other")
    found = starts(
        declaring_others(other, starts=4),
        schedule_of(other, "rate(7 days)"),
        replace(schedule_of(other, "rate(1 day)", state="DISABLED"), name="daily", urn="daily"),
        expected={"startsByRun": {"other": 9}},
    )
    assert found == [
        Start(by="the runs of other", a_month=often(9 * (DAYS_A_MONTH / 7) + 9 * 4, 9 * 5 + 9 * 4)),
        Start(by="the runs of other", a_month=often(9 * DAYS_A_MONTH, 9 * 31), is_enabled=False),
    ]


def test_of_a_machine_that_runs_every_other_week_half_the_starts_are_runs() -> None:
    declares = component(everyStarts=2)
    other = named("other", parent=declares.urn)
    (start,) = starts(
        declares, other, schedule_of(other, "rate(7 days)"), expected={"startsByRun": {"other": 9}}
    )
    # In the worst case every start does the full run.
    assert start.a_month == often(9 * (DAYS_A_MONTH / 7 / 2), 9 * 5)


def test_the_runs_of_a_machine_that_is_not_there_are_not_known() -> None:
    (start,) = starts(expected={"startsByRun": {"other": 9}})
    assert (start.by, start.a_month) == ("the runs of other, which is no machine of the plan", None)


def test_a_machine_with_unknown_starts_starts_others_an_unknown_number_of_times() -> None:
    other = named("other")
    (start,) = starts(other, expected={"startsByRun": {"other": 9}})
    assert (start.by, start.a_month) == ("the runs of other", None)


def test_a_schedule_that_is_switched_off_for_now_is_expected_to_start_it() -> None:
    waits = component(enabled=True)
    schedule = replace(schedule_of(NAMED, "rate(1 day)", state="DISABLED"), parent=waits.urn)
    (start,) = starts(schedule, waits)
    assert start.is_enabled
