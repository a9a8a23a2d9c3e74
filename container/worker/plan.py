"""The plan of a run: the regions of each shard, and the week that the run covers."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
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


class Shard(BaseModel):
    """The regions of one worker."""

    model_config = ConfigDict(frozen=True)

    shard: int
    regions: tuple[str, ...] = Field(min_length=1)


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
        # The first region of each shard, then the second ones: the order of priority, in which they were dealt.
        rows = zip_longest(*(shard.regions for shard in self.shards))
        names = [name for row in rows for name in row if name is not None]
        return self.model_copy(update={"shards": deal(names, shards)})

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


def deal(regions: Sequence[str], shards: int) -> tuple[Shard, ...]:
    """Return at most `shards` shards with the regions dealt in turn, so that each starts with its most urgent ones."""
    count = min(shards, len(regions))
    return tuple(Shard(shard=shard, regions=tuple(regions[shard::count])) for shard in range(count))


def period_of(run_id: str, moment: datetime) -> Period:
    """Return the ISO week that a run covers: the last whole one before the week or the day in its name.

    If the name has none, it is the week before `moment`. A run starts within the week that it is named after, so that
    week is not over yet.
    """
    year, week, _ = ((_day_in(run_id) or moment.astimezone(UTC).date()) - timedelta(weeks=1)).isocalendar()
    return f"{year}-W{week:02}"


def _day_in(run_id: str) -> date | None:
    """Return the day in a run's name, or the first day of the week in it."""
    named = re.search(r"([12]\d{3}-(?:W\d{2}|\d{2}-\d{2}))(?:T\d{2})?$", run_id)
    try:
        return date.fromisoformat(named[1]) if named else None
    except ValueError:
        return None
