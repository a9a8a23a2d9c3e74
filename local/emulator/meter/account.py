"""The usage of one execution, or of all callers that are not executions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.emulator.meter.billing import (
    LINES,
    MIB_MILLISECONDS_A_GB_SECOND,
    billed_deliveries,
    billed_requests,
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """The billed properties of a Fargate task, and its origin."""

    arn: str
    command: tuple[str, ...]
    cpu_units: int
    memory_mib: int
    storage_gib: int
    architecture: str
    capacity_provider: str
    has_public_ip: bool
    group: str | None
    started_by: str | None
    billed_from: datetime | None
    """The start of the image pull."""
    billed_until: datetime | None
    """The time at which the task stopped."""
    state: str = ""
    """The state of the execution that started the task."""

    def seconds(self, now: datetime) -> float:
        """Return the billed time so far; AWS's minimum of one minute is not applied here."""
        if self.billed_from is None:
            return 0.0
        return ((self.billed_until or now) - self.billed_from).total_seconds()

    def as_json(self, now: datetime) -> dict[str, Any]:
        """Return the fields as JSON."""
        return {
            "task": self.arn,
            "state": self.state,
            "command": list(self.command),
            "cpu_units": self.cpu_units,
            "memory_mib": self.memory_mib,
            "storage_gib": self.storage_gib,
            "architecture": self.architecture,
            "capacity_provider": self.capacity_provider,
            "public_ip": self.has_public_ip,
            "group": self.group,
            "started_by": self.started_by,
            "seconds": self.seconds(now),
            "stopped": self.billed_until is not None,
        }


@dataclass
class Account:
    """The usage counts of one execution, or of the other callers."""

    transitions: Counter[str] = field(default_factory=Counter)
    """State transitions by state."""
    traces: int = 0
    requests: dict[str, Counter[str]] = field(default_factory=dict)
    """Requests by caller, then by operation."""
    deliveries: Counter[str] = field(default_factory=Counter)
    """SNS deliveries by protocol."""
    invocations: int = 0
    """Invocations of functions."""
    function_mib_milliseconds: Counter[str] = field(default_factory=Counter)
    """Memory times billed duration of functions, by architecture."""
    log_bytes: Counter[str] = field(default_factory=Counter)
    """Ingested bytes by log group."""
    tasks: dict[str, Task] = field(default_factory=dict)
    """Tasks by id."""

    def count_request(self, who: str, operation: str) -> None:
        """Count a request of a caller."""
        self.requests.setdefault(who, Counter())[operation] += 1

    def usage(self) -> Mapping[str, float]:
        """Return the billed quantities except tasks, by line of the bill."""
        requests: Counter[str] = sum(self.requests.values(), Counter())
        used: dict[str, float] = {
            "state_transitions": self.transitions.total(),
            "xray_traces": self.traces,
            "lambda_requests": self.invocations,
            **{
                f"lambda_{architecture}_gb_seconds": used / MIB_MILLISECONDS_A_GB_SECOND
                for architecture, used in self.function_mib_milliseconds.items()
            },
            "log_bytes": self.log_bytes.total(),
            **billed_requests(requests),
            **billed_deliveries(self.deliveries),
        }
        return {line: used[line] for line in LINES if used.get(line)}

    def as_json(self, now: datetime) -> dict[str, Any]:
        """Return the fields as JSON."""
        return {
            "transitions": dict(self.transitions),
            "traces": self.traces,
            "requests": {who: dict(sorted(counts.items())) for who, counts in self.requests.items()},
            "deliveries": dict(self.deliveries),
            "log_bytes": dict(self.log_bytes),
            "tasks": [task.as_json(now) for task in self.tasks.values()],
            "usage": self.usage(),
        }
