from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.starts import DAYS_A_MONTH
from guardrails.aws.types import (
    BUDGET,
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    FUNCTION_EVENT_CONFIG,
    FUNCTION_PERMISSION,
    FUNCTION_URL,
    METRIC_ALARM,
    SCHEDULE,
    TOPIC,
    TOPIC_SUBSCRIPTION,
)
from guardrails.cost.bill import Bill, Case
from guardrails.cost.estimate import estimate
from guardrails.cost.execution_cost import execution_bill
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.rule import Subject
from tests.policies.cost.machines import EAST, component, machine_in
from tests.policies.cost.tables import TABLE, prices
from tests.policies.plans import resource

ARN = "arn:aws:lambda:us-east-1:111122223333:function:reporter"
TOPIC_ARN = "arn:aws:sns:us-east-1:111122223333:events"
EVENTS = resource(TOPIC, "events", name="events", provider=EAST)
SUBSCRIBED = resource(
    TOPIC_SUBSCRIPTION, "subscribed", topic=TOPIC_ARN, protocol="lambda", endpoint=ARN, provider=EAST
)
# 256 MiB of the reporter for each second.
GB = Decimal("0.25")


def reporter(parent: Resource | None = None, /, **properties: Any) -> Resource:
    written = {"name": "reporter", "memorySize": 256, "timeout": 60, "architectures": ["arm64"], **properties}
    return resource(FUNCTION, "reporter", parent=parent, provider=EAST, **written)


def task(call: str, **arguments: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{call}",
        "Arguments": arguments,
        "TimeoutSeconds": 10,
        "End": True,
    }


INVOKE = task("lambda:invoke", FunctionName=ARN)
PUBLISH = task("sns:publish", TopicArn=TOPIC_ARN)


def run(machine: Resource, *others: Resource, case: Case) -> Bill:
    around = [one for one in others if not one.type.startswith("aws:")]
    return execution_bill(Subject(resource=machine, plan=Plan.of([machine, *others], around)), TABLE, case)


def month(*resources: Resource, case: Case = Case.WORST) -> Bill:
    around = [one for one in resources if not one.type.startswith("aws:")]
    return estimate(Plan.of(resources, around), tables=lambda _: TABLE).month(case)


def amounts(bill: Bill) -> dict[str, Decimal | None]:
    keys = ("lambda_request", "lambda_arm_gb_second", "lambda_x86_gb_second")
    return {line.key: line.quantity for line in bill.lines if line.key in keys}


def test_a_task_that_stops_waiting_does_not_end_the_invocation() -> None:
    """Its TimeoutSeconds is 10, and the function's timeout 60."""
    found = run(machine_in(None, Report=INVOKE), reporter(), case=Case.WORST)
    assert amounts(found) == {"lambda_request": 1, "lambda_arm_gb_second": 60 * GB}


def test_each_attempt_of_a_task_invokes_the_function() -> None:
    retried = {**INVOKE, "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]}
    found = run(machine_in(None, Report=retried), reporter(), case=Case.WORST)
    assert amounts(found) == {"lambda_request": 3, "lambda_arm_gb_second": 3 * 60 * GB}


def test_an_expected_invocation_takes_the_time_of_its_state_or_else_of_its_function() -> None:
    def expected(**seconds: int) -> dict[str, Decimal | None]:
        around = component(seconds=seconds)
        machine = machine_in(around, Report=INVOKE)
        return amounts(run(machine, reporter(around), around, case=Case.EXPECTED))

    assert expected(reporter=2)["lambda_arm_gb_second"] == 2 * GB
    assert expected(reporter=2, Report=4)["lambda_arm_gb_second"] == 4 * GB
    assert expected(Report=900)["lambda_arm_gb_second"] == 60 * GB
    assert expected() == {"lambda_request": 1, "lambda_arm_gb_second": None}


def test_an_alias_of_a_function_is_the_function() -> None:
    by_arn = {**INVOKE, "Resource": f"{ARN}:live", "Arguments": {}}
    found = run(machine_in(None, Report=by_arn), reporter(), case=Case.WORST)
    assert found.quantity_of("lambda_arm_gb_second") == 60 * GB


def test_a_published_message_invokes_the_function_that_subscribes() -> None:
    around = component(seconds={"reporter": 2})
    machine, own = machine_in(around, Tell=PUBLISH), reporter(around)
    expected = run(machine, own, EVENTS, SUBSCRIBED, around, case=Case.EXPECTED)
    assert amounts(expected) == {"lambda_request": 1, "lambda_arm_gb_second": 2 * GB}
    worst = run(machine, own, EVENTS, SUBSCRIBED, around, case=Case.WORST)
    assert amounts(worst) == {"lambda_request": 3, "lambda_arm_gb_second": 3 * 60 * GB}
    assert expected.quantity_of("sns_publish") == worst.quantity_of("sns_publish") == 1


@pytest.mark.parametrize(
    ("retries", "attempts"), [(None, 3), (0, 1), ("1", 2), (2, 3), (UNKNOWN, 3), ("NaN", 3)]
)
def test_an_event_is_tried_as_often_as_its_config_says(retries: Any, attempts: int) -> None:
    config = resource(FUNCTION_EVENT_CONFIG, functionName="reporter", maximumRetryAttempts=retries)
    found = run(machine_in(None, Tell=PUBLISH), reporter(), EVENTS, SUBSCRIBED, config, case=Case.WORST)
    assert found.quantity_of("lambda_request") == attempts


def test_a_subscribed_function_that_is_not_in_the_plan_is_unbounded() -> None:
    found = run(machine_in(None, Tell=PUBLISH), EVENTS, SUBSCRIBED, case=Case.WORST)
    assert [line.depends_on for line in found.unbounded] == [
        "the function of subscribed, which is not in the plan"
    ]


def test_a_traced_function_records_each_event_that_no_machine_invokes_it_for() -> None:
    traced = reporter(tracingConfig={"mode": "Active"})
    published = run(machine_in(None, Tell=PUBLISH), traced, EVENTS, SUBSCRIBED, case=Case.EXPECTED)
    assert published.quantity_of("xray_trace") == 1
    invoked = run(machine_in(None, Report=INVOKE), traced, case=Case.EXPECTED)
    assert invoked.quantity_of("xray_trace") == 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *((path, UNKNOWN) for path in ("memorySize", "timeout", "architectures", "ephemeralStorage")),
        ("timeout", "NaN"),
        ("timeout", "Infinity"),
        ("memorySize", -1),
    ],
)
def test_unknown_properties_of_a_function_make_its_cost_unbounded(path: str, value: Any) -> None:
    found = run(machine_in(None, Report=INVOKE), reporter(None, **{path: value}), case=Case.WORST)
    assert [line.quantity for line in found.unbounded] == [None]


