"""The outcome of a run or of a watch: the document that the state machines pass to the reporter."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a state machine knows of an execution that ended, or of a run that did not take place.

    `Outcome.of` accepts any JSON object: an unknown field is ignored, and a field of a wrong type has its default.
    """

    status: str
    """`succeeded`, `partial`, `failed`, `timed_out`, `aborted`, `skipped` or `missed`."""
    run_id: str = ""
    """The name of the run, e.g. `2026-W47`; empty for `missed`."""
    period: str = ""
    """The period that the run looks at, e.g. `2026-W46`; empty if not known."""
    execution: str = ""
    """The ARN of the execution."""
    input: Mapping[str, Any] = field(default_factory=dict)
    """The input of the execution."""
    start_time: str = ""
    duration_seconds: float = 0
    usual_seconds: float = 0
    """The duration of the last full success; 0 if not known."""
    regions: int = 0
    """The planned regions; 0 if the run ended before it had a plan."""
    succeeded: int = 0
    failures: tuple[Mapping[str, Any], ...] = ()
    """Each `{"region": …, "error": …}`; a lost worker is one whose region is `shard N`."""
    warnings: tuple[str, ...] = ()
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
    owner_run: str = ""
    """For `skipped`: the run that still works, and its execution."""
    owner_execution: str = ""
    hours: float = 0
    """For `missed`: the hours since the last success, or since the schedule changed."""
    last_run: str = ""
    """For `missed`: the last run that succeeded; empty if none did."""
    since: str = ""
    """For `missed`: the time from which the hours are counted."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Outcome":
        """Return the outcome in a JSON object."""
        given: dict[str, Any] = {}
        for each in fields(cls):
            value = document.get(each.name)
            default = each.default if each.name not in {"status", "input"} else {"status": "", "input": {}}[each.name]
            if isinstance(default, tuple) and isinstance(value, list | tuple):
                kind = str if each.name == "warnings" else dict
                given[each.name] = tuple(item for item in value if isinstance(item, kind))
            elif type(value) is type(default) or (_is_number(default) and _is_number(value)):
                given[each.name] = value
        return cls(**{"status": "failed", **given})

    @property
    def failed(self) -> int:
        """The number of planned regions that did not succeed."""
        return self.regions - self.succeeded


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
