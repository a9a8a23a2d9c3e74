"""The life cycle of tasks, as the agent reports it; in moto a task starts as RUNNING and stops when it is described.

AWS: PROVISIONING, then what the container agent reports through SubmitTaskStateChange: PENDING, RUNNING, STOPPED.
StopTask only sets the desired status. A stopped task has a stop code: TaskFailedToStart, EssentialContainerExited,
UserInitiated, SpotInterruption.
Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle" and "Amazon ECS stopped tasks error messages"; API
Reference, "SubmitTaskStateChange", "StopTask" and "Task".
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import Container, EC2ContainerServiceBackend, Task
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_api import state_manager

from local.emulator.patch import replace

_REASON_BY_STOP_CODE = {
    "EssentialContainerExited": "Essential container in task exited",
    "TaskFailedToStart": "Task failed to start",
}


_observers: list[Callable[[Any], None]] = []


def apply() -> None:
    """Make a task's status follow its agent's reports."""
    # moto advances a task's status whenever it is described.
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 2**62})
    replace(Task, "__init__", _init_task)
    replace(EC2ContainerServiceBackend, "run_task", _run_task)
    replace(EC2ContainerServiceBackend, "stop_task", _stop_task)
    EC2ContainerServiceResponse.submit_task_state_change = _submit_task_state_change  # type: ignore[attr-defined]


def _init_task(
    original: Callable[..., Any], self: Any, cluster: Any, task_definition: Any, *args: Any, **kwargs: Any
) -> None:
    original(self, cluster, task_definition, *args, **kwargs)
    overrides = self.overrides
    by_name = {item["name"]: item for item in overrides.get("containerOverrides", [])}
    names = [definition["name"] for definition in task_definition.container_definitions]
    self.overrides = {
        **overrides,
        "containerOverrides": [by_name.get(name, {"name": name}) for name in names],
    }
    self.containers = [_container(self, task_definition, index) for index in range(len(names))]
    self.last_status = "PROVISIONING"
    self.cpu = overrides.get("cpu", task_definition.cpu)
    self.memory = overrides.get("memory", task_definition.memory)
    self.launch_type = self.launch_type or "FARGATE"
    self.platform_version = self.platform_version or "1.4.0"
    self.platform_family = "Linux"
    self.stopped_reason = None
    self.created_at = datetime.now(UTC)
    self.version = 1


def _container(task: Any, task_definition: Any, index: int) -> Any:
    container = Container(task_definition)  # type: ignore[abstract]
    definition = task_definition.container_definitions[index]
    container.task_arn = task.task_arn
    container.name, container.image = definition["name"], definition["image"]
    container.cpu, container.memory = str(definition.get("cpu", 0)), None
    container.exitCode = None  # type: ignore[assignment]
    container.health_status = "UNKNOWN"
    return container


def _run_task(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    tasks = original(self, *args, **kwargs)
    for task in tasks:
        _notify_observers(task)
    return tasks


def _stop_task(
    _original: Callable[..., Any], self: Any, cluster_str: str, task_str: str, reason: str | None
) -> Any:
    cluster = self._get_cluster(cluster_str)
    task = find_task(self, task_str)
    if task is None or task.cluster_name != cluster.name:
        raise InvalidParameterException("The referenced task was not found.")
    request_stop(task, "UserInitiated", reason or "Task stopped by user")
    return task


def on_change(observer: Callable[[Any], None], *, first: bool = False) -> None:
    """Call an observer with a task after each of its changes, after or before the observers so far."""
    _observers.insert(0 if first else len(_observers), observer)


def _notify_observers(task: Any) -> None:
    for observer in _observers:
        observer(task)


def find_task(backend: Any, task: str) -> Any:
    """Return the task with this id or ARN, or None."""
    wanted = task.rsplit("/", maxsplit=1)[-1]
    return next(
        (found for tasks in backend.tasks.values() for found in tasks.values() if found.id == wanted), None
    )


def request_stop(task: Any, stop_code: str, reason: str) -> None:
    """Set a task's desired status to STOPPED, unless it is already."""
    if task.desired_status != "STOPPED":
        task.desired_status = "STOPPED"
        task.stop_code, task.stopped_reason = stop_code, reason
        task.stopping_at = datetime.now(UTC)
        task.version += 1
        _notify_observers(task)


def _submit_task_state_change(self: Any) -> ActionResult:
    task = find_task(self.ecs_backend, self._get_param("task") or "")
    if task is None:
        raise InvalidParameterException("The referenced task was not found.")
    if task.last_status != "STOPPED":
        _change(task, dict(self.params))
    return ActionResult({"acknowledgment": "ACK"})


def _change(task: Any, change: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    status = change["status"]
    reports = {report["containerName"]: report for report in change.get("containers", [])}
    for container in task.containers:
        report = reports.get(container.name, {})
        container.last_status = report.get("status", status)
        container.exitCode = report.get("exitCode")
        container.reason = report.get("reason")
        container.runtime_id = report.get("runtimeId")
    task.pull_started_at = change.get("pullStartedAt") or getattr(task, "pull_started_at", None)
    task.pull_stopped_at = change.get("pullStoppedAt") or getattr(task, "pull_stopped_at", None)
    if status == "RUNNING":
        task.started_at, task.connectivity, task.connectivity_at = now, "CONNECTED", now
    if status == "STOPPED":
        _stop(task, change, now)
    task.last_status = status
    task.version += 1
    _notify_observers(task)


def _stop(task: Any, change: dict[str, Any], now: datetime) -> None:
    if task.desired_status != "STOPPED":
        started = getattr(task, "started_at", None) is not None
        task.stop_code = "EssentialContainerExited" if started else "TaskFailedToStart"
        task.stopped_reason = change.get("reason") or _REASON_BY_STOP_CODE[task.stop_code]
        task.desired_status, task.stopping_at = "STOPPED", now
    task.execution_stopped_at = change.get("executionStoppedAt") or now
    task.stopped_at = now
