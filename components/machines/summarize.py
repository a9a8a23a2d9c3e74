"""The reduce step of a run: one small worker that writes its summary and its page, and returns its outcome.

The weekly machine runs it after the shards, and the watch machine for an execution that ended without its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.machines.asl import Definition, State, expression, retry, task
from components.machines.expressions import jsonata
from components.machines.integrations import run_worker
from components.settings.bounds import SUMMARY
from components.settings.names import Names

# An override of ECS RunTask has 8,192 characters at most, and what JSON escapes has four times as many in it.
_LOST_CHARACTERS = 2_000
# The backslash comes first, since JSONata takes a bracket behind it as escaped.
_PLAIN = r"""$replace($replace(error, /[\\"]/, '`'), /\s+/, ' ')"""

LOST_SHARDS = (
    f"($cut := {jsonata('cut')}; $string([$lost.{{'shard': shard,"
    f" 'error': $cut({_PLAIN}, $floor({_LOST_CHARACTERS} / $count($lost)))}}]))"
)
"""JSONata for the shards in the variable `lost`, as the worker reads them."""


def summarize_run(
    names: Names,
    environment: Mapping[str, str],
    *,
    timeout_seconds: int,
    retried: Sequence[str],
    assign: Mapping[str, Any],
    catches: Sequence[Definition],
    next_state: str,
) -> State:
    """Return the state that reduces the run in the variable `run_id`; `environment` is what only the machine knows."""
    worker = run_worker(
        names,
        command="summarize",
        environment={
            "RUN_ID": expression("$run_id"),
            # Its process ends itself, so that one that hangs outlives its state by nothing.
            "TASK_TIMEOUT_SECONDS": str(timeout_seconds),
            **environment,
        },
        capacity_provider="FARGATE",
    )
    return task(
        worker,
        timeout_seconds=timeout_seconds,
        heartbeat_seconds=timeout_seconds * 3 // 4,
        retries=[retry(retried, SUMMARY)],
        catches=catches,
        assign=assign,
        next_state=next_state,
    )
