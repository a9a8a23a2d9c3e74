"""Asynchronous invocations: Lambda accepts the event, retries failures, and sends failed events to a queue or topic.

AWS: a function that fails is retried twice, after one and after two minutes; a throttled event is retried for up to six
hours, with growing pauses. Then the event goes to the function's dead-letter queue and to its on-failure destination.
A function whose reserved concurrency is 0 is not retried. Here the pauses are seconds in place of minutes.
The function's role must allow Lambda to send to the queue or topic.
Source: AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" and
"Capturing records of Lambda asynchronous invocations".
"""

import contextvars
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from local.emulator.authorization.enforcement import require_role
from local.emulator.callers import Caller, current, on_behalf_of
from local.emulator.errors import AwsError
from local.emulator.functions.broker import Answer, new_request_id
from local.emulator.functions.invoke import MAX_EVENT_BYTES, check_payload, invoke, publish_metrics
from local.emulator.times import iso_millis

_SERVICE = "lambda.amazonaws.com"
_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
_RETRY_SECONDS = (1.0, 2.0)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 30.0
_MAX_RETRIES, _MAX_AGE_SECONDS = 2, 6 * 60 * 60
_FUNCTION_ERROR_STATUS, _THROTTLED_STATUS = 200, 429
_MAX_ERROR_MESSAGE_CHARACTERS = 1024


def invoke_later(function: Any, payload: str) -> str:
    """Accept an event for a function, run the function in another thread, and return the request id.

    Raises:
        AwsError: when the payload is refused.
    """
    check_payload(payload, MAX_EVENT_BYTES)
    event = _Event(function, payload, new_request_id())
    restore(event.request_id, function.function_arn, payload, current())
    _note("event", event.request_id, *_accepted[event.request_id])
    _start(event)
    return event.request_id


_accepted: dict[str, tuple[str, str, Caller]] = {}
"""The function's ARN, the payload and the caller of each event that is not processed yet, by request id."""
_observers: list[Callable[..., None]] = []


def accepted() -> list[tuple[str, str, str, Caller]]:
    """Return the events that are not processed yet, as the arguments of `restore`."""
    return [(request_id, *facts) for request_id, facts in list(_accepted.items())]


def on_event(observer: Callable[..., None]) -> None:
    """Call an observer with `event` and the arguments of `restore`, or with `event-done` and those of `forget`."""
    _observers.append(observer)


def restore(request_id: str, function_arn: str, payload: str, caller: Caller) -> None:
    """Remember an event that was accepted."""
    _accepted[request_id] = (function_arn, payload, caller)


def forget(request_id: str) -> None:
    """Forget an event that was processed."""
    _accepted.pop(request_id, None)


def resume() -> None:
    """Process the events that an earlier process accepted and did not finish: Lambda invokes at least once."""
    for request_id, arn, payload, caller in accepted():
        region, account = arn.split(":")[3:5]
        try:
            function = lambda_backends[account][region].get_function(arn)
        except UnknownFunctionException:
            forget(request_id)
            continue
        with on_behalf_of(caller):
            _start(_Event(function, payload, request_id))


def _start(event: "_Event") -> None:
    def process() -> None:
        event.process()
        forget(event.request_id)
        _note("event-done", event.request_id)

    threading.Thread(
        target=contextvars.copy_context().run, args=(process,), name="event", daemon=True
    ).start()


def _note(*change: Any) -> None:
    for observer in _observers:
        observer(*change)