def test_more_storage_has_no_price_here_and_is_never_nothing() -> None:
    found = run(machine_in(None, Report=INVOKE), reporter(ephemeralStorage={"size": 1_024}), case=Case.WORST)
    assert [(line.key, line.quantity) for line in found.unbounded] == [
        ("lambda_storage_gb_second", Decimal(30))
    ]


def test_in_a_region_without_the_price_it_is_not_known() -> None:
    table = prices(lambda_request="0.0000002", sfn_standard_transition="0.00002")
    machine = machine_in(None, Report=INVOKE)
    found = execution_bill(Subject(resource=machine, plan=Plan.of([machine, reporter()])), table, Case.WORST)
    assert [(line.key, line.amount) for line in found.unbounded] == [("lambda_arm_gb_second", None)]


ALARM = resource(METRIC_ALARM, "failed", metricName="Errors", alarmActions=[TOPIC_ARN], provider=EAST)
SPENT = resource(
    BUDGET,
    "spent",
    notifications=[{"subscriberSnsTopicArns": UNKNOWN}],
    sources={"notifications": (EVENTS,)},
    provider=EAST,
)
COUNTED = {"starts": 1, "path": ["Tell"], "seconds": {"reporter": 2}}


@pytest.mark.parametrize("publisher", [ALARM, SPENT], ids=["alarm", "budget"])
def test_invocations_by_alarms_or_budgets_are_unbounded_until_they_are_declared(publisher: Resource) -> None:
    around = component(**COUNTED)
    machine = machine_in(around, Tell=PUBLISH)
    found = month(around, machine, reporter(around), EVENTS, SUBSCRIBED, publisher)
    assert {line.depends_on for line in found.unbounded} == {"how often it is invoked by subscribed"}

    around = component(**COUNTED, month={"lambda_request": 40})
    plan = [around, machine_in(around, Tell=PUBLISH), reporter(around), EVENTS, SUBSCRIBED, publisher]
    assert not month(*plan).unbounded
    # One by the run, and 40 by the alarms; at worst, AWS tries each three times.
    expected = month(*plan, case=Case.EXPECTED)
    assert expected.quantity_of("lambda_request") == 41
    assert expected.quantity_of("lambda_arm_gb_second") == 41 * 2 * GB
    assert month(*plan).quantity_of("lambda_arm_gb_second") == 41 * 3 * 60 * GB


def test_a_topic_of_machines_alone_is_counted_with_their_runs() -> None:
    around = component(**COUNTED)
    allowed = resource(FUNCTION_PERMISSION, function="reporter", principal="sns.amazonaws.com", provider=EAST)
    plan = [around, machine_in(around, Tell=PUBLISH), reporter(around), EVENTS, SUBSCRIBED, allowed]
    assert not month(*plan).unbounded
    assert month(*plan, case=Case.EXPECTED).quantity_of("lambda_request") == 1


def test_a_function_that_machines_alone_invoke_is_counted_with_their_runs() -> None:
    around = component(starts=2, seconds={"Report": 1})
    found = month(around, machine_in(around, Report=INVOKE), reporter(), case=Case.EXPECTED)
    assert found.quantity_of("lambda_request") == 2


def test_a_function_that_nothing_invokes_is_invoked_from_outside() -> None:
    assert {line.depends_on for line in month(reporter()).unbounded} == {
        "how often it is invoked by callers outside of the plan"
    }


@pytest.mark.parametrize(
    "caller",
    [
        resource(FUNCTION_URL, "caller", functionName="reporter", provider=EAST),
        resource(EVENT_SOURCE_MAPPING, "caller", functionName=ARN, provider=EAST),
        resource(
            FUNCTION_PERMISSION,
            "caller",
            function="reporter",
            principal="apigateway.amazonaws.com",
            provider=EAST,
        ),
    ],
    ids=lambda one: one.type,
)
def test_any_other_caller_is_not_counted(caller: Resource) -> None:
    found = {line.depends_on for line in month(reporter(), caller).unbounded}
    assert "how often it is invoked by caller" in found


def test_a_schedule_invokes_it_by_its_clock() -> None:
    around = component(seconds={"reporter": 2})
    daily = resource(SCHEDULE, "daily", scheduleExpression="rate(1 day)", target={"arn": ARN}, provider=EAST)
    found = month(around, reporter(around), daily, case=Case.EXPECTED)
    assert found.quantity_of("lambda_request") == DAYS_A_MONTH
    assert month(around, reporter(around), daily).quantity_of("lambda_arm_gb_second") == 31 * 3 * 60 * GB
    assert month(around, reporter(around), daily).unbounded == ()
