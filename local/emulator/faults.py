"""Faults that a test or a demonstration requested, and the requests that they match."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any


@dataclass
class Fault:
    """A fault of the next matching requests of one operation."""

    operation: str
    """`service:Operation` in boto3's names, such as `ecs:RunTask` or `s3:PutObject`."""
    error: str | None = None
    """The error code to answer with, such as `ThrottlingException`."""
    message: str = "injected"
    status: int = 400
    failure: str | None = None
    """RunTask only: the reason of an entry in `failures` of an answer that is otherwise a success."""
    performed: bool = False
    """If true, the operation is performed and only its answer is replaced by the error."""
    seconds: float = 0
    """The time before the answer; with no `error` and no `failure`, the operation is then performed as usual."""
    times: int = 1
    match: Mapping[str, Any] = field(default_factory=dict)
    """Key-value pairs that must all occur somewhere in the request's parameters."""

    def matches(self, operation: str, parameters: Any) -> bool:
        """Return True if this fault matches a request."""
        if self.times < 1 or self.operation != operation:
            return False
        pairs = list(_pairs(parameters))
        return all((key, value) in pairs for key, value in self.match.items())


class FaultBook:
    """The pending faults."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[Fault]:
        """Return the faults that have matched fewer requests than their `times`."""
        with self._lock:
            return [fault for fault in self._faults if fault.times > 0]

    def match(self, operation: str, parameters: Any) -> Fault | None:
        """Return the first fault that matches a request, and count the match."""
        with self._lock:
            for fault in self._faults:
                if fault.matches(operation, parameters):
                    fault.times -= 1
                    return fault
        return None


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from _pairs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _pairs(item)