@dataclass(frozen=True)
class _Event:
    """An event that Lambda has accepted for a function."""

    function: Any
    payload: str
    request_id: str

    @property
    def config(self) -> Mapping[str, Any]:
        """The function's configuration for asynchronous invocations."""
        configs = self.function.event_invoke_config
        return configs[-1].config if configs else {}

    def process(self) -> None:
        """Invoke the function until it succeeds or the event is given up."""
        accepted_at = time.monotonic()
        pause, failures = _FIRST_PAUSE_SECONDS, 0
        while True:
            try:
                answer = invoke(self.function, self.payload, self.request_id)
            except AwsError as error:
                age = time.monotonic() - accepted_at
                if condition := self._reason_to_end(age + pause):
                    self._give_up(condition, failures, None, str(error.message))
                    return
                if not self._has_function():
                    return
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            if answer.function_error is None:
                self._send_record("OnSuccess", "Success", failures + 1, answer)
                return
            if failures >= self.config.get("MaximumRetryAttempts", _MAX_RETRIES):
                message = str(json.loads(answer.payload).get("errorMessage", ""))
                self._give_up("RetriesExhausted", failures + 1, answer, message)
                return
            time.sleep(_RETRY_SECONDS[failures])
            failures += 1

    def _reason_to_end(self, age_seconds: float) -> str | None:
        """Return the reason why an event that did not reach its function is not retried, or None."""
        reserved = self.function.reserved_concurrency
        if reserved is not None and int(reserved) == 0:
            return "ZeroReservedConcurrency"
        if age_seconds > self.config.get("MaximumEventAgeInSeconds", _MAX_AGE_SECONDS):
            return "EventAgeExceeded"
        return None

    def _has_function(self) -> bool:
        backend = lambda_backends[self.function.account_id][self.function.region]
        try:
            backend.get_function(self.function.function_name)
        except UnknownFunctionException:
            return False
        return True

    def _give_up(self, condition: str, attempts: int, answer: Answer | None, message: str) -> None:
        """Send the event to the dead-letter queue and its record to the on-failure destination."""
        if target := (self.function.dead_letter_config or {}).get("TargetArn"):
            status = _THROTTLED_STATUS if answer is None else _FUNCTION_ERROR_STATUS
            attributes = {
                "RequestID": ("String", self.request_id),
                "ErrorCode": ("Number", str(status)),
                "ErrorMessage": ("String", message[:_MAX_ERROR_MESSAGE_CHARACTERS] or "Unhandled"),
            }
            self._send(target, self.payload, attributes, "DeadLetterErrors")
        self._send_record("OnFailure", condition, attempts, answer)

    def _send_record(self, kind: str, condition: str, attempts: int, answer: Answer | None) -> None:
        """Send the event's record to the destination `OnSuccess` or `OnFailure`, if it is configured."""
        target = self.config.get("DestinationConfig", {}).get(kind, {}).get("Destination")
        if not target:
            return
        version = str(self.function.version)
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": iso_millis(datetime.now(UTC)),
            "requestContext": {
                "requestId": self.request_id,
                "functionArn": f"{self.function.function_arn}:{version}",
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": json.loads(self.payload),
        }
        if answer is not None:
            error = {"functionError": answer.function_error} if answer.function_error else {}
            record["responseContext"] = {"statusCode": 200, "executedVersion": version, **error}
            record["responsePayload"] = json.loads(answer.payload)
        self._send(target, json.dumps(record), {}, "DestinationDeliveryFailures")

    def _send(
        self, target: str, body: str, attributes: Mapping[str, tuple[str, str]], failure_metric: str
    ) -> None:
        action = _ACTIONS.get(target.split(":")[2])
        try:
            if action:
                require_role(self.function.role, _SERVICE, action, target, self.function.function_arn)
            _deliver(target, body, attributes)
        except Exception as error:  # noqa: BLE001 - whatever the target answers, AWS counts it and drops the event
            print(f"{self.function.function_arn} lost an event for {target}: {error}", file=sys.stderr)
            publish_metrics(self.function, [(failure_metric, 1, "Count")])


def _deliver(target: str, body: str, attributes: Mapping[str, tuple[str, str]]) -> None:
    service, region, account, name = target.split(":", 5)[2:]
    if service == "sqs":
        sqs_backends[account][region].send_message(
            name,
            body,
            message_attributes={
                key: {"DataType": kind, "StringValue": value} for key, (kind, value) in attributes.items()
            },
        )
    elif service == "sns":
        sns_backends[account][region].publish(
            message=body,
            arn=target,
            message_attributes={
                key: {"Type": kind, "Value": value} for key, (kind, value) in attributes.items()
            },
        )
    else:
        raise NotImplementedError(f"The local AWS sends failed events to sqs and sns, not to {target}.")
