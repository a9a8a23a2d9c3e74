"""The specification of a task's container, read from DescribeTasks and DescribeTaskDefinition; it makes no calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Amazon ECS API Reference, "ContainerDefinition", stopTimeout on Fargate.
_DEFAULT_STOP_TIMEOUT_SECONDS = 30
_MAX_STOP_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Secret:
    """An environment variable whose value lies in SSM or Secrets Manager."""

    name: str
    value_from: str


@dataclass(frozen=True)
class LogOptions:
    """The log group and stream that the awslogs driver writes a container's output to."""

    group: str
    region: str
    stream: str
    create_group: bool


@dataclass(frozen=True)
class ContainerSpec:
    """The properties that are needed to run a task's container and to report on it."""

    task_arn: str
    cluster_arn: str
    family: str
    revision: str
    name: str
    image: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    secrets: Sequence[Secret]
    log_options: LogOptions | None
    stop_timeout_seconds: int
    cpu_units: int
    memory_mib: int

    @property
    def task_id(self) -> str:
        """The last part of the task's ARN."""
        return self.task_arn.rsplit("/", 1)[-1]


def container_spec(task: Mapping[str, Any], definition: Mapping[str, Any]) -> ContainerSpec:
    """Return the specification of a task's first container, with overrides applied."""
    container = definition["containerDefinitions"][0]
    override = _override(task, container["name"])
    environment = {item["name"]: item["value"] for item in container.get("environment", [])}
    environment |= {item["name"]: item["value"] for item in override.get("environment", [])}
    return ContainerSpec(
        task_arn=task["taskArn"],
        cluster_arn=task["clusterArn"],
        family=definition["family"],
        revision=str(definition["revision"]),
        name=container["name"],
        image=container["image"],
        arguments=[
            *container.get("entryPoint", []),
            *(override.get("command") or container.get("command", [])),
        ],
        environment=environment,
        secrets=[Secret(item["name"], item["valueFrom"]) for item in container.get("secrets", [])],
        log_options=_log_options(container, task["taskArn"].rsplit("/", 1)[-1]),
        stop_timeout_seconds=min(
            container.get("stopTimeout", _DEFAULT_STOP_TIMEOUT_SECONDS), _MAX_STOP_TIMEOUT_SECONDS
        ),
        cpu_units=int(task["cpu"]),
        memory_mib=int(task["memory"]),
    )


def _override(task: Mapping[str, Any], container_name: str) -> Mapping[str, Any]:
    for override in task.get("overrides", {}).get("containerOverrides", []):
        if override["name"] == container_name:
            return override  # type: ignore[no-any-return]
    return {}


def _log_options(container: Mapping[str, Any], task_id: str) -> LogOptions | None:
    configuration = container.get("logConfiguration")
    if not configuration or configuration["logDriver"] != "awslogs":
        return None
    options = configuration["options"]
    return LogOptions(
        group=options["awslogs-group"],
        region=options["awslogs-region"],
        stream=f"{options['awslogs-stream-prefix']}/{container['name']}/{task_id}",
        create_group=options.get("awslogs-create-group") == "true",
    )
