"""The plan of a run: the regions of each shard, and the week that the run covers."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from itertools import repeat
from statistics import median
from typing import Annotated, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from worker.errors import ErrorName, WorkerError
from worker.faults import faults
from worker.s3 import Bucket

Period = Annotated[str, StringConstraints(pattern=r"^\d{4}-W\d{2}$")]
# A run takes at most a week; a longer duration is an error.
Seconds = Annotated[float, Field(strict=True, gt=0, le=7 * 86_400, allow_inf_nan=False)]


class Shard(BaseModel):
    """The regions of one worker."""

    model_config = ConfigDict(frozen=True)

    shard: int
    regions: tuple[str, ...] = Field(min_length=1)
    seconds: tuple[Seconds, ...] = Field(default=(), exclude_if=lambda seconds: not seconds)
    """The seconds that each region is expected to take; empty if no earlier run measured one."""

    @model_validator(mode="after")
    def every_region_has_its_seconds(self) -> Self:
        """Refuse more or fewer durations than regions."""
        if self.seconds and len(self.seconds) != len(self.regions):
            raise ValueError(f"has {len(self.seconds)} durations for {len(self.regions)} regions")
        return self


class Plan(BaseModel):
    """The work of a run, stored in the cache bucket; a redo uses the regions and the period of the first plan."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    created: AwareDatetime
    period: Period
    """The week that the run covers; an existing program chooses its own dates and names them in its results."""
    workload: str
    shards: tuple[Shard, ...] = Field(min_length=1)
    enable_scraping: bool
    force_refresh: bool
    first_execution: str = ""
    """The ARN of the execution that made the plan, if the run had no results at that time; otherwise empty."""

    @model_validator(mode="after")
    def every_region_is_in_one_shard(self) -> Self:
        """Refuse a plan in which two workers would have the same region."""
        twice = sorted(name for name, count in Counter(self.regions).items() if count > 1)
        if twice:
            raise ValueError(f"names {', '.join(twice)} more than once")
        if [shard.shard for shard in self.shards] != list(range(len(self.shards))):
            raise ValueError("has shards that are not numbered from 0")
        return self

    def in_at_most(self, shards: int) -> "Plan":
        """Return the plan with at most so many shards; deal the regions again if it has more."""
        if len(self.shards) <= shards:
            return self
        seconds = [pair for shard in self.shards for pair in zip(shard.regions, shard.seconds, strict=False)]
        dealt = deal(list(_in_order(self.shards)), shards, dict(seconds))
        return self.model_copy(update={"shards": dealt})

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region of the run."""
        return tuple(region for shard in self.shards for region in shard.regions)


def runs_prefix(run_id: str = "") -> str:
    """Return the prefix of a run's state in the cache bucket, or that of all runs."""
    return f"runs/{run_id}/" if run_id else "runs/"


def plan_key(run_id: str) -> str:
    """Return the plan's key in the cache bucket."""
    return f"{runs_prefix(run_id)}plan.json"


def plan_json(plan: Plan) -> bytes:
    """Return the JSON of a plan, first the number of regions: the watch machine reads only the beginning."""
    return json.dumps({"region_count": len(plan.regions), **plan.model_dump(mode="json")}, indent=2).encode()


def read_plan(cache: Bucket, run_id: str) -> Plan:
    """Return the plan of a run.

    Raises:
        WorkerError: if there is none, or if it is unusable.
    """
    key = plan_key(run_id)
    written = cache.read(key)
    if written is None:
        raise WorkerError(
            ErrorName.INVALID_INPUT,
            f"s3://{cache.name}/{key} does not exist: run `validate` for this run first.",
        )
    return plan_from(written, cache.name, run_id)


def plan_from(written: bytes, bucket: str, run_id: str) -> Plan:
    """Return the plan of a run from its JSON.

    Raises:
        WorkerError: if it is empty, truncated, without regions, or of an unknown format; the error names the object and
            how to remove it.
    """
    try:
        plan = Plan.model_validate_json(written)
        wrong = "" if plan.run_id == run_id else f"it is the plan of the run {plan.run_id[:80]!r}"
    except ValidationError as error:
        wrong = "; ".join(f"{name or 'it'} {what}".strip() for name, what in faults(error))[:1000]
    if wrong:
        where = f"s3://{bucket}/{plan_key(run_id)}"
        raise WorkerError(
            ErrorName.INVALID_INPUT,
            f"{where} is not a usable plan ({wrong}). Look at it, then delete it (`aws s3 rm {where}`) and "
            "start the run again: finished regions are kept.",
        )
    return plan


def deal(
    regions: Sequence[str], shards: int, seconds: Mapping[str, float] | None = None
) -> tuple[Shard, ...]:
    """Return at most `shards` shards of about the same duration, each of which starts with its most urgent regions.

    In the order of priority, each region goes to the shard with the least expected work so far. A region that no
    earlier run measured counts as the median of the others. If none is measured, the regions are dealt in turn.
    """
    known = {name: seconds[name] for name in regions if name in seconds} if seconds else {}
    typical = median(known.values()) if known else 1
    count = min(shards, len(regions))
    least = [(0.0, shard) for shard in range(count)]
    hands: list[list[str]] = [[] for _ in range(count)]
    for name in regions:
        load, shard = heappop(least)
        hands[shard].append(name)
        heappush(least, (load + known.get(name, typical), shard))
    return tuple(
        Shard(
            shard=shard,
            regions=tuple(hand),
            seconds=tuple(known.get(name, typical) for name in hand) if known else (),
        )
        for shard, hand in enumerate(hands)
    )


def _in_order(shards: Sequence[Shard]) -> Iterator[str]:
    """Yield the regions in the order in which they were dealt, which is that of their priority."""
    least = [
        (0.0, shard.shard, zip(shard.regions, shard.seconds or repeat(1.0), strict=False)) for shard in shards
    ]
    while least:
        load, number, dealt = heappop(least)
        if (following := next(dealt, None)) is not None:
            name, seconds = following
            yield name
            heappush(least, (load + seconds, number, dealt))


def period_of(run_id: str, moment: datetime) -> Period:
    """Return the ISO week that a run covers: the last whole one before the week or the day in its name.

    If the name has none, it is the week before `moment`. A run starts within the week that it is named after, so that
    week is not over yet.
    """
    year, week, _ = ((_day_in(run_id) or moment.astimezone(UTC).date()) - timedelta(weeks=1)).isocalendar()
    return f"{year}-W{week:02}"


def is_named_after(run_id: str, day: date) -> bool:
    """Return True if a run's name has a day, or the week of it."""
    first = _day_in(run_id)
    days = 7 if "W" in run_id.rpartition("-")[2] else 1
    return first is not None and 0 <= (day - first).days < days


def _day_in(run_id: str) -> date | None:
    """Return the day in a run's name, or the first day of the week in it."""
    named = re.search(r"([12]\d{3}-(?:W\d{2}|\d{2}-\d{2}))(?:T\d{2})?$", run_id)
    try:
        return date.fromisoformat(named[1]) if named else None
    except ValueError:
        return None
