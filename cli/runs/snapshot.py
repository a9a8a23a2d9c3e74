"""The state of a run at a moment, in the words of `ccapi follow`."""

from dataclasses import dataclass
from datetime import datetime

from cli.runs.document import dollars
from cli.runs.history import Attempt, History
from cli.runs.run import Execution, Progress, Status

_GIB = 1024


@dataclass(frozen=True)
class Snapshot:
    """An execution with its history and the regions of its run."""

    execution: Execution
    history: History
    progress: Progress
    timeout_seconds: int
    """The longest that the execution may take; 0 if not known."""
    now: datetime

    @property
    def is_over(self) -> bool:
        """True once the execution has ended."""
        return self.execution.status is not Status.RUNNING

    @property
    def state(self) -> str:
        """The state that the execution is in, e.g. `RunWeeklyMonitoring`."""
        # Between two states, the last one is named.
        entered = [visit.name for visit in self.history.visits if visit.iteration is None]
        return ", ".join(self.history.current_states) or next(reversed(entered), "starting")

    @property
    def workers(self) -> list[Attempt]:
        """The last attempt of each worker that works on regions, by shard."""
        last = {each.shard: each for each in self.history.attempts if each.command == "monitor"}
        return sorted(last.values(), key=lambda each: each.shard or 0)

    @property
    def regions(self) -> str:
        """The regions that are done, e.g. `2 of 3 regions`; empty without a plan."""
        planned = len(self.progress.planned)
        return f"{len(self.progress.done)} of {planned} regions" if planned else ""

    @property
    def elapsed(self) -> str:
        """The time since the start and the longest that it may be, e.g. `12 min of at most 3 h`."""
        from reporter.words import duration  # noqa: PLC0415

        took = duration(self.execution.seconds(self.now))
        return f"{took} of at most {duration(self.timeout_seconds)}" if self.timeout_seconds else took

    @property
    def beat(self) -> str:
        """The time since a worker last made progress, e.g. `last beat 12 s ago`; empty if none has."""
        from reporter.words import duration  # noqa: PLC0415

        last = self.progress.last_beat
        # A redo finds the results of earlier executions.
        if last is None or last < self.execution.start:
            return ""
        return f"last beat {duration((self.now - last).total_seconds())} ago"

    @property
    def cost(self) -> str:
        """The cost so far, e.g. `$0.12 so far`; empty if it is not known."""
        return f"{dollars(self.execution.usd)} so far" if self.execution.usd > 0 else ""

    @property
    def shards(self) -> str:
        """The number of workers in each status, e.g. `shards: 2 running, 4 succeeded`."""
        statuses = [worker.status for worker in self.workers]
        counted = [
            f"{statuses.count(status)} {status}"
            for status in dict.fromkeys(("running", "succeeded", "failed"))
            if status in statuses
        ]
        return f"shards: {', '.join(counted)}" if counted else ""

    @property
    def change(self) -> tuple[str, ...]:
        """The facts whose change is worth a line of its own."""
        return self.state, self.regions, self.shards

    def line(self) -> str:
        """Return the snapshot as one line."""
        parts = (self.state, self.regions, self.shards, self.beat, self.elapsed, self.cost)
        return "; ".join(part for part in parts if part)

    def rows(self) -> list[tuple[str, ...]]:
        """Return a row for each worker: shard, attempt, size, capacity, state and time."""
        from reporter.words import duration  # noqa: PLC0415

        return [
            (
                str(worker.shard),
                str(worker.number + 1),
                size(worker),
                capacity(worker),
                worker.status,
                duration(((worker.ended or self.now) - worker.scheduled).total_seconds()),
            )
            for worker in self.workers
        ]


def size(attempt: Attempt) -> str:
    """Return the size of an attempt, e.g. `2 vCPU, 4 GB`; empty for the size in the task definition."""
    if not attempt.cpu or not attempt.memory_mib:
        return ""
    return f"{attempt.cpu / _GIB:g} vCPU, {attempt.memory_mib / _GIB:g} GB"


def capacity(attempt: Attempt) -> str:
    """Return the capacity of an attempt, `Spot` or `on demand`."""
    return "Spot" if attempt.is_spot else "on demand"
