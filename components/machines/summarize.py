"""The reduce step of a run: a small worker that writes the run's summary and page, and returns its outcome.

The weekly machine runs it after the shards. The watch machine runs it for an execution that ended without it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.machines.asl import Definition, State, expression, retry, task
from components.machines.expressions import jsonata
from components.machines.integrations import run_worker
from components.settings.bounds import SUMMARY
from components.settings.names import Names

# An ECS RunTask override has at most 8,192 characters, and JSON escaping may quadruple the length of a text.
_LOST_CHARACTERS = 2_000
# The backslash comes first, because JSONata treats a bracket after it as escaped.
_PLAIN = r"""$replace($replace(error, /[\\"]/, '`'), /\s+/, ' ')"""

LOST_SHARDS = (
    f"($cut := {jsonata('cut')}; $string([$lost.{{'shard': shard,"
    f" 'error': $cut({_PLAIN}, $floor({_LOST_CHARACTERS} / $count($lost)))}}]))"
)
"""JSONata for the shards in the variable `lost`, in the form that the worker reads."""
_MOST_NAMED = 40
MANY_LOST_SHARDS = (
    f"($cut := {jsonata('cut')}; $named := $lost[[0..{_MOST_NAMED - 1}]];"
    f" $others := $lost[[{_MOST_NAMED}..$count($lost)]];"
    f" $string([$named.{{'shard': shard, 'error': $cut({_PLAIN}, $floor({_LOST_CHARACTERS} / $count($named)))}},"
    " $count($others) > 0 ? {'shard': [$others.shard], 'error': 'Lost, like '"
    " & $count($named) & ' other workers; the log of the state machine has the reason.'} : []]))"
)
"""The same for more shards than an override has room for: the later ones share an entry and a text."""


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
    """Return the state that reduces the run in the variable `run_id`; `environment` differs by machine."""
    worker = run_worker(
        names,
        command="summarize",
        environment={
            "RUN_ID": expression("$run_id"),
            # The worker ends itself at this deadline, so that a hanging worker does not outlive its state.
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
