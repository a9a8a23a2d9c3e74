"""The call that a schedule's target stands for: one operation of one service."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError, UnknownServiceError

# Services that universal targets name differently from botocore.
_BOTOCORE_NAMES = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}
_UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
_SERVER_ERROR = 500
_THROTTLED = {
    "RequestThrottled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_INVALID = "ValidationException"
# The error code in the dead letter when the target did not answer.
# Source: EventBridge Scheduler User Guide, "Configuring a schedule's dead-letter queue in EventBridge Scheduler".
_INTERNAL_ERROR = "AWS.Scheduler.InternalServerError"


class TargetError(Exception):
    """A target could not be reached, or refused the call."""

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


@dataclass(frozen=True)
class Call:
    """One call of an AWS API, with the names of universal targets: `sfn`, `startExecution`, `StateMachineArn`."""

    service: str
    action: str
    request: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The ARN of the universal target that makes this call."""
        return f"{_UNIVERSAL}{self.service}:{self.action}"

    def perform(self, client_of: Callable[[str], Any]) -> None:
        """Make the call once.

        Raises:
            TargetError: when it failed.
        """
        try:
            client = client_of(_BOTOCORE_NAMES.get(self.service, self.service))
            _method(client, self.action)(**_arguments(client, self.action, self.request))
        except ClientError as error:
            raise _refusal(error) from error
        except (ParamValidationError, UnknownServiceError) as error:
            raise TargetError(_INVALID, str(error), retryable=False) from error
        except BotoCoreError as error:
            raise TargetError(_INTERNAL_ERROR, str(error), retryable=True) from error


def call_of(target: Mapping[str, Any], text: str) -> Call:
    """Return the call that a target makes with this input.

    Raises:
        TargetError: for a target that the local clock cannot call.
    """
    arn = target["Arn"]
    if arn.startswith(_UNIVERSAL):
        service, _, action = arn.removeprefix(_UNIVERSAL).partition(":")
        return Call(service, action, _request(text))
    service = arn.split(":")[2]
    if service == "states":
        return Call("sfn", "startExecution", {"StateMachineArn": arn, "Input": text})
    if service == "sns":
        return Call("sns", "publish", {"TopicArn": arn, "Message": text})
    if service == "sqs":
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        request = {"QueueUrl": queue_url(arn), "MessageBody": text}
        return Call("sqs", "sendMessage", request | ({"MessageGroupId": group} if group else {}))
    if service == "lambda":
        return Call("lambda", "invoke", {"FunctionName": arn, "InvocationType": "Event", "Payload": text})
    message = (
        f"The local schedules start state machines, send to topics and queues, and invoke functions; they cannot call "
        f"{arn}."
    )
    raise TargetError(_INVALID, message, retryable=False)


def queue_url(arn: str) -> str:
    """Return a queue's URL on AWS; requests still go to the client's endpoint."""
    region, account, name = arn.split(":")[3:6]
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


def _request(text: str) -> Mapping[str, Any]:
    try:
        request = json.loads(text)
    except ValueError as error:
        raise TargetError(_INVALID, f"The input is not JSON: {error}", retryable=False) from error
    if not isinstance(request, dict):
        raise TargetError(_INVALID, f"The input is not an object: {text}", retryable=False)
    return request


def _method(client: Any, action: str) -> Callable[..., Any]:
    for method, operation in client.meta.method_to_api_mapping.items():
        if operation == _capitalised(action):
            return getattr(client, method)  # type: ignore[no-any-return]
    raise TargetError(_INVALID, f"The service has no operation {action}.", retryable=False)


def _arguments(client: Any, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
    shape = client.meta.service_model.operation_model(_capitalised(action)).input_shape
    by_field = {_capitalised(member): member for member in shape.members} if shape else {}
    return {by_field.get(field, field): value for field, value in request.items()}


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _refusal(error: ClientError) -> TargetError:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    server_error = error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_ERROR
    return TargetError(code, message, retryable=server_error or code in _THROTTLED)
