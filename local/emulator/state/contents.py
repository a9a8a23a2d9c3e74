"""The contents of a state: the backends of moto, and the objects of this package that outlive a request."""

import _thread
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.base_backend import BackendDict
from moto.ecs.models import ecs_backends
from moto.s3.models import s3_backends

from local.emulator.access_keys import KEYS
from local.emulator.authorization import identities
from local.emulator.authorization.record import RECORD
from local.emulator.clock import CLOCK
from local.emulator.faults import FaultBook
from local.emulator.functions import asynchronous
from local.emulator.meter.meter import Meter
from local.emulator.moto_patches import task_tokens
from local.emulator.state.executions import apply_execution, apply_history
from local.emulator.state.objects import apply_bucket, apply_object
from local.emulator.state.pickling import backend_of
from local.emulator.state.queues import apply_deletion, apply_message

_INSTANCES: list[Any] = vars(BackendDict)["_instances"]
"""The backends of each service that is in use; moto changes this list in place."""
_LOCKS = (type(_thread.allocate_lock()), _thread.RLock)


class Contents:
    """The state of this process's local AWS."""

    def __init__(self, meter: Meter, book: FaultBook) -> None:
        self._objects = {"keys": KEYS, "clock": CLOCK, "record": RECORD, "meter": meter, "faults": book}

    def capture(self) -> dict[str, Any]:
        """Return the state, to be pickled at once."""
        return {
            "backends": {
                (type(backend), account, region): vars(backend)
                for backends in list(_INSTANCES)
                for account, regions in list(backends.items())
                for region, backend in list(regions.items())
            },
            "buckets": s3_backends.bucket_accounts,
            "objects": {name: _facts(each) for name, each in self._objects.items()},
            "tokens": task_tokens.issued(),
            "functions": identities.functions(),
            "events": asynchronous.accepted(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Give this process a state."""
        for key, facts in state["backends"].items():
            backend = backend_of(*key)
            vars(backend).clear()
            vars(backend).update(facts)
        s3_backends.bucket_accounts.clear()
        s3_backends.bucket_accounts.update(state["buckets"])
        for name, facts in state["objects"].items():
            vars(self._objects[name]).update(facts)
        for token, machine in state["tokens"].items():
            task_tokens.restore(token, machine)
        for environment, arn in state["functions"].items():
            identities.keep_function(environment, arn)
        for each in state["events"]:
            asynchronous.restore(*each)


def apply(kind: str, facts: tuple[Any, ...]) -> None:
    """Make a recorded change."""
    _APPLY[kind](*facts)


def _facts(of: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(of).items()
        if not isinstance(value, _LOCKS) and not callable(value)
    }


def _apply_task(task: Any) -> None:
    backend = ecs_backends[task._account_id][task.region_name]
    backend.tasks.setdefault(task.cluster_name, {})[task.task_arn] = task


_APPLY: Mapping[str, Callable[..., None]] = {
    "bucket": apply_bucket,
    "object": apply_object,
    "execution": apply_execution,
    "history": apply_history,
    "token": task_tokens.restore,
    "task": _apply_task,
    "message": apply_message,
    "messages-deleted": apply_deletion,
    "key": KEYS.restore,
    "clock": CLOCK.restore,
    "event": asynchronous.restore,
    "event-done": asynchronous.forget,
}
