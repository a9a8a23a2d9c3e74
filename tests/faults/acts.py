"""The acts of faults: what happens to a process at a request."""

import re
from collections.abc import Callable
from typing import Any

from tests.components.machines.walk import Failed
from tests.faults.timeline import Act, Stack
from tests.protocols.bucket import fault
from tests.protocols.process import Fate, Process
from tests.protocols.worker import CACHE, REPORTS, Worker

KILLED: dict[str, Any] = {"containers": [{"name": "monitor", "exitCode": 137}]}
OUT_OF_MEMORY: dict[str, Any] = {
    "containers": [
        {
            "name": "monitor",
            "exitCode": 137,
            "reason": "OutOfMemoryError: Container killed due to memory usage",
        }
    ]
}
SPOT: dict[str, Any] = {
    "stopCode": "SpotInterruption",
    "stoppedReason": "Your Spot Task was interrupted.",
    **KILLED,
}
NO_IMAGE: dict[str, Any] = {
    "stopCode": "TaskFailedToStart",
    "stoppedReason": "CannotPullContainerError: pull image manifest has been retried 5 time(s)",
    "startedAt": None,
    "containers": [{"name": "monitor"}],
}
OTHER_PROCESSOR: dict[str, Any] = {
    **NO_IMAGE,
    "stoppedReason": "CannotPullContainerError: image Manifest does not contain descriptor matching platform",
}
REFUSED, LOST, REPEATED = Fate.REFUSED, Fate.LOST, Fate.REPEATED


def meets(fate: Fate) -> Act:
    """Return an act by which the request, or its answer, is lost."""
    return lambda _, process: process.go_on(fate)


def denied(_: Stack, process: Process) -> None:
    """Answer the request of a worker as AWS does without a permission."""
    process.stop(fault(403, "AccessDenied"))


def overloaded(_: Stack, process: Process) -> None:
    """Answer the request of a worker as AWS does when it is overloaded."""
    process.stop(fault(503, "SlowDown"))


def fails(error: str, cause: str = "a fault") -> Act:
    """Return an act by which the call of a machine fails."""
    return lambda _, process: process.stop(Failed(error, cause))


def raises(error: Callable[[], BaseException]) -> Act:
    """Return an act by which the code that asks gets an exception."""
    return lambda _, process: process.stop(error())


def killed(event: dict[str, Any]) -> Act:
    """Return an act by which the process of a worker is gone; ECS reports it with these fields."""
    return lambda stack, process: stack.kill(worker(stack, process), **event)


def killed_if(is_struck: Callable[[Stack, Worker], bool], event: dict[str, Any]) -> Act:
    """Return an act by which some workers are killed, and others not."""

    def act(stack: Stack, process: Process) -> None:
        struck = worker(stack, process)
        if is_struck(stack, struck):
            stack.kill(struck, **event)
        else:
            process.go_on()

    return act


def interrupted(stack: Stack, process: Process) -> None:
    """Send SIGTERM to a worker."""
    stack.interrupts(worker(stack, process))


def hangs(stack: Stack, process: Process) -> None:
    """Let the process never continue."""
    stack.hang(process)


def freezes(stack: Stack, process: Process) -> None:
    """Let no thread of the process continue, as after SIGSTOP."""
    stack.freeze(process)


def hangs_for(seconds: float) -> Act:
    """Return an act by which the request is answered much later."""
    return lambda stack, process: stack.sleep(process, seconds)


def after(event: Callable[[Stack], object]) -> Act:
    """Return an act by which something else happens before the request is answered."""

    def act(stack: Stack, process: Process) -> None:
        event(stack)
        if not process.is_over:
            process.go_on()

    return act


def stopped(status: str) -> Act:
    """Return an act by which the oldest execution that runs is ended from outside."""

    def end(stack: Stack) -> None:
        (execution, *_) = [each for each in stack.weekly if each.is_running]
        stack.end(execution, status)

    return after(end)


def spoilt(key: str, body: bytes | None = b"{") -> Act:
    """Return an act by which an object is replaced by another content, or deleted."""
    return after(lambda stack: spoil(stack, key, body))


def spoil(stack: Stack, key: str, body: bytes | None = b"{") -> None:
    """Replace an object by another content, or delete it."""
    stack.note()
    bucket = REPORTS if key.startswith(("weekly/", "history")) else CACHE
    stack.store.spoil(bucket, key, body)


def deny(stack: Stack, keys: str) -> None:
    """Let S3 deny every request for some keys."""
    stack.denied = re.compile(keys)


def worker(stack: Stack, process: Process) -> Worker:
    """Return the worker of a process."""
    found = stack.worker_of(process)
    assert found is not None, f"{process.name} is no worker"
    return found
