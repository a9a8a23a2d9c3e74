"""Failures of states, in the form that moto's interpreter passes to Retry and Catch."""

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent

_DETAILS = {
    HistoryEventType.EvaluationFailed: "evaluationFailedEventDetails",
    HistoryEventType.ExecutionFailed: "executionFailedEventDetails",
    HistoryEventType.TaskFailed: "taskFailedEventDetails",
    HistoryEventType.TaskTimedOut: "taskTimedOutEventDetails",
}


def state_failed(
    env: Any, error: str, cause: str, event_type: HistoryEventType = HistoryEventType.ExecutionFailed
) -> FailureEvent:
    """Return a state's failure."""
    return _failure(env, error, event_type, {"error": error, "cause": cause})


def task_failed(
    state: Any,
    env: Any,
    error: str,
    cause: str | None = None,
    event_type: HistoryEventType = HistoryEventType.TaskFailed,
) -> FailureEvent:
    """Return the failure of a service integration's Task."""
    details = {
        "resource": state._get_sfn_resource(),
        "resourceType": state._get_sfn_resource_type(),
        "error": error,
    }
    if cause is not None:
        details["cause"] = cause
    return _failure(env, error, event_type, details)


def call_failed(state: Any, env: Any, prefix: str, service: str, error: ClientError) -> FailureEvent:
    """Return the failure of a call that a service refused, named as by the optimized integration `prefix`.

    An error that the service's model does not list becomes the service's general one, such as `ECS.AmazonECSException`.
    """
    code, metadata = error.response["Error"]["Code"], error.response["ResponseMetadata"]
    name = f"{service}Exception" if type(error) is ClientError else code
    cause = (
        f"{error.response['Error']['Message']} (Service: {service}; Status Code: {metadata['HTTPStatusCode']}; "
        f"Error Code: {code}; Request ID: {metadata.get('RequestId')}; Proxy: null)"
    )
    return task_failed(state, env, f"{prefix}.{name}", cause)


def _failure(env: Any, error: str, event_type: HistoryEventType, details: dict[str, str]) -> FailureEvent:
    event_details: Any = {_DETAILS[event_type]: details}
    return FailureEvent(
        env=env, error_name=ErrorName(error_name=error), event_type=event_type, event_details=event_details
    )
