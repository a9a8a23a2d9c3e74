"""One execution, started by the schedule and followed to its end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from local.agent.schedules import virtual_time
from local.agent.schedules.timing import Timing
from local.aws import LocalAws
from local.paths import LOGS, ROOT
from local.run.errors import RunError

POLL_SECONDS = 0.25
START_SECONDS = 30
# A count lists every object of the reports: at most 2% of the time is spent on counts, however many there are.
_PAUSES_A_COUNT = 49
AGENT_LOG = LOGS.relative_to(ROOT) / "agent.log"


@dataclass(frozen=True)
class Execution:
    """The end of an execution."""

    arn: str
    status: str
    output: Mapping[str, Any]
    error: str
    cause: str


def start(aws: LocalAws, outputs: Mapping[str, Any]) -> str:
    """Advance the virtual clock to the schedule's next time, and return the ARN of the execution that it starts.

    Raises:
        RunError: if the schedule starts nothing.
    """
    schedule = aws.client("scheduler").get_schedule(
        Name=outputs["eventbridge_schedule_name"], GroupName=outputs["eventbridge_schedule_group"]
    )
    due = Timing.of(schedule).next_fire_time(virtual_time.now(aws))
    if schedule["State"] != "ENABLED" or due is None:
        what = "never fires again" if due is None else "is paused"
        raise RunError(
            f"the schedule {schedule['ScheduleExpression']} {what}; "
            "change ccapi:schedule in Pulumi.local.yaml and run again"
        )
    before = _executions(aws, schedule["Target"]["Arn"])
    window_minutes = schedule["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0)
    # Other schedules of the stack skip the time until then, which may be a week.
    virtual_time.skip_to(aws, due)
    if window_minutes:
        virtual_time.advance_to(aws, due + timedelta(minutes=window_minutes))
    return _new_execution(aws, schedule["Target"]["Arn"], before)


def _new_execution(aws: LocalAws, machine: str, before: frozenset[str]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while not (started := _executions(aws, machine) - before):
        if time.monotonic() > deadline:
            raise RunError(
                f"the schedule has started nothing within {START_SECONDS} s; {AGENT_LOG} may say why"
            )
        time.sleep(POLL_SECONDS)
    return next(iter(started))


def _executions(aws: LocalAws, machine: str) -> frozenset[str]:
    pages = aws.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    return frozenset(item["executionArn"] for page in pages for item in page["executions"])


def follow(aws: LocalAws, arn: str, reports_bucket: str, on_done: Callable[[int], None]) -> Execution:
    """Wait until an execution ends; call `on_done` with the number of regions that have a result."""
    states, s3 = aws.client("stepfunctions"), aws.client("s3")
    count_at = time.monotonic()
    while True:
        described = states.describe_execution(executionArn=arn)
        is_over = described["status"] != "RUNNING"
        began = time.monotonic()
        if is_over or began >= count_at:
            on_done(sum(1 for _ in finished_regions(s3, reports_bucket)))
            ended = time.monotonic()
            count_at = ended + _PAUSES_A_COUNT * (ended - began)
        if is_over:
            return Execution(
                arn,
                described["status"],
                json.loads(described.get("output") or "{}"),
                described.get("error", ""),
                described.get("cause", ""),
            )
        time.sleep(POLL_SECONDS)


def finished_regions(s3: Any, bucket: str) -> Iterator[str]:
    """Yield the key of each region's result: `weekly/RUN/REGION.json`."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="weekly/"):
        for item in page.get("Contents", ()):
            key = item["Key"]
            if key.count("/") == 2 and key.endswith(".json") and not key.endswith("/summary.json"):
                yield key
