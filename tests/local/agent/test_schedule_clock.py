"""The schedules' clock with a real local AWS, whose time the tests advance."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.agent.schedules import virtual_time
from local.agent.schedules.clock import ScheduleClock
from local.aws import LocalAws
from tests.local.agent.tasks import agent
from tests.local.emulator.local_aws import ROLE, RunningAws, eventually, running_aws, unique

MISSING = "arn:aws:sqs:us-east-1:123456789012:missing"
MISSING_CODE = "AWS.SimpleQueueService.NonExistentQueue"
LOST_ANSWER = {"operation": "sqs:SendMessage", "error": "InternalFailure", "status": 500, "performed": True}
REFUSED = {"operation": "sqs:SendMessage", "error": "ServiceUnavailable", "status": 503}


@dataclass
class Schedules:
    """Schedules of one group, and the clock that fires them."""

    aws: RunningAws
    clock: ScheduleClock
    group: str

    @property
    def now(self) -> datetime:
        return virtual_time.now(self.aws.aws)

    def create(self, expression: str, target: dict[str, Any], **arguments: Any) -> str:
        name = unique("schedule")
        request = {"FlexibleTimeWindow": {"Mode": "OFF"}, **arguments}
        self.aws.client("scheduler").create_schedule(
            Name=name,
            GroupName=self.group,
            ScheduleExpression=expression,
            Target={"RoleArn": ROLE, **target},
            **request,
        )
        return name

    def once(self, when: datetime, target: dict[str, Any], **arguments: Any) -> str:
        return self.create(f"at({when:%Y-%m-%dT%H:%M:%S})", target, **arguments)

    def pass_time(self, **passed: float) -> None:
        """Advance the time, and let the clock fire the schedules that are due."""
        virtual_time.advance_to(self.aws.aws, self.now + timedelta(**passed))
        self.clock.tick()

    def metric(self, name: str) -> float:
        answer = self.aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Scheduler",
            MetricName=name,
            Dimensions=[{"Name": "ScheduleGroup", "Value": self.group}],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
            Period=7200,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in answer["Datapoints"]))

    def received(self, queue_url: str) -> list[dict[str, Any]]:
        """Return the messages in a queue, with their attributes."""
        answer = self.aws.client("sqs").receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))

    def bodies(self, queue_url: str) -> list[str]:
        return [message["Body"] for message in self.received(queue_url)]


def client_of(aws: LocalAws, service: str, *, total_max_attempts: int = 3) -> Any:
    return aws.client(service, retries={"mode": "standard", "total_max_attempts": total_max_attempts})


@pytest.fixture(scope="module")
def own_aws() -> Iterator[RunningAws]:
    """A local AWS whose time no other test advances."""
    with running_aws() as running:
        yield running


@pytest.fixture
def schedules(own_aws: RunningAws) -> Iterator[Schedules]:
    group = unique("group")
    own_aws.client("scheduler").create_schedule_group(Name=group)
    clock = ScheduleClock(partial(client_of, own_aws.aws), partial(virtual_time.read, own_aws.aws))
    clock.tick()
    yield Schedules(own_aws, clock, group)
    own_aws.client("scheduler").delete_schedule_group(Name=group)
    own_aws.admin("DELETE", "faults")


def test_a_state_machine_is_started_with_the_input_whose_keywords_have_their_values(
    schedules: Schedules,
) -> None:
    machine = schedules.aws.create_machine({"Echo": {"Type": "Succeed"}})
    keywords = ("scheduled-time", "schedule-arn", "execution-id", "attempt-number")
    given = json.dumps(
        {"at <aws.scheduler.scheduled-time>": [f"<aws.scheduler.{word}>" for word in keywords]}
    )
    when = schedules.now + timedelta(hours=1)
    name = schedules.once(when, {"Arn": machine, "Input": given})

    schedules.pass_time(hours=2)

    [execution] = schedules.aws.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    [(key, (time, arn, execution_id, attempt))] = schedules.aws.ended(
        execution["executionArn"]
    ).output.items()
    assert (key, time) == (f"at {when:%Y-%m-%dT%H:%M:%SZ}", f"{when:%Y-%m-%dT%H:%M:%SZ}")
    assert arn == f"arn:aws:scheduler:us-east-1:123456789012:schedule/{schedules.group}/{name}"
    assert len(execution_id) == 16
    assert attempt == "1"


@pytest.mark.parametrize(("skips", "fired"), [(False, {"between", "due"}), (True, {"due"})])
def test_skipping_time_omits_schedules_due_before_the_target_and_fires_those_due_at_it(
    schedules: Schedules, skips: bool, fired: set[str]
) -> None:
    url, queue = schedules.aws.queue()
    due = (schedules.now + timedelta(days=7)).replace(microsecond=0)
    schedules.once(due - timedelta(days=1), {"Arn": queue, "Input": "between"})
    schedules.once(due, {"Arn": queue, "Input": "due"})

    put_forward = virtual_time.skip_to if skips else virtual_time.advance_to
    put_forward(schedules.aws.aws, due)
    schedules.clock.tick()

    assert set(schedules.bodies(url)) == fired


def test_after_a_skip_schedules_fire_again(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    schedules.create("rate(4 hours)", {"Arn": queue, "Input": "{}"})
    virtual_time.skip_to(schedules.aws.aws, schedules.now + timedelta(days=7))
    schedules.clock.tick()
    assert schedules.bodies(url) == []

    schedules.pass_time(hours=5)

    assert len(schedules.bodies(url)) == 1


def test_queues_and_topics_are_sent_the_input(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    topic = schedules.aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    schedules.aws.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"}
    )
    schedules.once(schedules.now + timedelta(hours=1), {"Arn": queue, "Input": "first"})
    schedules.once(schedules.now + timedelta(hours=2), {"Arn": topic, "Input": "second"})

    schedules.pass_time(hours=3)

    assert schedules.bodies(url) == ["first", "second"]


def test_a_universal_target_is_any_call_of_an_api(schedules: Schedules) -> None:
    machine = schedules.aws.create_machine({"Echo": {"Type": "Succeed"}})
    given = {"StateMachineArn": machine, "Name": "named", "Input": '{"a": 1}'}
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": json.dumps(given)}
    schedules.once(schedules.now + timedelta(hours=1), target)

    schedules.pass_time(hours=2)

    [execution] = schedules.aws.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert execution["name"] == "named"
    assert schedules.aws.ended(execution["executionArn"]).output == {"a": 1}


def test_all_that_fell_due_while_time_was_put_forward_fires_in_order(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    begin = schedules.now
    each = {"Arn": queue, "Input": "<aws.scheduler.scheduled-time>"}
    schedules.once(begin + timedelta(hours=25), each)
    schedules.create("rate(12 hours)", each, StartDate=begin + timedelta(hours=1))

    schedules.pass_time(hours=26)

    hours = [1, 13, 25, 25]
    assert schedules.bodies(url) == [f"{begin + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}" for hour in hours]
    schedules.pass_time(hours=1)
    assert schedules.bodies(url) == []


@pytest.mark.parametrize("is_new", [True, False])
def test_starts_that_were_missed_while_the_local_aws_did_not_run_are_made_up_for_until_their_maximum_age(
    schedules: Schedules, is_new: bool
) -> None:
    url, queue = schedules.aws.queue()
    since = schedules.now
    due = since + timedelta(hours=1)
    schedules.once(due, {"Arn": queue, "Input": '"missed"'})
    too_old = {"RetryPolicy": {"MaximumEventAgeInSeconds": 60}}
    schedules.once(due, {"Arn": queue, "Input": '"too old"', **too_old})
    virtual_time.advance_to(schedules.aws.aws, since + timedelta(hours=2))
    readings = [replace(virtual_time.read(schedules.aws.aws), pause=(since, schedules.now))]

    def read() -> virtual_time.Reading:
        return readings.pop() if readings else virtual_time.read(schedules.aws.aws)

    # The agent of before, or one that was started again as well.
    clock = ScheduleClock(partial(client_of, schedules.aws.aws), read) if is_new else schedules.clock
    clock._read = read
    clock.tick()
    clock.tick()
    assert schedules.bodies(url) == ['"missed"']


def test_a_rate_without_a_start_date_fires_at_once(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    schedules.create("rate(1 hour)", {"Arn": queue, "Input": "now"})

    schedules.clock.tick()

    assert schedules.bodies(url) == ["now"]


def test_a_disabled_schedule_never_fires_and_does_not_catch_up_after_it_is_enabled(
    schedules: Schedules,
) -> None:
    url, queue = schedules.aws.queue()
    scheduler = schedules.aws.client("scheduler")
    name = schedules.create("cron(0 * * * ? *)", {"Arn": queue, "Input": "hourly"}, State="DISABLED")
    schedules.pass_time(hours=5)
    assert schedules.bodies(url) == []

    paused = scheduler.get_schedule(Name=name, GroupName=schedules.group)
    fields = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    scheduler.update_schedule(**{field: paused[field] for field in fields}, State="ENABLED")
    schedules.clock.tick()
    assert schedules.bodies(url) == []
    schedules.pass_time(hours=1)
    assert schedules.bodies(url) == ["hourly"]


def test_within_a_flexible_window_the_start_is_later_and_the_scheduled_time_is_not(
    schedules: Schedules,
) -> None:
    url, queue = schedules.aws.queue()
    when = schedules.now + timedelta(hours=1)
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}
    each = {"Arn": queue, "Input": "<aws.scheduler.scheduled-time>"}
    for _ in range(5):
        schedules.once(when, each, FlexibleTimeWindow=window)

    schedules.pass_time(hours=1)
    early = schedules.bodies(url)
    schedules.pass_time(hours=24)

    assert len(early) < 5
    assert early + schedules.bodies(url) == [f"{when:%Y-%m-%dT%H:%M:%SZ}"] * 5


def test_a_start_whose_answer_is_lost_is_delivered_twice(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    schedules.aws.admin("POST", "faults", LOST_ANSWER)
    target = {"Arn": queue, "Input": "<aws.scheduler.attempt-number> <aws.scheduler.execution-id>"}
    schedules.once(schedules.now + timedelta(hours=1), target)

    schedules.pass_time(hours=2)

    first, second = (body.split() for body in schedules.bodies(url))
    assert (first[0], second[0]) == ("1", "2")
    assert first[1] != second[1]


def test_a_throttled_start_is_tried_again(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    schedules.aws.admin("POST", "faults", {"operation": "sqs:SendMessage", "error": "ThrottlingException"})
    target = {"Arn": queue, "Input": "attempt <aws.scheduler.attempt-number>"}
    schedules.once(schedules.now + timedelta(hours=1), target)

    schedules.pass_time(hours=2)

    assert schedules.bodies(url) == ["attempt 2"]


@pytest.mark.parametrize(
    ("policy", "retries", "condition"),
    [
        ({"MaximumRetryAttempts": 3}, "3", "MaximumRetryAttempts"),
        ({"MaximumRetryAttempts": 0}, "0", "MaximumRetryAttempts"),
        # Attempts after 0, 1, 3, 7, 15, 31 seconds; the next would be after 63.
        ({"MaximumEventAgeInSeconds": 60}, "5", "MaximumEventAgeInSeconds"),
    ],
)
def test_an_event_goes_to_the_dead_letter_queue_after_its_retries_are_exhausted(
    schedules: Schedules, policy: dict[str, int], retries: str, condition: str
) -> None:
    _, queue = schedules.aws.queue()
    letters_url, letters = schedules.aws.queue()
    schedules.aws.admin("POST", "faults", REFUSED | {"times": 99, "match": {"MessageBody": "start"}})
    when = schedules.now + timedelta(hours=1)
    target = {"Arn": queue, "Input": "start", "RetryPolicy": policy, "DeadLetterConfig": {"Arn": letters}}
    name = schedules.once(when, target)

    schedules.pass_time(hours=2)

    [letter] = schedules.received(letters_url)
    facts = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert json.loads(letter["Body"])["MessageBody"] == "start"
    assert len(facts.pop("EXECUTION_ID")) == 16
    assert facts == {
        "ERROR_CODE": "ServiceUnavailable",
        "ERROR_MESSAGE": "injected",
        "EXHAUSTED_RETRY_CONDITION": condition,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": retries,
        "SCHEDULED_TIME": f"{when:%Y-%m-%dT%H:%M:%SZ}",
        "SCHEDULE_ARN": f"arn:aws:scheduler:us-east-1:123456789012:schedule/{schedules.group}/{name}",
        "TARGET_ARN": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
    }
    assert schedules.metric("InvocationAttemptCount") == int(retries) + 1
    assert schedules.metric("InvocationDroppedCount") == 1
    assert schedules.metric("InvocationsSentToDeadLetterCount") == 1


def test_a_permanent_refusal_of_a_target_is_not_retried(schedules: Schedules) -> None:
    letters_url, letters = schedules.aws.queue()
    machine = schedules.aws.create_machine({"Echo": {"Type": "Succeed"}})
    refused = [
        {"Arn": MISSING, "Input": "start"},
        {"Arn": machine, "Input": "no JSON"},
        {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:none", "Input": "{}"},
        {"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/none", "Input": "{}"},
        {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": "no JSON"},
        {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": '{"Machine": "none"}'},
        {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startSomething", "Input": "{}"},
        {"Arn": "arn:aws:scheduler:::aws-sdk:nothing:start", "Input": "{}"},
        {"Arn": "arn:aws:scheduler:::aws-sdk:sts:getCallerIdentity", "Input": '{"Who": "me"}'},
    ]
    for minute, target in enumerate(refused, start=1):
        when = schedules.now + timedelta(minutes=minute)
        schedules.once(when, target | {"DeadLetterConfig": {"Arn": letters}})

    schedules.pass_time(hours=1)

    found = schedules.received(letters_url)
    codes = [letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] for letter in found]
    assert codes == [
        MISSING_CODE,
        "InvalidExecutionInput",
        "ResourceNotFoundException",
        *["ValidationException"] * 6,
    ]
    assert {letter["MessageAttributes"]["RETRY_ATTEMPTS"]["StringValue"] for letter in found} == {"0"}
    assert not [letter for letter in found if "EXHAUSTED_RETRY_CONDITION" in letter["MessageAttributes"]]


def test_without_a_queue_a_lost_start_is_counted(schedules: Schedules) -> None:
    schedules.once(schedules.now + timedelta(hours=1), {"Arn": MISSING, "Input": "start"})

    schedules.pass_time(hours=2)

    assert schedules.metric("InvocationDroppedCount") == 1
    assert schedules.metric("InvocationsSentToDeadLetterCount") == 0


def test_a_dead_letter_that_cannot_be_delivered_is_counted(schedules: Schedules) -> None:
    target = {"Arn": MISSING, "Input": "start", "DeadLetterConfig": {"Arn": MISSING}}
    schedules.once(schedules.now + timedelta(hours=1), target)

    schedules.pass_time(hours=2)

    assert schedules.metric("InvocationsFailedToBeSentToDeadLetterCount") == 1


def test_a_metric_that_is_lost_loses_no_start(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    fault = {"operation": "cloudwatch:PutMetricData", "error": "InternalFailure", "status": 500, "times": 9}
    schedules.aws.admin("POST", "faults", fault)
    schedules.once(schedules.now + timedelta(hours=1), {"Arn": queue, "Input": "start"})

    schedules.pass_time(hours=2)

    assert schedules.bodies(url) == ["start"]


def test_a_completed_schedule_is_deleted_if_its_action_says_so(schedules: Schedules) -> None:
    _, queue = schedules.aws.queue()
    target = {"Arn": queue, "Input": "start"}
    when = schedules.now + timedelta(hours=1)
    schedules.once(when, target, ActionAfterCompletion="DELETE")
    schedules.create(
        "cron(0 * * * ? *)", target, EndDate=when + timedelta(hours=1), ActionAfterCompletion="DELETE"
    )
    kept = [
        schedules.once(when, target),
        schedules.create("cron(0 * * * ? *)", target, ActionAfterCompletion="DELETE"),
    ]

    schedules.pass_time(hours=3)

    listed = schedules.aws.client("scheduler").list_schedules(GroupName=schedules.group)["Schedules"]
    assert {schedule["Name"] for schedule in listed} == set(kept)


def test_a_retry_of_a_schedule_that_was_deleted_is_not_made(schedules: Schedules) -> None:
    url, queue = schedules.aws.queue()
    schedules.aws.admin("POST", "faults", REFUSED | {"match": {"MessageBody": "start"}})
    when = schedules.now + timedelta(hours=1)
    name = schedules.once(when, {"Arn": queue, "Input": "start"})
    virtual_time.advance_to(schedules.aws.aws, when)
    schedules.clock.tick()

    schedules.aws.client("scheduler").delete_schedule(Name=name, GroupName=schedules.group)
    schedules.pass_time(hours=1)

    assert schedules.bodies(url) == []


def test_the_agent_fires_schedules(schedules: Schedules, image: Path, tmp_path: Path) -> None:
    url, queue = schedules.aws.queue()
    schedules.create("rate(1 minute)", {"Arn": queue, "Input": '"fired"'})

    with agent(schedules.aws, image, tmp_path):
        # The agent fires starts that are due after its own start, at a time that the test does not know.
        def fired() -> list[str]:
            virtual_time.advance_to(schedules.aws.aws, schedules.now + timedelta(minutes=1))
            return schedules.bodies(url)

        assert set(eventually(fired)) == {'"fired"'}
