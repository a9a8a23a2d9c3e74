"""ECS Task State Change events on the default bus; moto sends none.

AWS: the event's detail is the task as DescribeTasks returns it, including the overrides' environment.
Source: Amazon ECS Developer Guide, "Amazon ECS task state change events".
"""

from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from moto.core.utils import camelcase_to_underscores

from local.emulator.event_bus import put_event
from local.emulator.integration_names import service_model
from local.emulator.moto_patches.ecs_task_life import on_change
from local.emulator.times import iso_millis


def apply() -> None:
    """Publish every state change of a task."""
    on_change(_publish)


def _publish(task: Any) -> None:
    put_event(
        account=task._account_id,
        region=task.region_name,
        source="aws.ecs",
        detail_type="ECS Task State Change",
        resources=[task.task_arn],
        detail=_describe(task, service_model("ecs").shape_for("Task")),
    )


def _describe(value: Any, shape: Shape) -> Any:
    # As the API's JSON, without members that are not set.
    if isinstance(shape, StructureShape):
        members = {name: _member(value, name) for name in shape.members}
        return {
            name: _describe(item, shape.members[name]) for name, item in members.items() if item is not None
        }
    if isinstance(shape, ListShape):
        return [_describe(item, shape.member) for item in value]
    return iso_millis(value) if shape.type_name == "timestamp" else value


def _member(owner: Any, name: str) -> Any:
    if isinstance(owner, dict):
        return owner.get(name)
    return getattr(owner, camelcase_to_underscores(name), getattr(owner, name, None))
