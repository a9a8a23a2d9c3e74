"""The reading of runs: the newest ones, and the one that the operator names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.runs.executions import Executions
from cli.runs.records import RunRecords
from cli.runs.run import LATEST, Execution, Named, Run, Status, grouped, no_runs, scheduled_time, unknown_run
from cli.runs.run_settings import days_of
from cli.stack import Stack

_BATCH = 20
_FEW = 3
# The first execution of a run may have been forgotten by Step Functions, and is not searched for in all others.
_FURTHER_BATCHES = 5
MOST_EXECUTIONS = 500
"""The number of executions in which a run is searched; Step Functions keeps those of 90 days."""
# An execution starts some minutes before its plan is written, or as long as it waits for another one.
_BEFORE_PLAN = timedelta(days=1)
_FROM_S3 = frozenset({Status.RUNNING, Status.TIMED_OUT, Status.ABORTED})


class Runs:
    """The reader of the runs of a stack."""

    def __init__(self, stack: Stack, now: Callable[[], datetime]) -> None:
        self.executions = Executions(stack, now)
        self.records = RunRecords(stack)
        self._stack = stack

    def newest(self, limit: int, keep: Callable[[Run], bool], since: datetime | None = None) -> list[Run]:
        """Return at most `limit` of the newest runs that `keep` accepts and that started since a time.

        The first execution of a run that was done again may be much older, and is read as well.
        """
        found: list[Execution] = []
        chosen: list[Run] = []
        further = 0
        for batch in self._batches(None, _BATCH):
            found += batch
            recent = (run for run in grouped(found) if since is None or run.start >= since)
            chosen = [run for run in recent if keep(run)][:limit]
            if len(chosen) >= limit or (since is not None and batch[-1].start < since):
                further += 1
                if further > _FURTHER_BATCHES or all(map(_is_whole, chosen)):
                    break
        return [self.with_progress(run) for run in chosen]

    def find(self, named: str | None) -> Named:
        """Return the run that the operator names: by its name, an execution's name or ARN, or the newest.

        The newest is one that was not skipped, as the operator hardly means a run that did nothing.

        Raises:
            OperatorError: if there is none.
        """
        if named is None or named == LATEST:
            return self._newest()
        self._refuse_another_machine(named)
        execution = self.executions.named(named)
        if execution is not None:
            return self._around(execution, is_run=named == execution.run)
        known: list[str] = []
        unnamed: list[Execution] = []
        for batch in self._batches(None, _BATCH):
            for each in batch:
                if each.run == named and not each.validates_only:
                    return self._around(each, is_run=True)
                known += [each.run, each.name]
                if each.run == each.name:
                    unnamed.append(each)
        found = self._scheduled_as(named, unnamed)
        if found is None:
            raise unknown_run(named, known)
        return self._around(found, is_run=True)

    def _scheduled_as(self, named: str, unnamed: Sequence[Execution]) -> Execution | None:
        """Return the newest execution that was started for the day or the week in a name, but failed before it had it.

        Messages name such a run. Of several hourly starts of a day, it is not known which is meant.
        """
        # Imported late: pydantic takes a moment, and few commands need it.
        from worker.plan import is_named_after  # noqa: PLC0415

        found = {
            at: each
            for each in reversed(unnamed)
            if (at := scheduled_time(each)) is not None
            and any(is_named_after(named, day) for day in days_of(at, self.executions.settings))
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def _newest(self) -> Named:
        """Return the newest run that was not skipped, or the newest if all were."""
        first: Execution | None = None
        for each in (each for batch in self._batches(None, _FEW) for each in batch):
            if each.status is not Status.SKIPPED:
                return self._around(each, is_run=True)
            first = first or each
        if first is None:
            raise no_runs()
        return self._around(first, is_run=True)

    def with_progress(self, run: Run) -> Run:
        """Return a run with the regions in S3, if its outcome does not have their numbers."""
        is_known = run.status not in _FROM_S3 and "regions" in run.decisive.outcome
        if is_known or run.decisive.validates_only or run.status is Status.SKIPPED:
            return run
        return replace(run, progress=self.records.progress(run.name))

    def _around(self, execution: Execution, *, is_run: bool) -> Named:
        """Return the run of an execution with its other executions; `is_run` means its decisive execution."""
        if execution.validates_only:
            run = Run(name=execution.name, executions=(execution,))
            return Named(run, execution)
        created = self.records.created(execution.run)
        since = min(created or execution.start, execution.start) - _BEFORE_PLAN
        found = {
            each.arn: each
            for batch in self._batches(since, _BATCH)
            for each in batch
            if each.run == execution.run and not each.validates_only
        }
        found.setdefault(execution.arn, execution)
        newest_first = tuple(sorted(found.values(), key=lambda each: each.start, reverse=True))
        run = self.with_progress(Run(name=execution.run, executions=newest_first))
        return Named(run, run.decisive if is_run else execution)

    def _batches(self, since: datetime | None, size: int) -> Iterator[list[Execution]]:
        """Yield executions that started since a time, the newest first, in batches that are read at once."""
        listed = islice(self.executions.listed(), MOST_EXECUTIONS)
        while batch := list(islice(listed, size)):
            recent = [item for item in batch if since is None or item["startDate"] >= since]
            if recent:
                yield self.executions.read_all(recent)
            if len(recent) < len(batch):
                return

    def _refuse_another_machine(self, named: str) -> None:
        if not named.startswith("arn:"):
            return
        machine = self._stack["step_functions_state_machine_arn"]
        if not named.startswith(machine.replace(":stateMachine:", ":execution:") + ":"):
            raise OperatorError(
                f"{named} is no execution of the stack {self._stack.name}",
                "name another stack with --stack, or type `ccapi runs`",
                ExitCode.WRONG_COMMAND_LINE,
            )


def _is_whole(run: Run) -> bool:
    """Return True if the first execution of a run is among those that were read: it has no `run_id` in its input."""
    given = run.executions[-1].given
    return not (isinstance(given, dict) and "run_id" in given) or run.decisive.validates_only
