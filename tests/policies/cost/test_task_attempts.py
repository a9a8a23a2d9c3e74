from decimal import Decimal
from typing import Any

import pytest

from guardrails.aws.types import TOPIC, TOPIC_SUBSCRIPTION
from guardrails.cost.bill import Bill, Case
from guardrails.cost.execution_cost import execution_bill
from guardrails.plan import Plan, Resource
from guardrails.results import Results
from guardrails.rule import Subject
from tests.policies.cost.machines import definition, machine_in
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource


def call(api: str, **arguments: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{api}",
        "Arguments": arguments,
        "TimeoutSeconds": 86_400,
        "End": True,
    }


def run_of(*others: Resource, **states: Any) -> Bill:
    machine = machine_in(None, **states)
    subject = Subject(resource=machine, plan=Plan.of([machine, *others]), results=Results())
    return execution_bill(subject, TABLE, Case.WORST)


def keys(bill: Bill) -> set[str]:
    return {line.key for line in bill.lines}


@pytest.mark.parametrize(
    "api",
    [
        "glue:startJobRun.sync",
        "bedrock:invokeModel",
        "batch:submitJob.sync",
        "aws-sdk:ecs:createService",
        "aws-sdk:ecs:updateService",
        "aws-sdk:s3:restoreObject",
        "aws-sdk:scheduler:createSchedule",
        "aws-sdk:sfn:redriveExecution",
    ],
)
def test_a_call_at_an_unknown_price_has_no_most_that_it_costs(api: str) -> None:
    (line,) = run_of(Ask=call(api)).unbounded
    assert (line.name, line.quantity) == ("Ask", Decimal(1))
    assert ":" not in line.service
    assert line.depends_on.endswith(", which the model does not know")


@pytest.mark.parametrize(
    "api",
    [
        "aws-sdk:batch:describeJobs",
        "aws-sdk:batch:terminateJob",
        "aws-sdk:ecs:listTasks",
        "aws-sdk:ecs:registerTaskDefinition",
        "aws-sdk:sfn:sendTaskFailure",
        "aws-sdk:scheduler:getSchedule",
        "aws-sdk:eventbridge:putTargets",
        "aws-sdk:ecr:batchGetImage",
        "aws-sdk:iam:createRole",
    ],
)
def test_a_call_that_only_reads_or_stops_something_is_free(api: str) -> None:
    assert keys(run_of(Ask=call(api))) == {"sfn_standard_transition"}


def test_an_event_is_billed_though_rules_about_events_are_free() -> None:
    assert "events_custom_event" in keys(run_of(Ask=call("events:putEvents")))


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ({"Entries": [{}, {}, {}]}, 3),
        ({"Entries": "{% $entries %}"}, None),
        ({"Entries.$": "$.entries"}, None),
        ({}, None),
    ],
)
def test_each_event_that_is_sent_at_once_is_billed(arguments: dict[str, Any], number: int | None) -> None:
    assert run_of(Ask=call("events:putEvents", **arguments)).quantity_of("events_custom_event") == number


def test_of_topics_that_a_message_may_go_to_one_at_an_unknown_price_is_the_dearest() -> None:
    topics = [resource(TOPIC, name, name=name) for name in ("cheap", "dear")]
    mails = [
        resource(TOPIC_SUBSCRIPTION, f"mail-{number}", topic="cheap", protocol="email") for number in range(3)
    ]
    phone = resource(TOPIC_SUBSCRIPTION, "phone", topic="dear", protocol="sms")
    told = call("sns:publish", TopicArn="{% $x ? 'cheap' : 'dear' %}")
    found = run_of(*topics, *mails, phone, Tell=told)
    assert [line.depends_on for line in found.unbounded] == ["the price of a delivery by sms"]


def mapped(**config: str) -> dict[str, Any]:
    inner = definition(Ask=call("aws-sdk:s3:getObject"), Done={"Type": "Succeed"})
    inner["States"]["Ask"] |= {"Next": "Done"}
    del inner["States"]["Ask"]["End"]
    return {
        "Type": "Map",
        "Items": [1, 2, 3],
        "ItemProcessor": {"ProcessorConfig": config, **inner},
        "End": True,
    }


def test_the_items_of_a_distributed_map_of_express_executions_are_requests_and_not_transitions() -> None:
    found = run_of(Each=mapped(Mode="DISTRIBUTED", ExecutionType="EXPRESS"))
    assert {line.key: line.quantity for line in found.lines} == {
        "sfn_standard_transition": 1,
        "sfn_express_request": 3,
        "sfn_express_gb_second": None,
        "s3_get_request": 3,
    }
    assert [line.name for line in found.unbounded] == ["Each"]


@pytest.mark.parametrize(
    ("config", "of_item"),
    [
        ({"Mode": "INLINE"}, 2),
        ({}, 2),
        # The start of a child execution is one more.
        ({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, 1 + 2),
        ({"Mode": "DISTRIBUTED"}, 1 + 2),
    ],
)
def test_the_items_of_any_other_map_are_transitions(config: dict[str, str], of_item: int) -> None:
    found = run_of(Each=mapped(**config))
    assert found.quantity_of("sfn_standard_transition") == 1 + 3 * of_item
    assert found.quantity_of("sfn_express_request") == 0
