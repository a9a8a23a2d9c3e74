from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, eventually, unique


def waiting_state(topic: str, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish.waitForTaskToken",
        "Arguments": {"TopicArn": topic, "Message": "{% $states.context.Task.Token %}"},
        "TimeoutSeconds": 60,
        "End": True,
        **fields,
    }


class Mailbox:
    """A topic that receives the tokens of tasks."""

    def __init__(self, aws: RunningAws) -> None:
        self._aws = aws
        self.topic = aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
        self._url, arn = aws.queue()
        aws.client("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def token(self) -> str:
        [message] = self._aws.messages(self._url, 1)
        return str(message["Message"])


@pytest.fixture
def mailbox(aws: RunningAws) -> Mailbox:
    return Mailbox(aws)


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


def test_a_token_is_as_long_as_those_of_aws(aws: RunningAws, mailbox: Mailbox) -> None:
    execution = aws.start({"Wait": waiting_state(mailbox.topic)})

    assert 500 <= len(mailbox.token()) <= 1024
    aws.client("stepfunctions").stop_execution(executionArn=execution)


def test_a_token_is_answered_once(aws: RunningAws, mailbox: Mailbox) -> None:
    states = aws.client("stepfunctions")
    execution = aws.start({"Wait": waiting_state(mailbox.topic)})
    token = mailbox.token()

    states.send_task_success(taskToken=token, output='{"n": 1}')

    assert aws.ended(execution).output == {"n": 1}
    assert refusal(lambda: states.send_task_success(taskToken=token, output="{}")) == "TaskTimedOut"
    assert refusal(lambda: states.send_task_heartbeat(taskToken=token)) == "TaskTimedOut"


def test_a_failure_carries_error_and_cause(aws: RunningAws, mailbox: Mailbox) -> None:
    execution = aws.start({"Wait": waiting_state(mailbox.topic)})

    aws.client("stepfunctions").send_task_failure(
        taskToken=mailbox.token(), error="Worker.InvalidInput", cause="regions: none"
    )

    ended = aws.ended(execution)
    assert (ended.error, ended.cause) == ("Worker.InvalidInput", "regions: none")


def test_every_try_has_a_token_of_its_own(aws: RunningAws, mailbox: Mailbox) -> None:
    states = aws.client("stepfunctions")
    retry = [{"ErrorEquals": ["Worker.Lost"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    execution = aws.start({"Wait": waiting_state(mailbox.topic, Retry=retry)})
    first = mailbox.token()
    states.send_task_failure(taskToken=first, error="Worker.Lost")

    second = mailbox.token()

    assert second != first
    assert refusal(lambda: states.send_task_success(taskToken=first, output="1")) == "TaskTimedOut"
    states.send_task_success(taskToken=second, output="2")
    assert aws.ended(execution).output == 2


def test_a_token_dies_with_its_time(aws: RunningAws, mailbox: Mailbox) -> None:
    execution = aws.start({"Wait": waiting_state(mailbox.topic, TimeoutSeconds=1)})
    token = mailbox.token()
    aws.ended(execution)

    assert refusal(lambda: aws.client("stepfunctions").send_task_heartbeat(taskToken=token)) == "TaskTimedOut"


def test_a_token_expires_with_its_heartbeat_while_the_execution_continues(
    aws: RunningAws, mailbox: Mailbox
) -> None:
    states = aws.client("stepfunctions")
    execution = aws.start(
        {
            "Wait": waiting_state(
                mailbox.topic, HeartbeatSeconds=1, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Rest"}]
            ),
            "Rest": {"Type": "Wait", "Seconds": 60, "End": True},
        }
    )
    token = mailbox.token()
    eventually(lambda: any(event["type"] == "WaitStateEntered" for event in aws.history(execution)))

    assert refusal(lambda: states.send_task_success(taskToken=token, output="{}")) == "TaskTimedOut"
    states.stop_execution(executionArn=execution)


def test_a_token_dies_with_its_execution(aws: RunningAws, mailbox: Mailbox) -> None:
    states = aws.client("stepfunctions")
    execution = aws.start({"Wait": waiting_state(mailbox.topic)})
    token = mailbox.token()

    states.stop_execution(executionArn=execution)

    assert refusal(lambda: states.send_task_success(taskToken=token, output="{}")) == "TaskTimedOut"


def test_heartbeats_keep_a_task_alive(aws: RunningAws, mailbox: Mailbox) -> None:
    states = aws.client("stepfunctions")
    execution = aws.start({"Wait": waiting_state(mailbox.topic, HeartbeatSeconds=2)})
    token = mailbox.token()

    beats = 0

    def four_seconds_of_beats() -> bool:
        nonlocal beats
        states.send_task_heartbeat(taskToken=token)
        beats += 1
        return beats > 60

    eventually(four_seconds_of_beats)
    states.send_task_success(taskToken=token, output='"alive"')
    assert aws.ended(execution).output == "alive"


def test_a_heartbeat_is_accepted_without_heartbeat_seconds(aws: RunningAws, mailbox: Mailbox) -> None:
    states = aws.client("stepfunctions")
    execution = aws.start({"Wait": waiting_state(mailbox.topic)})
    token = mailbox.token()

    states.send_task_heartbeat(taskToken=token)
    states.send_task_success(taskToken=token, output="1")

    assert aws.ended(execution).output == 1


def test_a_token_that_was_never_issued_is_invalid(aws: RunningAws) -> None:
    states = aws.client("stepfunctions")

    assert refusal(lambda: states.send_task_success(taskToken="made-up", output="{}")) == "InvalidToken"


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("send_task_success", {"output": '"' + "x" * 262_143 + '"'}, "ValidationException"),
        ("send_task_success", {"output": "not json"}, "InvalidOutput"),
        ("send_task_failure", {"error": "E" * 257}, "ValidationException"),
        ("send_task_failure", {"error": "E", "cause": "é" * 16_385}, "ValidationException"),
    ],
)
def test_an_answer_that_is_too_long_is_refused_and_the_task_waits_on(
    aws: RunningAws, mailbox: Mailbox, operation: str, arguments: dict[str, str], code: str
) -> None:
    states = aws.client("stepfunctions")
    execution = aws.start({"Wait": waiting_state(mailbox.topic)})
    token = mailbox.token()

    assert refusal(lambda: getattr(states, operation)(taskToken=token, **arguments)) == code
    states.send_task_success(taskToken=token, output="1")
    assert aws.ended(execution).status == "SUCCEEDED"
