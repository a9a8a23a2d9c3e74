"""The call of the reporter, shared by both machines."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.machines.asl import ALL_ERRORS, Definition, State, retry, task
from components.machines.integrations import report
from components.settings.bounds import REPORT, REPORT_TIMEOUT_SECONDS
from components.settings.names import Names


def call_reporter(
    names: Names,
    payload: Mapping[str, Any],
    *,
    next_state: str,
    catches: Sequence[Definition],
    assign: Mapping[str, Any] | None = None,
) -> State:
    """Return a state that invokes the reporter, with one retry: the reporter sends a report only once."""
    return task(
        report(names, payload),
        timeout_seconds=REPORT_TIMEOUT_SECONDS,
        retries=[retry([ALL_ERRORS], REPORT)],
        catches=catches,
        assign=assign,
        next_state=next_state,
    )
