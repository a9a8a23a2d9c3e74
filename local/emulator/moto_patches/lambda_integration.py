"""Payloads and error names of `lambda:invoke`: JSON and AWS's names; moto loses both.

AWS: the payload is any JSON, the result's payload is parsed, and the error of a function that raised is the type of the
exception, with the function's error payload as the cause. A payload without an error type is `Lambda.Unknown`; a
service error that the model does not list is `Lambda.AWSLambdaException`.
Source: AWS Step Functions Developer Guide, "Invoke an AWS Lambda function with Step Functions" and "Handling errors in
Step Functions workflows".
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import (
    LambdaFunctionErrorException,
    to_payload_type,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)

from local.emulator.failure import call_failed, task_failed
from local.emulator.patch import replace


def apply() -> None:
    """Convert payloads and errors as AWS does."""
    replace(StateTaskServiceLambda, "_normalise_parameters", _normalise_parameters)
    replace(StateTaskServiceLambda, "_normalise_response", _normalise_response)
    replace(StateTaskServiceLambda, "_from_error", _from_error)


def _normalise_parameters(_original: Callable[..., Any], self: Any, parameters: dict[str, Any]) -> None:
    payload = to_payload_type(parameters.pop("Payload")) if "Payload" in parameters else b"{}"
    StateTaskService._normalise_parameters(self, parameters)
    parameters["Payload"] = payload


def _normalise_response(
    original: Callable[..., Any], self: Any, response: Any, *args: Any, **kwargs: Any
) -> None:
    payload = response.pop("Payload", None) if isinstance(response, dict) else None
    original(self, response, *args, **kwargs)
    if isinstance(response, dict):
        response["Payload"] = payload


def _from_error(original: Callable[..., Any], self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, LambdaFunctionErrorException):
        return task_failed(self, env, *_error_and_cause(ex.payload))
    if isinstance(ex, ClientError):
        return call_failed(self, env, "Lambda", "AWSLambda", ex)
    return original(self, env, ex)


def _error_and_cause(payload: str) -> tuple[str, str]:
    error_type = json.loads(payload).get("errorType")
    if error_type:
        return error_type, payload
    return "Lambda.Unknown", (
        "The cause could not be determined because Lambda did not return an error type. "
        f"Returned payload: {payload}"
    )
