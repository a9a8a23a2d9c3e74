"""All facts of an execution that `ccapi show` prints: its states, its workers, its missing regions and its reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cli.runs.document import execution_document, run_document
from cli.runs.history import Attempt, History, Visit
from cli.runs.records import StoredFile
from cli.runs.run import Execution, Progress, Run
from cli.runs.snapshot import capacity, size
from cli.times import iso, second

_CAUSE_MAX_CHARACTERS = 300
NO_REASON = "no reason is known yet"


@dataclass(frozen=True, kw_only=True)
class Details:
    """A run, one of its executions, and the objects of the run."""

    run: Run
    execution: Execution
    history: History
    progress: Progress
    files: tuple[StoredFile, ...]
    missing: Mapping[str, tuple[str, ...]]
    """The missing regions by reason."""
    message: tuple[str, ...]
    """The reporter's message; empty while the execution is running."""
    now: datetime
    next: tuple[tuple[str, str], ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """Return the facts as data."""
        return {
            **run_document(self.run, self.now),
            "execution": execution_document(self.execution, self.now),
            "states": [_visit_document(visit) for visit in self.history.visits],
            "workers": [_attempt_document(attempt) for attempt in self.history.attempts],
            "missing": [{"reason": reason, "regions": list(names)} for reason, names in self.missing.items()],
            "reports": [file.key for file in self.files],
            "message": "\n".join(self.message) or None,
            "next": [line for _, line in self.next],
        }

    def state_rows(self) -> list[tuple[str, ...]]:
        """Return a row for each state that took time, called a service or failed, without those within a Map."""
        from reporter.words import duration  # noqa: PLC0415

        return [
            (
                visit.name,
                second(visit.entered),
                duration((self._end(visit.exited) - visit.entered).total_seconds()),
                visit.error or self._open(visit),
            )
            for visit in self.history.visits
            if visit.iteration is None and not visit.is_quiet
        ]

    def error_lines(self) -> list[str]:
        """Return a line for each attempt that failed, with the explanation of its error."""
        return [
            f"- {attempt.worker}, attempt {attempt.number + 1}: {' '.join(filter(None, _error(attempt)))}"
            for attempt in self.history.attempts
            if attempt.error
        ]

    def _open(self, visit: Visit) -> str:
        """Return the words for a visit that has not ended; a Fail state ends its execution."""
        if visit.exited or visit.kind == "Fail":
            return ""
        return "running" if self.execution.end is None else "not finished"

    def worker_rows(self) -> list[tuple[str, ...]]:
        """Return a row for each attempt of a worker."""
        from reporter.words import duration  # noqa: PLC0415

        return [
            (
                attempt.worker,
                str(attempt.number + 1),
                size(attempt),
                capacity(attempt),
                attempt.status if not attempt.error else attempt.error,
                duration((self._end(attempt.ended) - attempt.scheduled).total_seconds()),
            )
            for attempt in self.history.attempts
        ]

    def _end(self, moment: datetime | None) -> datetime:
        return moment or self.execution.end or self.now


def missing_by_reason(
    failures: tuple[Mapping[str, Any], ...], missing: tuple[str, ...], *, is_running: bool
) -> dict[str, tuple[str, ...]]:
    """Return the missing regions by the reasons of failures; those without one are together."""
    from reporter.reasons import grouped  # noqa: PLC0415

    groups = {group.reason: tuple(group.regions) for group in grouped(failures).groups}
    named = {region for regions in groups.values() for region in regions}
    unnamed = tuple(region for region in missing if region not in named)
    if unnamed and not is_running:
        groups[NO_REASON] = unnamed
    return groups


def _visit_document(visit: Visit) -> dict[str, Any]:
    return {
        "state": visit.name,
        "type": visit.kind,
        "iteration": visit.iteration,
        "start": iso(visit.entered),
        "end": iso(visit.exited),
        "error": visit.error or None,
    }


def _explanation(attempt: Attempt) -> str:
    """Return the reporter's sentence on an attempt's error; empty if it has none."""
    from reporter.errors import explain  # noqa: PLC0415

    found = explain(attempt.error, attempt.cause) if attempt.error else None
    return found.sentence if found else ""


def _error(attempt: Attempt) -> tuple[str, str]:
    from reporter.log_streams import without_log_stream  # noqa: PLC0415
    from reporter.words import clean, cut  # noqa: PLC0415

    cause = cut(without_log_stream(clean(attempt.cause)), _CAUSE_MAX_CHARACTERS)
    return _explanation(attempt), f"({attempt.error}{f': {cause}' if cause else ''})"


def _attempt_document(attempt: Attempt) -> dict[str, Any]:
    return {
        "worker": attempt.command,
        "shard": attempt.shard,
        "attempt": attempt.number + 1,
        "status": attempt.status,
        "cpu_units": attempt.cpu,
        "memory_mib": attempt.memory_mib,
        "spot": attempt.is_spot,
        "task": attempt.task or None,
        "start": iso(attempt.scheduled),
        "end": iso(attempt.ended),
        "error": attempt.error or None,
        "cause": attempt.cause or None,
        "explanation": _explanation(attempt) or None,
    }
