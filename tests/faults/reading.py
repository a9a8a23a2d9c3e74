"""The facts about runs from which their promises are checked: the objects, the executions and the messages.

They are plain values. `tests/protocols` takes them from its model, and `tests/soak` from a local stack.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worker.results import Summary, UnreadableError, page_name, read_region_result

SUMMARY, PAGE = "summary.json", page_name(1)


@dataclass(frozen=True)
class Put:
    """One version of an object; the body is None for a version that deletes it."""

    body: bytes | None
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class Execution:
    """An execution of the weekly machine that ended, after its last redrive."""

    arn: str
    status: str
    """`SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`."""
    ended_at: datetime
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """The outcome that it passed to the reporter, or else its output; empty if it has none."""
    read_at: datetime | None = None
    """The time at which the reduce step of its run was started; None if there was none."""
    redrives: int = 0
    validates_only: bool = False

    @property
    def name(self) -> str:
        """The last part of the ARN."""
        return self.arn.rpartition(":")[2]

    @property
    def says(self) -> str:
        """The status in its outcome, e.g. `partial`; empty if it has none."""
        return str(self.outcome.get("status", ""))


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as its recipient received it."""

    text: str
    """The subject and the text."""
    sent_at: datetime
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """The outcome as data, in a message of the webhook; otherwise empty."""

    def is_about(self, execution: Execution) -> bool:
        """Return True if the message names an execution."""
        return execution.arn in self.text or self.outcome.get("execution") == execution.arn


@dataclass(frozen=True)
class Command:
    """A command that an operator typed about a run, and that waited for the end of the run."""

    words: str
    exit_code: int
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run whose executions have all ended."""

    run_id: str
    asked: frozenset[str]
    """The regions that its input selects."""
    plan: tuple[str, ...]
    """The regions in its plan; none if it has no plan that can be read."""
    puts: Mapping[str, tuple[Put, ...]]
    """The versions of its objects in the reports bucket, the oldest first, by the name below the run's prefix."""
    executions: tuple[Execution, ...]
    """The executions for it, the oldest first."""
    messages: tuple[Message, ...] = ()
    """Every message since the first of them started, in the order of arrival."""
    commands: tuple[Command, ...] = ()
    history: Mapping[str, Any] | None = None
    """The run's entry in the history of all runs, with `regions` as an object of letters; None if it is not known."""

    def is_result(self, region: str, put: Put) -> bool:
        """Return True if a version is a result of a region that can be read."""
        try:
            read_region_result(put.body or b"", run_id=self.run_id, region=region)
        except UnreadableError:
            return False
        return True

    def results(self, region: str) -> tuple[Put, ...]:
        """Return the versions of a region's result that can be read, the oldest first."""
        return tuple(put for put in self.puts.get(f"{region}.json", ()) if self.is_result(region, put))

    def published_at(self, moment: datetime | None = None) -> frozenset[str]:
        """Return the regions that had a result at a time, or that have one now."""
        return frozenset(
            region for region in self.plan if self._was_published(region, self._current(region, moment))
        )

    def ever_published(self, first: datetime | None, last: datetime) -> frozenset[str]:
        """Return the regions that had a result at some time of a period; one may be damaged within it."""
        return frozenset(
            region
            for region in self.plan
            if self._was_published(region, self._current(region, first or last))
            or any((first or last) <= put.written_at <= last for put in self.results(region))
        )

    def _was_published(self, region: str, put: Put | None) -> bool:
        return put is not None and self.is_result(region, put)

    def _current(self, region: str, moment: datetime | None) -> Put | None:
        puts = self.puts.get(f"{region}.json", ())
        known = [put for put in puts if moment is None or put.written_at <= moment]
        return known[-1] if known else None

    @property
    def summary(self) -> Summary | None:
        """The summary as it is now; None if there is none, or none that can be read."""
        puts = self.puts.get(SUMMARY, ())
        try:
            return Summary.model_validate_json(puts[-1].body or b"") if puts else None
        except ValueError:
            return None

    @property
    def last(self) -> Execution | None:
        """The last execution that did anything for the run, or that was stopped: the watch machine reports any stop."""
        worked = [
            each
            for each in self.executions
            if not (each.says == "skipped" and each.status == "SUCCEEDED") and not each.validates_only
        ]
        return worked[-1] if worked else None
