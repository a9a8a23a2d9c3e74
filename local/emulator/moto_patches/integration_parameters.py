"""Integration fields in PascalCase, checked against the API's types; moto passes fields on unchanged.

AWS: `Cluster` becomes the API's `cluster`, and results come back in PascalCase with ISO 8601 times; an unknown field
or a value of the wrong type is refused.
Source: AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations" and "Passing
parameters to a service API in Step Functions".
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)

from local.emulator.integration_names import operation_name, service_model, to_request, to_result
from local.emulator.patch import replace

_BOTOCORE_NAMES = {
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
}


def apply() -> None:
    """Translate names in both directions."""
    StateTaskService._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES.update(_BOTOCORE_NAMES)
    replace(StateTaskService, "_normalise_parameters", _normalise_parameters)
    replace(StateTaskService, "_normalise_response", _normalise_response)


def _normalise_parameters(_original: Callable[..., Any], self: Any, parameters: dict[str, Any]) -> None:
    request = to_request(parameters, _operation(self).input_shape)
    parameters.clear()
    parameters.update(request)


def _normalise_response(
    _original: Callable[..., Any],
    self: Any,
    response: Any,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    if isinstance(response, dict):
        shape = _operation(self, boto_service_name, service_action_name).output_shape
        result = to_result(response, shape)
        response.clear()
        response.update(result)


def _operation(state: Any, service_name: str | None = None, action_name: str | None = None) -> Any:
    service = state._get_boto_service_name(service_name)
    method = state._get_boto_service_action(action_name)
    return service_model(service).operation_model(operation_name(service, method))
