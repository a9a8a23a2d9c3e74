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

# An ECS RunTask override has at most 8,192 characters, its JSON included. The rest of it has up to 4,500: a task token
# of 2,048, the names of the run and of its execution, and the numbers of the shards.
_LOST_CHARACTERS = 3_500
_MOST_NAMED = 40


def _entries(lost: str) -> str:
    """Return JSONata for the entries of lost shards, a JSONata expression, with the beginning of their errors."""
    return jsonata("lost_shards", named=lost, characters=str(_LOST_CHARACTERS), cut=jsonata("cut"))


LOST_SHARDS = f"$string({_entries('$lost')})"
"""JSONata for the shards in the variable `lost`, in the form that the worker reads."""
MANY_LOST_SHARDS = (
    f"($others := $lost[[{_MOST_NAMED}..$count($lost)]].shard;"
    f" $string([{_entries(f'$lost[[0..{_MOST_NAMED - 1}]]')}, $exists($others) ? {{'shard': [$others], 'error':"
    f" 'Lost, like {_MOST_NAMED} other workers; the log of the state machine has the reason.'}} : []]))"
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
