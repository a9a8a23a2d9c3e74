"""The redrive of messages in the dead-letter queues: a message is deleted only after what it lost was made up for."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.errors import OperatorError
from cli.messages.deployed_reporter import reporter_settings
from cli.queues.dead_letters import (
    NOTIFICATIONS,
    WATCH,
    Action,
    DeadLetter,
    InvokeReporter,
    NoAction,
    Publish,
    StartExecution,
    delete,
    receive,
    release,
)
from cli.stack import Stack

DONE, FAILED, PLANNED, STAYS = "done", "failed", "planned", "stays"


@dataclass(frozen=True)
class Redriven:
    """A message with the result of its redrive."""

    letter: DeadLetter
    action: Action
    result: str
    """`done`, after which the message is deleted; it stays in the queue after `failed`, `planned` and `stays`."""
    detail: str


def redrive(stack: Stack, queue: str, *, is_dry_run: bool) -> Iterator[Redriven]:
    """Make up for each message of a queue, and yield what became of it."""
    email_topics = sorted(reporter_settings(stack).email_topic_arns) if queue == NOTIFICATIONS else []
    # All are received before the first is worked on: one that failed is released, and would be received again.
    waiting = list(receive(stack, queue))
    try:
        while waiting:
            letter = waiting[0]
            action = letter.action(email_topics)
            if is_dry_run:
                result, detail = STAYS if isinstance(action, NoAction) else PLANNED, str(action)
            else:
                result, detail = _perform(stack, letter, action)
            if result == DONE:
                delete(stack, letter)
            else:
                release(stack, letter)
            waiting.pop(0)
            yield Redriven(letter, action, result, detail)
    finally:
        for letter in waiting:
            release(stack, letter)


def _perform(stack: Stack, letter: DeadLetter, action: Action) -> tuple[str, str]:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - only commands that call AWS wait for it

    try:
        match action:
            case StartExecution(execution_input):
                return DONE, _start(stack, letter, execution_input)
            case InvokeReporter(payload):
                return DONE, _invoke(stack, payload)
            case Publish(topic_arn, subject, text):
                more = {"Subject": subject} if subject else {}
                stack.client("sns").publish(TopicArn=topic_arn, Message=text, **more)
                return DONE, "published"
            case NoAction(why):
                return FAILED, why
    except ClientError as error:
        found = error.response["Error"]
        return FAILED, f"{found['Code']}: {found['Message']}"
    except OperatorError as error:
        return FAILED, error.what


def _start(stack: Stack, letter: DeadLetter, execution_input: str) -> str:
    """Start the execution of a message once: its name is that of the message, which AWS takes only once."""
    states = stack.client("stepfunctions")
    output = "watch_state_machine_arn" if letter.queue == WATCH else "step_functions_state_machine_arn"
    name = f"redrive-{letter.id}"
    try:
        states.start_execution(stateMachineArn=stack[output], name=name, input=execution_input)
    except states.exceptions.ExecutionAlreadyExists:
        return f"{name} was started before"
    return f"started {name}"


def _invoke(stack: Stack, payload: Mapping[str, Any]) -> str:
    answer = invoke_reporter(stack, payload)
    sent = [*answer.get("delivered", [])]
    if "undelivered" in payload and not sent and not answer.get("repeated"):
        failures = [f"{each['channel']}: {each['why']}" for each in answer.get("undelivered", [])]
        channel = payload["undelivered"]["channel"]
        why = "; ".join(failures) or f"{channel} is not configured, or not for this occasion"
        raise OperatorError(why, "correct the channel, and redrive again")
    return f"delivered by {', '.join(sent)}" if sent else "it had been delivered before"


def invoke_reporter(stack: Stack, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke the reporter and return its answer.

    Raises:
        OperatorError: if the function fails.
    """
    answer = stack.client("lambda").invoke(
        FunctionName=stack["reporter_function_name"], Payload=json.dumps(payload).encode()
    )
    document: Any = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        said = str(document.get("errorMessage") or "") if isinstance(document, dict) else ""
        if "the event has none of" in said:
            raise OperatorError(
                "the deployed reporter is of an older version, which does not know this event",
                f"type `pulumi up --stack {stack.name}`",
            )
        raise OperatorError(
            f"the reporter failed: {said or 'no reason'}",
            f"type `aws logs tail /aws/lambda/{stack['reporter_function_name']} --region {stack.region} --since 1h`",
        )
    return document if isinstance(document, dict) else {}
