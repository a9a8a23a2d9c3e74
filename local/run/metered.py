"""The billable usage of an execution, as the local AWS counted it."""

import time
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from local.aws import LocalAws
from local.emulator.meter.billing import LINES

POLL_SECONDS = 0.1
# An execution can end a moment before the processes of its tasks do.
STOP_SECONDS = 10

MIB_A_GB = 1_024
UNITS_A_VCPU = 1_024
# AWS bills only the storage of a task beyond this.
FREE_STORAGE_GIB = 20


def read_meter(aws: LocalAws, execution: str) -> Mapping[str, Any]:
    """Return the usage of a finished execution; wait up to 10 s until its tasks have stopped."""
    deadline = time.monotonic() + STOP_SECONDS
    while True:
        accounts = aws.admin("GET", "meter")["executions"]
        metered: dict[str, Any] = next(account for account in accounts if account["execution"] == execution)
        if all(task["stopped"] for task in metered["tasks"]) or time.monotonic() > deadline:
            return metered
        time.sleep(POLL_SECONDS)


def quantities(metered: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each billed quantity with its unit, as text."""
    for line, count in metered["usage"].items():
        yield f"{count:,.3f}" if isinstance(count, float) else f"{count:,}", LINES[line]
    for kind, tasks in groupby(sorted(metered["tasks"], key=_kind), key=_kind):
        seconds = [task["seconds"] for task in tasks]
        number = "1 task" if len(seconds) == 1 else f"{len(seconds)} tasks"
        yield f"{sum(seconds):,.1f} s", f"{number} {kind}"


def _kind(task: Mapping[str, Any]) -> str:
    """Return the properties that set the price of a task, as text."""
    storage, has_address = task["storage_gib"], task["public_ip"]
    return (
        f"{' '.join(task['command'])}, {task['cpu_units'] / UNITS_A_VCPU:g} vCPU, "
        f"{task['memory_mib'] / MIB_A_GB:g} GB, {task['architecture']} on {task['capacity_provider']}"
        f"{f', {storage} GB storage' if storage > FREE_STORAGE_GIB else ''}"
        f"{', public address' if has_address else ''}"
    )
