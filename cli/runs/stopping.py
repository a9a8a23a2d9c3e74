"""The stop of an execution with its tasks, and the wait until the tasks have stopped."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cli.stack import Stack

CAUSE_MAX_CHARACTERS = 1_000
"""ECS keeps at most 1,024 characters of a reason; Step Functions takes a longer cause."""
_DESCRIBED = 100
_POLL_SECONDS = 1.0
# A task has up to two minutes between SIGTERM and SIGKILL, and Fargate some time to release it.
_WAIT_SECONDS = 240.0
_STOPPED = "STOPPED"
# ECS lists a task that it is stopping under the desired status.
_DESIRED = ("RUNNING", _STOPPED)


@dataclass(frozen=True)
class Task:
    """An ECS task of an execution."""

    arn: str
    shard: str
    """The number of the shard; empty for a task that validates or makes the summary."""
    command: str
    status: str
    """ECS's status, e.g. `RUNNING`, `DEPROVISIONING` or `STOPPED`."""

    @property
    def is_stopped(self) -> bool:
        """True once ECS has stopped the task."""
        return self.status == _STOPPED

    @property
    def words(self) -> str:
        """The task as people read it, e.g. `shard 3`."""
        return f"shard {self.shard}" if self.shard else self.command or self.arn.rpartition("/")[2]


class Stopper:
    """The stop of one execution."""

    def __init__(self, stack: Stack, arn: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._states = stack.client("stepfunctions")
        self._ecs = stack.client("ecs")
        self._cluster = stack["ecs_cluster_arn"]
        self._arn = arn
        self._pause = pause

    def stop(self, cause: str) -> list[Task]:
        """Stop the execution first, so that it starts no more workers, and then its tasks; return these.

        Both calls are idempotent, so two operators may stop a run at once.
        """
        self._states.stop_execution(executionArn=self._arn, cause=cause)
        tasks = self.tasks()
        for task in tasks:
            self._stop(task, cause)
        return tasks

    def wait(self, tasks: list[Task], cause: str) -> list[Task]:
        """Return the tasks once all of them have stopped, or as they are after four minutes."""
        known = {task.arn: task for task in tasks}
        waited = 0.0
        while True:
            # A worker that was starting when the execution was stopped appears late.
            late = [task for task in self.tasks() if task.arn not in known]
            for task in late:
                self._stop(task, cause)
            known |= {task.arn: task for task in late}
            now = {task.arn: task for task in self._described(list(known))}
            # ECS forgets a task an hour after its end.
            known = {arn: now.get(arn, replace(task, status=_STOPPED)) for arn, task in known.items()}
            if waited >= _WAIT_SECONDS or (waited and all(task.is_stopped for task in known.values())):
                return list(known.values())
            self._pause(_POLL_SECONDS)
            waited += _POLL_SECONDS

    def tasks(self) -> list[Task]:
        """Return the tasks of the execution that ECS has not stopped, those included that it is stopping."""
        arns: dict[str, None] = {}
        for status in _DESIRED:
            pages = self._ecs.get_paginator("list_tasks").paginate(
                cluster=self._cluster, desiredStatus=status
            )
            arns |= dict.fromkeys(arn for page in pages for arn in page["taskArns"])
        return [task for task in self._described(list(arns)) if not task.is_stopped]

    def _described(self, arns: list[str]) -> Iterator[Task]:
        for start in range(0, len(arns), _DESCRIBED):
            described = self._ecs.describe_tasks(
                cluster=self._cluster, tasks=arns[start : start + _DESCRIBED]
            )
            for task in described["tasks"]:
                variables = _variables(task)
                if variables.get("EXECUTION") == self._arn:
                    yield _task(task, variables)

    def _stop(self, task: Task, cause: str) -> None:
        try:
            self._ecs.stop_task(cluster=self._cluster, task=task.arn, reason=cause)
        except self._ecs.exceptions.InvalidParameterException:
            # The task stopped so long ago that ECS has forgotten it.
            return


def _containers(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((task.get("overrides") or {}).get("containerOverrides") or ())


def _variables(task: Mapping[str, Any]) -> dict[str, str]:
    return {
        each.get("name", ""): each.get("value", "")
        for container in _containers(task)
        for each in container.get("environment") or ()
    }


def _task(task: Mapping[str, Any], variables: Mapping[str, str]) -> Task:
    command = next((word for container in _containers(task) for word in container.get("command") or ()), "")
    return Task(task["taskArn"], variables.get("SHARD", ""), command, task.get("lastStatus", ""))
