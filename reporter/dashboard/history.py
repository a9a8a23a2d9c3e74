"""The history of all runs: the document `history.json`, which other programs read too.

Keys may be added to the document; those that a reader does not know are kept when the document is written again.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

VERSION = 1
"""The version of the document; it is increased when a key is removed or changes its meaning."""
MAX_RUNS = 520
"""The runs that are kept, the newest: ten years of weekly runs."""
MAX_TIMED_RUNS = 10
"""The runs whose regions' durations are kept, the newest with any: the worker deals the regions to shards by them."""
MAX_EARLIER = 20
"""The earlier executions that are kept of a run."""
SUCCEEDED, FAILED, SKIPPED, NO_PART = "s", "f", "k", "-"
"""The letters of a region's outcome; `NO_PART` means that it was not part of the run."""
OUTCOMES = ("succeeded", "partial", "failed")
COST_IS_AT_MOST = "cost_is_at_most"
"""The key of a run whose cost is an upper bound."""
_LARGEST_NUMBER = 10**15
_MOST_PLACES = 15
_KNOWN = frozenset(
    {"run_id", "started_at", "duration_seconds", "outcome", "cost_usd", "index_key", "regions", "hectares"}
    | {"seconds", "execution", "earlier"}
)


class HistoryError(ValueError):
    """A document is no history of this version; the text is the reason."""


@dataclass(frozen=True, kw_only=True)
class CostedExecution:
    """An execution of a run; that of an earlier one is still part of the cost of its month."""

    execution: str
    started_at: datetime
    cost_usd: Decimal | None
    cost_is_at_most: bool = False


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """One run, as its last execution left it."""

    run_id: str
    started_at: datetime
    duration_seconds: int
    outcome: str
    cost_usd: Decimal | None
    """The estimated cost of the last execution; None if it is not known."""
    index_key: str | None
    regions: Mapping[str, str] = field(default_factory=dict)
    """The letter of each region that was part of the run."""
    hectares: Mapping[str, float] | None = None
    """The cleared hectares of each region that has a result; None if the results have none."""
    seconds: Mapping[str, float] | None = None
    """The seconds that each region with a result took; None if none is known, or if newer runs have replaced them."""
    execution: str = ""
    """The name of the last execution."""
    earlier: tuple[CostedExecution, ...] = ()
    """The executions after which the run was done again."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Other keys."""

    @property
    def last(self) -> CostedExecution:
        """The last execution."""
        return CostedExecution(
            execution=self.execution,
            started_at=self.started_at,
            cost_usd=self.cost_usd,
            cost_is_at_most=self.more.get(COST_IS_AT_MOST) is True,
        )


