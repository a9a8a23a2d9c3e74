"""One execution, started as the schedule would start it, followed to its end."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.run.aws import LocalAws

POLL_SECONDS = 0.25
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


@dataclass(frozen=True)
class Execution:
    """How an execution ended."""

    arn: str
    status: str
    output: Mapping[str, Any]
    error: str
    cause: str


def start(aws: LocalAws, outputs: Mapping[str, Any], now: datetime) -> str:
    """Start the schedule's target with the schedule's input, as due now, and return the execution's ARN."""
    schedule = aws.client("scheduler").get_schedule(
        Name=outputs["eventbridge_schedule_name"], GroupName=outputs["eventbridge_schedule_group"]
    )
    target = schedule["Target"]
    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=target["Arn"],
        # The name of an execution may not have a colon.
        name=f"run-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        input=target["Input"].replace(SCHEDULED_TIME, f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
    )
    arn: str = started["executionArn"]
    return arn


def follow(aws: LocalAws, arn: str, reports_bucket: str, on_done: Callable[[int], None]) -> Execution:
    """Wait for an execution's end; `on_done` is told how many regions have a result."""
    states, s3 = aws.client("stepfunctions"), aws.client("s3")
    while True:
        described = states.describe_execution(executionArn=arn)
        on_done(sum(1 for _ in finished_regions(s3, reports_bucket)))
        if described["status"] != "RUNNING":
            return Execution(
                arn,
                described["status"],
                json.loads(described.get("output") or "{}"),
                described.get("error", ""),
                described.get("cause", ""),
            )
        time.sleep(POLL_SECONDS)


def finished_regions(s3: Any, bucket: str) -> Iterator[str]:
    """Yield the key of each region's result, which has one folder above it, the run's."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="weekly/"):
        for item in page.get("Contents", ()):
            key = item["Key"]
            if key.count("/") == 2 and key.endswith(".json") and not key.endswith("/summary.json"):
                yield key
