"""The names of the ECS task that this process runs in.

Source: "Amazon ECS task metadata endpoint version 4".
"""

import json
import os
import urllib.request
from dataclasses import dataclass

_TIMEOUT_SECONDS = 1


@dataclass(frozen=True)
class Task:
    """The ARN and the log stream of a task; both are None outside of ECS."""

    arn: str | None = None
    log_stream: str | None = None


def this_task() -> Task:
    """Return the task that this process runs in."""
    container = os.environ.get("ECS_CONTAINER_METADATA_URI_V4")
    if not container:
        return Task()
    try:
        with urllib.request.urlopen(container, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - ECS gives the address
            metadata = json.load(answer)
    except (OSError, ValueError):
        # Only links in messages are lost.
        return Task()
    return Task(
        arn=metadata.get("Labels", {}).get("com.amazonaws.ecs.task-arn"),
        log_stream=metadata.get("LogOptions", {}).get("awslogs-stream"),
    )
