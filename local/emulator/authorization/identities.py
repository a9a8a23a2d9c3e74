"""The identities of callers: the role that a task, a function, an execution or a schedule uses."""

from typing import Any

from moto.awslambda.models import lambda_backends
from moto.ecs.models import ecs_backends
from moto.scheduler.models import scheduler_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.emulator.authorization.identity import Identity, assumed
from local.emulator.callers import Caller, Kind
from local.emulator.moto_patches.ecs_task_life import find_task


def identity_of(caller: Caller) -> Identity | None:
    """Return the identity of a caller, or None for one whose requests no policy limits, or that has no role."""
    find = _FINDERS.get(caller.kind)
    return find(caller) if find else None


def execution_role_of(task_id: str) -> Identity | None:
    """Return the identity that starts a task: it pulls the image and writes the logs."""
    found = _task(task_id)
    if found is None:
        return None
    backend, task = found
    arn = (task.overrides or {}).get("executionRoleArn") or getattr(
        _definition(backend, task), "execution_role_arn", None
    )
    return assumed(arn, "ecs-tasks.amazonaws.com", task.task_arn, task_id)


def images_of(task_id: str) -> list[str]:
    """Return the images of a task's containers."""
    found = _task(task_id)
    if found is None:
        return []
    return [str(container["image"]) for container in _definition(*found).container_definitions]


def keep_function(environment: str, function_arn: str) -> None:
    """Remember the function of an execution environment."""
    _functions[environment] = function_arn


def functions() -> dict[str, str]:
    """Return the ARN of the function of each execution environment."""
    return _functions


_functions: dict[str, str] = {}


def _of_task(caller: Caller) -> Identity | None:
    found = _task(caller.id)
    if found is None:
        return None
    backend, task = found
    arn = (task.overrides or {}).get("taskRoleArn") or getattr(
        _definition(backend, task), "task_role_arn", None
    )
    return assumed(arn, "ecs-tasks.amazonaws.com", task.task_arn, task.id)


def _task(task_id: str) -> tuple[Any, Any] | None:
    backends = (backend for regions in ecs_backends.values() for backend in regions.values())
    found = ((backend, find_task(backend, task_id)) for backend in backends)
    return next(((backend, task) for backend, task in found if task is not None), None)


def _definition(backend: Any, task: Any) -> Any:
    return backend.describe_task_definition(task.task_definition_arn)


def _of_function(caller: Caller) -> Identity | None:
    arn = _functions.get(caller.id)
    if arn is None:
        return None
    region, account = arn.split(":")[3:5]
    function = lambda_backends[account][region].get_function(arn)
    return assumed(function.role, "lambda.amazonaws.com", arn, function.function_name)


def _of_execution(caller: Caller) -> Identity | None:
    region, account = caller.id.split(":")[3:5]
    backend = stepfunctions_parser_backends[account][region]
    execution = backend.describe_execution(caller.id)
    machine = backend.describe_state_machine(execution.state_machine_arn)
    return assumed(machine.roleArn, "states.amazonaws.com", machine.arn, caller.id.rpartition(":")[2])


def _of_schedule(caller: Caller) -> Identity | None:
    region, account, resource = caller.id.split(":", 5)[3:6]
    _, group, name = resource.split("/")
    schedule = scheduler_backends[account][region].get_schedule(group, name)
    group_arn = f"arn:aws:scheduler:{region}:{account}:schedule-group/{group}"
    return assumed(schedule.target["RoleArn"], "scheduler.amazonaws.com", group_arn, name)


_FINDERS = {
    Kind.TASK: _of_task,
    Kind.FUNCTION: _of_function,
    Kind.EXECUTION: _of_execution,
    Kind.SCHEDULE: _of_schedule,
}