@dataclass(frozen=True, kw_only=True)
class History:
    """The runs by their start, and the names of their regions in the order of their first appearance."""

    regions: tuple[str, ...] = ()
    runs: tuple[RunEntry, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def with_run(self, entry: RunEntry) -> "History":
        """Return the history with the end of an execution; it is the same for any order of two ends of a run."""
        earlier_entry = next((run for run in self.runs if run.run_id == entry.run_id), None)
        return self.of_runs(
            [
                *(run for run in self.runs if run is not earlier_entry),
                _merged(earlier_entry, entry) if earlier_entry else entry,
            ]
        )

    def of_runs(self, runs: Iterable[RunEntry]) -> "History":
        """Return a history of other runs, bounded and in order, with the regions of both."""
        ordered = sorted(runs, key=lambda run: (run.started_at, run.run_id))[-MAX_RUNS:]
        names = dict.fromkeys([*self.regions, *(name for run in ordered for name in run.regions)])
        return replace(self, regions=tuple(names), runs=tuple(_newest_timed(ordered)))

    def document(self) -> dict[str, Any]:
        """Return the history as a JSON object."""
        return {
            **self.more,
            "version": VERSION,
            "regions": list(self.regions),
            "runs": [_run_document(run, self.regions) for run in self.runs],
        }

    def encoded(self) -> bytes:
        """Return the history as a JSON text."""
        return json.dumps(self.document(), separators=(",", ":"), allow_nan=False).encode()


def _newest_timed(ordered: Sequence[RunEntry]) -> Iterable[RunEntry]:
    """Return the runs without the durations of those before the newest timed ones."""
    timed = [run.run_id for run in ordered if run.seconds][-MAX_TIMED_RUNS:]
    return [run if run.run_id in timed else replace(run, seconds=None) for run in ordered]


def _merged(known: RunEntry, new: RunEntry) -> RunEntry:
    if new.execution == known.execution:
        # A second report of an execution may lack what the first one knew.
        found = new if new.cost_usd is not None or known.cost_usd is None else _with_cost_of(known, new)
        return replace(found, earlier=known.earlier)
    last, other = (new, known) if _order(new) > _order(known) else (known, new)
    others = {each.execution: each for each in (*known.earlier, *new.earlier, other.last)}
    others.pop(last.execution, None)
    kept = sorted(others.values(), key=lambda each: (each.started_at, each.execution))[-MAX_EARLIER:]
    return replace(last, earlier=tuple(kept))


def _with_cost_of(known: RunEntry, new: RunEntry) -> RunEntry:
    bound = {name: value for name, value in known.more.items() if name == COST_IS_AT_MOST}
    return replace(new, cost_usd=known.cost_usd, more={**new.more, **bound})


def _order(run: RunEntry) -> tuple[datetime, str]:
    return run.started_at, run.execution


def _run_document(run: RunEntry, regions: Sequence[str]) -> dict[str, Any]:
    letters = "".join(run.regions.get(name, NO_PART) for name in regions)
    return {
        **run.more,
        "run_id": run.run_id,
        "started_at": _start_text(run.started_at),
        "duration_seconds": run.duration_seconds,
        "outcome": run.outcome,
        "cost_usd": _cost_text(run.cost_usd),
        "index_key": run.index_key,
        "regions": letters.rstrip(NO_PART),
        **_by_region_document("hectares", run.hectares, regions),
        **_by_region_document("seconds", run.seconds, regions),
        "execution": run.execution,
        **({"earlier": [_earlier_document(each) for each in run.earlier]} if run.earlier else {}),
    }


def _by_region_document(
    key: str, values: Mapping[str, float] | None, regions: Sequence[str]
) -> dict[str, Any]:
    return {key: [values.get(name) for name in regions]} if values else {}


def _earlier_document(each: CostedExecution) -> dict[str, Any]:
    return {
        "execution": each.execution,
        "started_at": _start_text(each.started_at),
        "cost_usd": _cost_text(each.cost_usd),
        **({COST_IS_AT_MOST: True} if each.cost_is_at_most else {}),
    }


def time_text(time: datetime, timespec: str = "seconds") -> str:
    """Return a time in UTC, e.g. `2026-12-07T06:00:01Z`."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec)}Z"


def _start_text(time: datetime) -> str:
    # Two executions of a run may begin within a second.
    return time_text(time, "milliseconds")


def _cost_text(cost: Decimal | None) -> str | None:
    return None if cost is None else f"{cost:f}"


def parse(body: bytes) -> History:
    """Return the history in a JSON text.

    Raises:
        HistoryError: if it is damaged, or has another version.
    """
    try:
        # Python reads and writes NaN and Infinity; a browser's JSON does not have them.
        return _history(json.loads(body, parse_float=_number, parse_constant=_number))
    except HistoryError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise HistoryError(f"it is damaged: {type(error).__name__}: {error}") from None


def _history(document: Any) -> History:
    if not isinstance(document, dict):
        raise HistoryError("it is not a JSON object")
    if document.get("version") != VERSION:
        raise HistoryError(f"it has the version {document.get('version')!r} instead of {VERSION}")
    regions = [_text(name) for name in _list(document["regions"])]
    return History(
        regions=tuple(regions),
        runs=tuple(_run(run, regions) for run in _list(document["runs"])),
        more={name: value for name, value in document.items() if name not in {"version", "regions", "runs"}},
    )


def _run(run: Mapping[str, Any], regions: Sequence[str]) -> RunEntry:
    outcome, letters, hectares = run["outcome"], _text(run["regions"]), run.get("hectares")
    if outcome not in OUTCOMES:
        raise HistoryError(f"a run has the outcome {outcome!r}")
    if len(letters) > len(regions) or set(letters) - {SUCCEEDED, FAILED, SKIPPED, NO_PART}:
        raise HistoryError(f"a run has the outcomes {letters!r} of {len(regions)} regions")
    return RunEntry(
        run_id=_text(run["run_id"]),
        started_at=_time(run["started_at"]),
        duration_seconds=_seconds(run["duration_seconds"]),
        outcome=outcome,
        cost_usd=_cost(run["cost_usd"]),
        index_key=run["index_key"] if run["index_key"] is None else _text(run["index_key"]),
        regions={name: letter for name, letter in zip(regions, letters, strict=False) if letter != NO_PART},
        hectares=None
        if hectares is None
        else {
            name: _hectares(value)
            for name, value in zip(regions, _list(hectares), strict=False)
            if value is not None
        },
        seconds=_usable_seconds(run.get("seconds"), regions),
        execution=_text(run.get("execution", "")),
        earlier=tuple(
            CostedExecution(
                execution=_text(each["execution"]),
                started_at=_time(each["started_at"]),
                cost_usd=_cost(each["cost_usd"]),
                cost_is_at_most=each.get(COST_IS_AT_MOST) is True,
            )
            for each in _list(run.get("earlier", []))
        ),
        more={name: value for name, value in run.items() if name not in _KNOWN},
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise HistoryError(f"{value!r} is not a text")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise HistoryError(f"{value!r} is not a list")
    return value


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise HistoryError(f"{text} is not a number")
    return number


def _seconds(value: Any) -> int:
    if not is_amount(value):
        raise HistoryError(f"a run has the duration {value!r}")
    return round(value)


def _hectares(value: Any) -> float:
    if not is_amount(value):
        raise HistoryError(f"a region has {value!r} hectares")
    return float(value)


def _usable_seconds(value: Any, regions: Sequence[str]) -> dict[str, float] | None:
    """Return the durations that are amounts; they only balance the work, so a damaged one refuses no history."""
    values = value if isinstance(value, list) else []
    return {
        name: float(seconds) for name, seconds in zip(regions, values, strict=False) if is_amount(seconds)
    } or None


def is_amount(value: Any) -> TypeGuard[float]:
    """Return True for a number that a measured amount can be: neither negative, nor NaN, nor larger than 10^15."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LARGEST_NUMBER


def _time(value: Any) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.tzinfo is None:
        raise HistoryError(f"the time {value!r} has no zone")
    return found.astimezone(UTC)


def _cost(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        cost = Decimal(_text(value))
    except InvalidOperation:
        raise HistoryError(f"{value!r} is not an amount") from None
    # A short text such as 1E+999999999 has a billion digits when it is written.
    if not cost.is_finite() or not 0 <= cost <= _LARGEST_NUMBER or cost.adjusted() < -_MOST_PLACES:
        raise HistoryError(f"{value!r} is not an amount")
    return cost
