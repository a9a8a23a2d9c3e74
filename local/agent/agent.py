"""Finds the tasks that should run and those that should stop, and sees to it."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.agent.container import Container
from local.agent.host import Host
from local.agent.memory import resident_mib
from local.agent.report import Report
from local.agent.spec import container_spec

_DESCRIBE_BATCH = 100
_CLUSTERS_INTERVAL_SECONDS = 1.0
_MEMORY_INTERVAL_SECONDS = 1.0
_RETRY_SECONDS = 1.0
_HOST_LOST = "Host lost: the agent that ran this task is gone"
_NEVER_STARTED = "Task stopped before it started"


class Agent:
    """The ECS agent of this machine; it starts a task once and never loses one."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._containers: dict[str, Container] = {}
        self._done: set[str] = set()
        self._clusters: list[str] = []
        self._clusters_at = 0.0
        self._memory_at = 0.0

    def run_forever(self, poll_seconds: float) -> None:
        """Look after tasks until the process ends; an AWS that does not answer is asked again."""
        while True:
            try:
                self.poll()
            except (BotoCoreError, ClientError) as error:
                print(f"The local AWS did not answer: {error}", file=sys.stderr)
                time.sleep(_RETRY_SECONDS)
            time.sleep(poll_seconds)

    def poll(self) -> None:
        """Look once at every task of every cluster."""
        now = time.monotonic()
        self._containers = {arn: each for arn, each in self._containers.items() if each.is_alive()}
        if now >= self._clusters_at:
            self._clusters = self._host.client("ecs").list_clusters()["clusterArns"]
            self._clusters_at = now + _CLUSTERS_INTERVAL_SECONDS
        for cluster in self._clusters:
            self._look_after(cluster)
        if now >= self._memory_at:
            self._enforce_memory()
            self._memory_at = now + _MEMORY_INTERVAL_SECONDS

    def _look_after(self, cluster: str) -> None:
        ecs = self._host.client("ecs")
        wanted = set(self._list(cluster, "RUNNING")) | set(self._list(cluster, "STOPPED"))
        own = {arn for arn, each in self._containers.items() if each.spec.cluster_arn == cluster}
        described: set[str] = set()
        arns = sorted((wanted | own) - self._done)
        for start in range(0, len(arns), _DESCRIBE_BATCH):
            batch = arns[start : start + _DESCRIBE_BATCH]
            for task in ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]:
                described.add(task["taskArn"])
                self._reconcile(task)
        for arn in own - described:
            # The local AWS was started anew and knows nothing of this task.
            self._containers[arn].kill()

    def _list(self, cluster: str, desired_status: str) -> Iterable[str]:
        pages: Iterator[Any] = (
            self._host.client("ecs")
            .get_paginator("list_tasks")
            .paginate(cluster=cluster, desiredStatus=desired_status)
        )
        for page in pages:
            yield from page["taskArns"]

    def _reconcile(self, task: dict[str, Any]) -> None:
        arn, status = task["taskArn"], task["lastStatus"]
        container = self._containers.get(arn)
        if container is not None:
            if task["desiredStatus"] == "STOPPED":
                container.ask_to_stop()
        elif status == "STOPPED":
            self._done.add(arn)
        elif status != "PROVISIONING":
            self._report_stopped(task, _HOST_LOST)
        elif task["desiredStatus"] == "STOPPED":
            self._report_stopped(task, _NEVER_STARTED)
        else:
            definition = self._host.client("ecs").describe_task_definition(
                taskDefinition=task["taskDefinitionArn"]
            )
            container = Container(container_spec(task, definition["taskDefinition"]), self._host)
            self._containers[arn] = container
            container.start()

    def _report_stopped(self, task: dict[str, Any], reason: str) -> None:
        containers = [{"containerName": each["name"], "status": "STOPPED"} for each in task["containers"]]
        report = Report(task["taskArn"], task["clusterArn"], "STOPPED", containers, reason)
        report.submit(self._host.client("ecs"))

    def _enforce_memory(self) -> None:
        by_group = {each.process_group: each for each in self._containers.values() if each.process_group}
        for group, size_mib in resident_mib(by_group.keys()).items():
            if size_mib > by_group[group].spec.memory_mib:
                by_group[group].kill_out_of_memory()
