"""An invocation of a function, its metrics, and its observers.

Source: AWS Lambda Developer Guide, "Types of metrics for Lambda functions"; API Reference, "Invoke".
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from local.emulator.callers import Caller, current
from local.emulator.errors import AwsError
from local.emulator.functions.broker import BROKER, Answer, Invocation

# AWS Lambda Developer Guide, "Lambda quotas": "Invocation payload (request and response)".
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
MAX_EVENT_BYTES = 1024 * 1024
_MAX_RESPONSE_BYTES = 6_291_556
_TOO_LARGE = json.dumps(
    {
        "errorMessage": "Response payload size exceeded maximum allowed payload size "
        f"({_MAX_RESPONSE_BYTES} bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
)


_observers: list[Callable[[Caller, Any, Answer], None]] = []


def check_payload(payload: str, maximum_bytes: int) -> None:
    """Raise an error for a payload that AWS refuses.

    Raises:
        AwsError: `RequestTooLargeException` or `InvalidRequestContentException`.
    """
    size = len(payload.encode())
    if size > maximum_bytes:
        raise AwsError(
            "RequestTooLargeException",
            f"{size} byte payload is too large for the invocation type (limit {maximum_bytes} bytes)",
        )
    try:
        json.loads(payload)
    except ValueError as error:
        raise AwsError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error


def invoke(function: Any, payload: str, request_id: str, client_context: str = "") -> Answer:
    """Run a function once, on behalf of the current caller, and return its answer.

    Raises:
        AwsError: when the function could not be run.
    """
    if not str(function.run_time).startswith("python"):
        raise AwsError(
            "InvalidRuntimeException",
            f"The local agent runs functions of Python in a zip file, and {function.function_name} has "
            f"{function.run_time or function.package_type}.",
        )
    caller = current()
    invocation = Invocation(
        id=request_id,
        caller=caller,
        facts=_facts(function, payload, request_id, client_context),
        code=function.code_bytes,
    )
    reserved = function.reserved_concurrency
    try:
        answer = BROKER.run(
            invocation,
            f"{function.account_id} {function.region} {function.function_name}",
            None if reserved is None else int(reserved),
        )
    except AwsError as error:
        if error.code == "TooManyRequestsException":
            publish_metrics(function, [("Throttles", 1, "Count")])
        raise
    if len(answer.payload.encode()) > _MAX_RESPONSE_BYTES:
        answer = replace(answer, payload=_TOO_LARGE, function_error="Unhandled")
    publish_metrics(
        function,
        [
            ("Invocations", 1, "Count"),
            ("Errors", int(answer.function_error is not None), "Count"),
            ("Duration", answer.billed_milliseconds, "Milliseconds"),
        ],
    )
    for observer in _observers:
        observer(caller, function, answer)
    return answer


def on_answer(observer: Callable[[Caller, Any, Answer], None]) -> None:
    """Call an observer with the caller, function and answer of each invocation."""
    _observers.append(observer)


def publish_metrics(function: Any, metrics: Iterable[tuple[str, float, str]]) -> None:
    """Publish metrics of a function, each with its name, value and unit."""
    dimensions = [{"Name": "FunctionName", "Value": function.function_name}]
    # moto compares it with times that have no zone.
    now = datetime.now(UTC).replace(tzinfo=None)
    cloudwatch_backends[function.account_id][function.region].put_metric_data(
        "AWS/Lambda",
        [
            {"MetricName": name, "Dimensions": dimensions, "Value": value, "Unit": unit, "Timestamp": now}
            for name, value, unit in metrics
        ],
    )


def _facts(function: Any, payload: str, request_id: str, client_context: str) -> dict[str, Any]:
    logging = function.logging_config
    return {
        "function": {
            "function_arn": function.function_arn,
            "revision": function.revision_id,
            "name": function.function_name,
            "version": str(function.version),
            "handler": function.handler,
            "runtime": function.run_time,
            "memory_mib": int(function.memory_size),
            "timeout_seconds": int(function.timeout),
            "environment": function.environment_vars,
            "region": function.region,
            "log_group": logging["LogGroup"],
            "log_format": logging["LogFormat"],
            "log_level": logging.get("ApplicationLogLevel", ""),
        },
        "request": {"id": request_id, "payload": payload, "client_context": client_context},
    }
