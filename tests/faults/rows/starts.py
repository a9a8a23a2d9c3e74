"""Faults of the start of a worker."""

from typing import Any

from tests.faults.acts import (
    LOST,
    NO_IMAGE,
    OTHER_PROCESSOR,
    fails,
    killed,
    meets,
)
from tests.faults.mechanisms import CALL, EVENT_OF_TASK
from tests.faults.row import Row
from tests.faults.rows.workers import ALWAYS
from tests.faults.timeline import Act, Stack
from tests.protocols.process import Process


def _never(event: dict[str, Any]) -> Act:
    """Return an act by which a worker of a shard never starts."""
    kill = killed(event)

    def act(stack: Stack, process: Process) -> None:
        if process.requests == 1:
            kill(stack, process)
        else:
            process.go_on()

    return act


ROWS = (
    Row(
        name="no capacity once",
        fault="Fargate has no capacity for a worker, and has some later.",
        injected="RunTask of a shard answers with a failure, RESOURCE:MEMORY, once.",
        inject=lambda stack: stack.fault(
            "weekly", "run task", fails("AmazonECS.Unknown", "RESOURCE:MEMORY"), after=1, detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="no capacity at all",
        fault="Fargate has no capacity for any worker.",
        injected="Each RunTask answers with a failure, RESOURCE:MEMORY.",
        inject=lambda stack: stack.fault(
            "weekly", "run task", fails("AmazonECS.Unknown", "RESOURCE:MEMORY"), times=ALWAYS, detected=CALL
        ),
        ends="failed",
        detected=CALL,
    ),
    Row(
        name="no capacity for the shards",
        fault="Fargate has no capacity left once the run was validated.",
        injected="Each RunTask after the first answers with a failure, RESOURCE:MEMORY.",
        inject=lambda stack: stack.fault(
            "weekly",
            "run task",
            fails("AmazonECS.Unknown", "RESOURCE:MEMORY"),
            times=ALWAYS,
            after=1,
            detected=CALL,
        ),
        ends="failed",
        detected=CALL,
        is_summarized=False,
    ),
    Row(
        name="RunTask throttled",
        fault="ECS throttles the start of a worker.",
        injected="RunTask of a shard fails with ECS.ThrottlingException once.",
        inject=lambda stack: stack.fault(
            "weekly", "run task", fails("ECS.ThrottlingException"), after=1, detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="RunTask denied",
        fault="The role of the machine may not start workers.",
        injected="Each RunTask fails with ECS.AccessDeniedException.",
        inject=lambda stack: stack.fault(
            "weekly", "run task", fails("ECS.AccessDeniedException"), times=ALWAYS, detected=CALL
        ),
        ends="failed",
        detected=CALL,
    ),
    Row(
        name="answer of RunTask lost",
        fault="A worker starts, and Step Functions gets no answer of ECS: it starts another.",
        injected="RunTask is performed and its answer is lost.",
        inject=lambda stack: stack.fault("weekly", "run task", meets(LOST), after=1, detected=CALL),
        ends="succeeded",
        detected=CALL,
    ),
    Row(
        name="image cannot be pulled once",
        fault="The registry does not answer when a worker starts.",
        injected="The task of a shard stops before it starts; ECS reports CannotPullContainerError.",
        inject=lambda stack: stack.fault("monitor", "heartbeat", _never(NO_IMAGE)),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="image does not exist",
        fault="The image of the task definition is gone.",
        injected="Each task stops before it starts; ECS reports CannotPullContainerError.",
        inject=lambda stack: stack.fault("validate", "heartbeat", _never(NO_IMAGE), times=ALWAYS),
        ends="failed",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="image for another processor",
        fault="An image was pushed that is built for another processor.",
        injected="The task stops before it starts; ECS reports that no image matches the platform.",
        inject=lambda stack: stack.fault("validate", "heartbeat", _never(OTHER_PROCESSOR), times=ALWAYS),
        ends="failed",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="reduce step cannot start",
        fault="No worker that sums up can be started.",
        injected="RunTask for the reduce step fails at each attempt.",
        inject=lambda stack: stack.fault(
            "weekly", "run task", fails("ECS.ServerException"), times=ALWAYS, after=3, detected=CALL
        ),
        ends="succeeded",
        detected=CALL,
        is_summarized=False,
    ),
)
