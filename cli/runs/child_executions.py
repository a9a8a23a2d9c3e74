"""The child executions of a run with more shards than an inline Map has; each has the attempts of one shard."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cli.runs.history import History, read_history

_READERS = 8
_RUNNING = "RUNNING"
# The most that ListExecutions and GetExecutionHistory return at once. One call each is enough: a run has at most 200
# children, and the history of one has some dozens of events.
_MOST_RESULTS = 1_000
MOST_READ_AGAIN = 50
"""The most histories that one poll reads of children that are new, have ended or are running.

A poll takes five seconds. By default, Step Functions allows an account 20 calls of GetExecutionHistory a second, after
a burst of 400. Source: AWS Step Functions Developer Guide, "Step Functions service quotas".
"""


@dataclass(frozen=True)
class _Child:
    """A child execution as it was read last."""

    status: str
    turn: int
    history: History


class ChildExecutions:
    """The reader of child executions; those that have ended are read once."""

    def __init__(self, states: Any) -> None:
        self._states = states
        self._children: dict[str, _Child] = {}
        self._turn = 0

    def histories(self, map_run: str, *, is_over: bool) -> list[History]:
        """Return the histories of the children of a Map Run, the oldest first.

        The first call and that after the end of the run (`is_over`) read all of them, the calls between at most
        `MOST_READ_AGAIN`: new ones first, then those that have ended, then those that were read longest ago.
        """
        listed = sorted(self._listed(map_run), key=lambda item: item["startDate"])
        arns = [item["executionArn"] for item in listed]
        is_first = not any(arn in self._children for arn in arns)
        due = sorted(filter(self._is_due, listed), key=self._rank)
        self._read(due if is_first or is_over else due[:MOST_READ_AGAIN])
        return [self._children[arn].history for arn in arns if arn in self._children]

    def _listed(self, map_run: str) -> list[Mapping[str, Any]]:
        try:
            answer = self._states.list_executions(mapRunArn=map_run, maxResults=_MOST_RESULTS)
        except self._states.exceptions.ResourceNotFound:
            # The local AWS does not keep children when it is started again.
            return []
        return list(answer["executions"])

    def _is_due(self, item: Mapping[str, Any]) -> bool:
        known = self._children.get(item["executionArn"])
        return known is None or known.status == _RUNNING

    def _rank(self, item: Mapping[str, Any]) -> tuple[bool, bool, int]:
        known = self._children.get(item["executionArn"])
        return known is not None, item["status"] == _RUNNING, known.turn if known else 0

    def _read(self, items: Iterable[Mapping[str, Any]]) -> None:
        self._turn += 1
        items = list(items)
        with ThreadPoolExecutor(_READERS) as pool:
            histories = pool.map(lambda item: self._history(item["executionArn"]), items)
            for item, history in zip(items, histories, strict=True):
                self._children[item["executionArn"]] = _Child(item["status"], self._turn, history)

    def _history(self, arn: str) -> History:
        answer = self._states.get_execution_history(executionArn=arn, maxResults=_MOST_RESULTS)
        return read_history(answer["events"])
