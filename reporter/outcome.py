"""The outcome of a run or of a watch: the document that the state machines pass to the reporter."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

_LARGEST_NUMBER = 1e15
_LOST_WORKER = "shard "


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The facts that a state machine has about an execution that ended, or about a run that did not take place.

    `Outcome.of` accepts any JSON object: an unknown field is ignored, and a field of a wrong type has its default.
    """

    status: str
    """`succeeded`, `partial`, `failed`, `timed_out`, `aborted`, `skipped` or `missed`."""
    run_id: str = ""
    """The name of the run, e.g. `2026-W47`; empty for `missed`."""
    period: str = ""
    """The period that the run covers, e.g. `2026-W46`; empty if not known."""
    execution: str = ""
    """The ARN of the execution."""
    input: Any = field(default_factory=dict)
    """The input of the execution; null if it is longer than a worker can receive, or not known."""
    redrive_count: int = 0
    """The number of times that the execution was redriven."""
    start_time: str = ""
    """The start of the execution, e.g. `2026-11-23T06:00:12.345Z`."""
    duration_seconds: float = 0
    """The time from the start of the execution to its end."""
    usual_seconds: float = 0
    """The duration of the last full success; 0 if not known."""
    regions: int | None = 0
    """The planned regions; 0 if the run ended before it had a plan, and null if that is not known."""
    succeeded: int = 0
    """The regions that were monitored."""
    failures: tuple[Mapping[str, Any], ...] = ()
    """Each `{"region": …, "error": …}`; a lost worker is one whose region is `shard N`."""
    warnings: tuple[str, ...] = ()
    """Faults that did not change the result, e.g. a file that was not published."""
    is_summarized: bool = True
    """False if summary.json and the page of the run are not current."""
    log_stream: str = ""
    """The log stream of a worker that failed; empty if none did."""
    retries: int = 0
    """The attempts of workers beyond the first ones."""
    usd: float = 0
    """The estimated cost; 0 if not known."""
    usd_is_at_most: bool = False
    """True if `usd` is an upper bound."""
    usual_usd: float = 0
    """The cost of the last full success; 0 if not known."""
    error: str = ""
    """The name of the error that ended the run."""
    cause: str = ""
    """The text of that error."""
    counts_as_success: bool = False
    """True if the run was recorded as a success in time: of every region, or of as many as the settings accept."""
    owner_run: str = ""
    """For `skipped`: the run that is still running."""
    owner_execution: str = ""
    """For `skipped`: the ARN of the execution that is still running."""
    unreported: tuple[Mapping[str, Any], ...] = ()
    """Other executions that ended without a report, each `{"execution": …, "status": …}`; they are reported later."""
    hours: float = 0
    """For `missed`: the hours since the last success, or since the schedule changed."""
    last_run: str = ""
    """For `missed`: the last run that succeeded; empty if none did."""
    since: str = ""
    """For `missed`: the time from which the hours are counted."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Outcome":
        """Return the outcome in a JSON object, which may have the record of the last full success as `usual`."""
        usual = document.get("usual")
        if isinstance(usual, Mapping):
            document = {"usual_seconds": usual.get("seconds"), "usual_usd": usual.get("usd"), **document}
        given: dict[str, Any] = {name: document[name] for name in ("input",) if name in document}
        if "regions" in document and document["regions"] is None:
            given["regions"] = None
        for each in (each for each in fields(cls) if each.name not in given):
            value = document.get(each.name)
            default = (
                each.default
                if each.name not in {"status", "input"}
                else {"status": "", "input": {}}[each.name]
            )
            if isinstance(default, tuple) and isinstance(value, list | tuple):
                kind = str if each.name == "warnings" else dict
                given[each.name] = tuple(item for item in value if isinstance(item, kind))
            elif _is_number(value) if _is_number(default) else type(value) is type(default):
                given[each.name] = value
        return cls(**{"status": "failed", **given})

    @property
    def is_running_already(self) -> bool:
        """True for a run that was skipped because another execution works on the same run."""
        return bool(self.run_id) and self.owner_run == self.run_id

    @property
    def has_exact_counts(self) -> bool:
        """False if more regions may have succeeded than `succeeded` counts.

        Only the summary counts the regions that a lost worker had finished, and those of a run that was ended.
        """
        if self.is_summarized or self.status == "succeeded":
            return True
        has_lost_worker = any(
            str(failure.get("region", "")).startswith(_LOST_WORKER) for failure in self.failures
        )
        return self.status == "partial" and bool(self.failures) and not has_lost_worker

    @property
    def planned(self) -> int:
        """The number of planned regions; 0 if there are none, and if it is not known."""
        return self.regions or 0

    @property
    def failed(self) -> int:
        """The number of planned regions that did not succeed."""
        return max(0, self.planned - self.succeeded)

    @property
    def input_fields(self) -> Mapping[str, Any]:
        """The fields of the input; none for an input that is no JSON object."""
        return self.input if isinstance(self.input, Mapping) else {}


def _is_number(value: Any) -> bool:
    """Return True for a number that sums, and their texts, can hold; JSON allows larger ones."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER
