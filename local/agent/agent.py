"""The agent's loop: it starts the tasks that should run and stops those that should not."""

import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from http.client import HTTPException
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.agent.container import Container
from local.agent.host import Host
from local.agent.memory import resident_mib
from local.agent.report import Report
from local.agent.spec import container_spec

_DESCRIBE_BATCH = 100
# Checked less often than each poll: new clusters, tasks that were stopped before they started, memory.
_SLOW_INTERVAL_SECONDS = 1.0
_RETRY_SECONDS = 1.0
# Tasks that start at almost the same time are found by one poll.
_SHORTEST_PAUSE_SECONDS = 0.05
_HOST_LOST = "Host lost: the agent that ran this task is gone"
_NEVER_STARTED = "Task stopped before it started"


class Agent:
    """The ECS agent of this machine. It starts each task once and reports the end of every task."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._containers: dict[str, Container] = {}
        self._done: set[str] = set()
        self._clusters: list[str] = []
        self._slow_at = 0.0
        self._wakes_seen = 0

    def run_forever(self, poll_seconds: float) -> None:
        """Poll for tasks, every `poll_seconds` and when one is to be started or stopped, until the process ends.

        A local AWS that does not answer is asked again.
        """
        while True:
            try:
                self.poll()
                time.sleep(_SHORTEST_PAUSE_SECONDS)
                self._wait(poll_seconds)
            except (BotoCoreError, ClientError, OSError, HTTPException) as error:
                print(f"The local AWS did not answer: {error}", file=sys.stderr)
                time.sleep(_RETRY_SECONDS)
            except Exception:  # noqa: BLE001 - an answer can be cut off, and the agent's end would kill all tasks
                traceback.print_exc()
                time.sleep(_RETRY_SECONDS)

    def _wait(self, seconds: float) -> None:
        answer = self._host.aws.admin("POST", "wakes", {"seen": self._wakes_seen, "seconds": seconds})
        self._wakes_seen = answer["count"]

    def poll(self) -> None:
        """Start, stop and report the tasks of all clusters once."""
        slow = time.monotonic() >= self._slow_at
        self._containers = {arn: each for arn, each in self._containers.items() if each.is_alive()}
        if slow:
            self._clusters = self._host.client("ecs").list_clusters()["clusterArns"]
            self._enforce_memory()
            self._slow_at = time.monotonic() + _SLOW_INTERVAL_SECONDS
        for cluster in self._clusters:
            self._reconcile_cluster(cluster, ("RUNNING", "STOPPED") if slow else ("RUNNING",))

    def _reconcile_cluster(self, cluster: str, desired_statuses: Iterable[str]) -> None:
        ecs = self._host.client("ecs")
        wanted = {arn for status in desired_statuses for arn in self._list(cluster, status)}
        own = {arn for arn, each in self._containers.items() if each.spec.cluster_arn == cluster}
        described: set[str] = set()
        arns = sorted((wanted | own) - self._done)
        for start in range(0, len(arns), _DESCRIBE_BATCH):
            batch = arns[start : start + _DESCRIBE_BATCH]
            for task in ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]:
                described.add(task["taskArn"])
                self._reconcile(task)
        for arn in own - described:
            # The local AWS was restarted and does not know this task.
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
                container.request_stop()
        elif status == "STOPPED":
            self._done.add(arn)
        elif status != "PROVISIONING":
            self._report_stopped(task, _HOST_LOST)
        elif task["desiredStatus"] == "STOPPED":
            self._report_stopped(task, _NEVER_STARTED)
        else:
            self._start(task)

    def _start(self, task: dict[str, Any]) -> None:
        ecs = self._host.client("ecs")
        definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])
        try:
            spec = container_spec(task, definition["taskDefinition"])
        except KeyError as error:
            self._report_stopped(task, f"ResourceInitializationError: the task definition lacks {error}")
            return
        container = self._containers[task["taskArn"]] = Container(spec, self._host)
        container.start()

    def _report_stopped(self, task: dict[str, Any], reason: str) -> None:
        containers = [{"containerName": each["name"], "status": "STOPPED"} for each in task["containers"]]
        report = Report(task["taskArn"], task["clusterArn"], "STOPPED", containers, reason)
        report.submit(self._host.client("ecs"))

    def _enforce_memory(self) -> None:
        by_session = {each.session: each for each in self._containers.values() if each.session}
        for session, size_mib in resident_mib(by_session.keys()).items():
            if size_mib > by_session[session].spec.memory_mib:
                by_session[session].kill_out_of_memory()
