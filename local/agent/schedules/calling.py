"""The clients with which a schedule calls its target: their requests name the schedule, whose role they use."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from local.emulator.callers import SCHEDULE_HEADER

_schedule: ContextVar[str] = ContextVar("schedule", default="")


@contextmanager
def calling_for(schedule_arn: str) -> Iterator[None]:
    """Name a schedule in the requests that this thread makes during the block."""
    token = _schedule.set(schedule_arn)
    try:
        yield
    finally:
        _schedule.reset(token)


def naming_schedule(client: Any) -> Any:
    """Return a client whose requests name the schedule that they are made for."""
    client.meta.events.register("before-sign", _name, unique_id="ccapi-schedule")
    return client


def _name(request: Any, **_: Any) -> None:
    if arn := _schedule.get():
        request.headers[SCHEDULE_HEADER] = arn
