"""AWS's error names for integrations; moto writes `ssm.…`, and `States.Runtime` for ECS and invalid fields.

AWS: an SDK integration's error is, for example, `Ssm.ParameterNotFoundException`; an error that the API's model does
not list is `S3.S3Exception` with the status in the cause. The optimized ECS integration's names begin with `ECS.`. An
object that is not text is taken to be an error of the SDK itself: moto stops the execution, and AWS documents nothing.
Source: AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows" and "Learning to use
AWS service SDK integrations"; AWS SDK for Java 2.x API Reference, the exceptions of each service.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_ecs import (
    StateTaskServiceEcs,
)

from local.emulator.failure import call_failed, task_failed
from local.emulator.integration_names import UnsupportedFieldError, sdk_name, service_model
from local.emulator.patch import replace


def apply() -> None:
    """Name errors as AWS does."""
    replace(StateTaskServiceAwsSdk, "_normalise_service_error_name", _service_error_name)
    replace(StateTaskServiceAwsSdk, "_from_error", _from_sdk_error)
    replace(StateTaskServiceEcs, "_from_error", _from_ecs_error)
    replace(StateTaskService, "_from_error", _from_any_error)


def _service_error_name(_original: Callable[..., Any], service_name: str) -> str:
    botocore_name = StateTaskService._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES.get(service_name, service_name)
    return "".join(sdk_name(word) for word in service_model(botocore_name).service_id.split(" "))


def _from_sdk_error(original: Callable[..., Any], self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, ClientError):
        # moto answers a range that an object does not have without an id.
        ex.response["ResponseMetadata"].setdefault("RequestId", "local")
    return original(self, env, ex)


def _from_ecs_error(original: Callable[..., Any], self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, ClientError):
        return call_failed(self, env, "ECS", "AmazonECS", ex)
    return original(self, env, ex)


def _from_any_error(original: Callable[..., Any], self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, UnsupportedFieldError | ParamValidationError):
        return task_failed(self, env, "States.Runtime", str(ex))
    if isinstance(ex, UnicodeDecodeError):
        return task_failed(self, env, "S3.SdkClientException", "Cannot encode string.")
    return original(self, env, ex)
