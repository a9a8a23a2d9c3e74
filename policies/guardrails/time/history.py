"""How many events a state writes into the history of its execution, which fails at 25,000 of them.

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
"""Those of a Map, and MapRunStarted, and MapRunSucceeded or MapRunFailed; its items have histories of their own."""

ITEM = 2
"""MapIterationStarted, and MapIterationSucceeded, Failed or Aborted."""


def task_attempt(fields: Json) -> int:
    """Return the events of one attempt of a Task: it is scheduled, started, submitted where it is waited for, ended."""
    resource = str(fields.get("Resource", ""))
    return 4 if resource.endswith((".sync", ".sync:2", ".waitForTaskToken")) else 3
