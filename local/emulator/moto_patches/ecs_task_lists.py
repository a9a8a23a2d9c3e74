"""Pages, defaults and failures of ListTasks and DescribeTasks, which moto ignores.

AWS: ListTasks lists tasks with desired status RUNNING by default, at most 100 a page, of every revision of a family;
DescribeTasks takes at most 100 tasks, and lists unknown ones in `failures`.
Source: Amazon ECS API Reference, "ListTasks" and "DescribeTasks".
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from local.emulator.patch import replace

_MAX_PAGE = 100


def apply() -> None:
    """Replace ListTasks and DescribeTasks."""
    replace(EC2ContainerServiceResponse, "list_tasks", _list_tasks)
    replace(EC2ContainerServiceResponse, "describe_tasks", _describe_tasks)
    replace(EC2ContainerServiceBackend, "describe_tasks", _find_tasks)


def _list_tasks(_original: Callable[..., Any], self: Any) -> ActionResult:
    request = self.params
    cluster = self.ecs_backend._get_cluster(request.get("cluster", "default"))
    wanted = {
        "desired_status": request.get("desiredStatus", "RUNNING"),
        "started_by": request.get("startedBy"),
        "launch_type": request.get("launchType"),
    }
    family = request.get("family")
    arns = [
        task.task_arn
        for task in self.ecs_backend.tasks.get(cluster.name, {}).values()
        if all(value in {None, getattr(task, name)} for name, value in wanted.items())
        and family in {None, task.task_definition_arn.split("/")[-1].split(":")[0]}
    ]
    first = int(request.get("nextToken") or 0)
    end = first + min(request.get("maxResults") or _MAX_PAGE, _MAX_PAGE)
    page: dict[str, Any] = {"taskArns": arns[first:end]}
    if end < len(arns):
        page["nextToken"] = str(end)
    return ActionResult(page)


def _describe_tasks(original: Callable[..., Any], self: Any) -> ActionResult:
    requested = self.params.get("tasks", [])
    if len(requested) > _MAX_PAGE:
        raise InvalidParameterException(f"Tasks cannot have more than {_MAX_PAGE} elements.")
    answer = original(self).result
    found = {task.id for task in answer["tasks"]}
    missing = [{"arn": task, "reason": "MISSING"} for task in requested if task.split("/")[-1] not in found]
    return ActionResult({**answer, "failures": missing})


def _find_tasks(_original: Callable[..., Any], self: Any, cluster_str: str, tasks: list[str]) -> list[Any]:
    cluster = self._get_cluster(cluster_str)
    if not tasks:
        raise InvalidParameterException("Tasks cannot be empty.")
    ids = {task.split("/")[-1] for task in tasks}
    return [task for task in self.tasks.get(cluster.name, {}).values() if task.id in ids]
