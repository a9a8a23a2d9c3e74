"""Validation in RunTask and RegisterTaskDefinition, which differs from AWS's in a dozen places in moto.

AWS: a launch type excludes a strategy, whose providers must belong to the cluster; overrides have at most 8,192
characters and name existing containers; a size must be one of Fargate's; a family means its latest active
revision, and an inactive one is refused; a container needs no memory setting if its task has one; security groups
are optional; a client token makes a repeated call idempotent.
Source: Amazon ECS API Reference, "RunTask", "TaskOverride" and "RegisterTaskDefinition"; Developer Guide, "Task
definition parameters for Fargate" and "Ensuring idempotency".
"""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import (
    ClusterNotFoundException,
    EcsClientException,
    InvalidParameterException,
    TaskDefinitionNotFoundException,
)
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from local.emulator import fargate
from local.emulator.errors import AwsError
from local.emulator.patch import replace

_MAX_OVERRIDES_CHARACTERS = 8192
_MAX_COUNT = 10
_NO_SUCH_SIZE = "No Fargate configuration exists for given values."


def apply() -> None:
    """Validate the arguments of RunTask and RegisterTaskDefinition."""
    replace(EC2ContainerServiceBackend, "_calculate_task_resource_requirements", _resource_requirements)
    replace(EC2ContainerServiceBackend, "register_task_definition", _register_task_definition)
    replace(EC2ContainerServiceBackend, "describe_task_definition", _describe_task_definition)
    replace(EC2ContainerServiceResponse, "run_task", _run_task)


def _resource_requirements(original: Callable[..., Any], task_definition: Any) -> Any:
    containers = [{"memory": 0, **container} for container in task_definition.container_definitions]
    return original(SimpleNamespace(container_definitions=containers))


def _register_task_definition(
    original: Callable[..., Any], self: Any, family: str, *args: Any, **kwargs: Any
) -> Any:
    if "FARGATE" in (kwargs.get("requires_compatibilities") or []) and not fargate.is_size(
        kwargs.get("cpu"), kwargs.get("memory")
    ):
        raise EcsClientException(_NO_SUCH_SIZE)
    return original(self, family, *args, **kwargs)


def _describe_task_definition(original: Callable[..., Any], self: Any, task_definition_str: str) -> Any:
    family = task_definition_str.rsplit("/", maxsplit=1)[-1]
    if ":" in family:
        return original(self, task_definition_str)
    revisions = self.task_definitions.get(family, {}).values()
    active = [definition for definition in revisions if definition.status == "ACTIVE"]
    if not active:
        raise TaskDefinitionNotFoundException
    return max(active, key=lambda definition: definition.revision)


def _run_task(_original: Callable[..., Any], self: Any) -> ActionResult:
    request = dict(self.params)
    backend = self.ecs_backend
    token = request.get("clientToken")
    known = _client_tokens(backend).get(token) if token else None
    if known:
        earlier_request, tasks = known
        if earlier_request != request:
            raise AwsError(
                "ConflictException", "The clientToken was used for a RunTask with other parameters."
            )
        return ActionResult({"tasks": tasks, "failures": []})
    tasks = _start(backend, request)
    if token:
        _client_tokens(backend)[token] = (request, tasks)
    return ActionResult({"tasks": tasks, "failures": []})


def _client_tokens(backend: Any) -> dict[str, tuple[dict[str, Any], list[Any]]]:
    return backend.__dict__.setdefault("ccapi_client_tokens", {})  # type: ignore[no-any-return]


def _start(backend: Any, request: dict[str, Any]) -> list[Any]:
    cluster = backend._get_cluster(request.get("cluster", "default"))
    if cluster.status != "ACTIVE":
        raise ClusterNotFoundException
    definition = backend.describe_task_definition(request["taskDefinition"])
    if definition.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    count = request.get("count", 1)
    if not 1 <= count <= _MAX_COUNT:
        raise InvalidParameterException(f"Count must be between 1 and {_MAX_COUNT}, not {count}.")
    overrides = request.get("overrides", {})
    _check_overrides(overrides, definition)
    strategy = request.get("capacityProviderStrategy") or []
    if not request.get("launchType"):
        strategy = strategy or cluster.default_capacity_provider_strategy or []
        _check_strategy(strategy, cluster)
    provider = fargate.place(strategy) if strategy else None
    return backend.run_task(  # type: ignore[no-any-return]
        cluster.name,
        definition.arn,
        count,
        overrides,
        request.get("startedBy", ""),
        _tags(request, definition, cluster),
        request.get("launchType"),
        _network(request.get("networkConfiguration")),
        request.get("group"),
        request.get("platformVersion"),
        [{"capacityProvider": provider}] if provider else None,
    )


def _check_overrides(overrides: dict[str, Any], definition: Any) -> None:
    length = len(json.dumps(overrides, separators=(",", ":")))
    if length > _MAX_OVERRIDES_CHARACTERS:
        raise InvalidParameterException(
            f"Container Overrides length must be at most {_MAX_OVERRIDES_CHARACTERS}, it is {length}."
        )
    names = {container["name"] for container in definition.container_definitions}
    for container in overrides.get("containerOverrides", []):
        if container.get("name") not in names:
            raise InvalidParameterException(
                f"Override for container named {container.get('name')} is not a container in the TaskDefinition."
            )
    cpu, memory = overrides.get("cpu", definition.cpu), overrides.get("memory", definition.memory)
    if "FARGATE" in definition.compatibilities and not fargate.is_size(cpu, memory):
        raise InvalidParameterException(_NO_SUCH_SIZE)


def _check_strategy(strategy: list[dict[str, Any]], cluster: Any) -> None:
    if not strategy:
        raise InvalidParameterException("No Container Instances were found in your cluster.")
    for item in strategy:
        if item["capacityProvider"] not in (cluster.capacity_providers or []):
            raise InvalidParameterException(
                f"The specified capacity provider {item['capacityProvider']} is not associated with the cluster."
            )


def _tags(request: dict[str, Any], definition: Any, cluster: Any) -> list[dict[str, str]]:
    tags = list(request.get("tags", []))
    if request.get("propagateTags") == "TASK_DEFINITION":
        given = {tag["key"] for tag in tags}
        tags += [tag for tag in definition.tags if tag["key"] not in given]
    if request.get("enableECSManagedTags"):
        tags.append({"key": "aws:ecs:clusterName", "value": cluster.name})
    return tags


def _network(configuration: dict[str, Any] | None) -> dict[str, Any] | None:
    if configuration is None:
        return None
    awsvpc = configuration.get("awsvpcConfiguration", {})
    if not awsvpc.get("subnets"):
        raise InvalidParameterException("subnets can not be empty.")
    return {"awsvpcConfiguration": {"securityGroups": [], **awsvpc}}
