"""The number of events that a state writes to the history of its execution, which fails at 25,000 events.

Sources: "HistoryEvent", type (https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html) and
"Service quotas" of Step Functions, Maximum execution history size.
"""

from guardrails.time.values import Json

MAX_EVENTS = 25_000

EXECUTION = 2
"""ExecutionStarted, and one of ExecutionSucceeded, Failed, TimedOut and Aborted."""

STATE = 2
"""…StateEntered and …StateExited."""

FAIL = 1
"""FailStateEntered; nothing comes after it."""

PARALLEL_ATTEMPT = MAP_ATTEMPT = 2
"""…StateStarted, and …StateSucceeded or …StateFailed."""

DISTRIBUTED_ATTEMPT = 4
"""The events of a Map, MapRunStarted, and MapRunSucceeded or MapRunFailed; each item has its own history."""

ITEM = 2
"""MapIterationStarted, and MapIterationSucceeded, Failed or Aborted."""


def task_attempt(fields: Json) -> int:
    """Return the events of one attempt of a Task: scheduled, started, submitted if the state waits, and ended."""
    resource = str(fields.get("Resource", ""))
    return 4 if resource.endswith((".sync", ".sync:2", ".waitForTaskToken")) else 3
