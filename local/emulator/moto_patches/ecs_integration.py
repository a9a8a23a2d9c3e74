"""`ecs:runTask`: passes on every argument and fails if no task starts; moto drops arguments and ignores failures.

AWS: CapacityProviderStrategy, Count, Tags, … reach RunTask; a RunTask that answers with `failures` fails the
state with `AmazonECS.Unknown` and the failures as its cause.
Source: AWS Step Functions Developer Guide, "Run Amazon ECS or Fargate tasks with Step Functions"; Amazon ECS API
Reference, "RunTask".
"""

import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_ecs
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_ecs import (
    StateTaskServiceEcs,
)
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for

from local.emulator.failure import task_failed
from local.emulator.integration_names import service_model
from local.emulator.patch import replace

_STARTED_BY = "AWS Step Functions"


class _NoTaskStartedError(Exception):
    """RunTask started no task; the message is its failures as JSON."""


def apply() -> None:
    """Pass on all arguments of RunTask and check its failures."""
    members = service_model("ecs").operation_model("RunTask").input_shape.members  # type: ignore[union-attr]
    fields = {name[0].upper() + name[1:] for name in members}
    state_task_service_ecs._SUPPORTED_API_PARAM_BINDINGS["runtask"] = fields
    replace(StateTaskServiceEcs, "_eval_service_task", _run_task)
    replace(StateTaskServiceEcs, "_from_error", _from_error)


def _run_task(
    _original: Callable[..., Any],
    _self: Any,
    env: Any,
    resource_runtime_part: Any,
    normalised_parameters: dict[str, Any],
    state_credentials: Any,
) -> None:
    client: Any = boto_client_for(
        region=resource_runtime_part.region, service="ecs", state_credentials=state_credentials
    )
    response = client.run_task(**{"startedBy": _STARTED_BY, **normalised_parameters})
    if response["failures"]:
        raise _NoTaskStartedError(json.dumps(response["failures"]))
    response.pop("ResponseMetadata")
    env.stack.append(response)


def _from_error(original: Callable[..., Any], self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, _NoTaskStartedError):
        return task_failed(self, env, "AmazonECS.Unknown", str(ex))
    return original(self, env, ex)
