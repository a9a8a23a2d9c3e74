"""The plan of a run: which shard works on which regions, for which week."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

Period = Annotated[str, StringConstraints(pattern=r"^\d{4}-W\d{2}$")]


class Shard(BaseModel):
    """The share of one worker."""

    model_config = ConfigDict(frozen=True)

    shard: int
    regions: tuple[str, ...]


class Plan(BaseModel):
    """What a run is going to do, kept in the cache bucket; a redo goes by the first plan."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    created: AwareDatetime
    period: Period
    workload: str
    shards: tuple[Shard, ...]
    enable_scraping: bool
    force_refresh: bool

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region of the run."""
        return tuple(region for shard in self.shards for region in shard.regions)


def plan_key(run_id: str) -> str:
    """Return the plan's key in the cache bucket."""
    return f"runs/{run_id}/plan.json"


def dealt(regions: Sequence[str], shards: int) -> tuple[Shard, ...]:
    """Deal the regions out in turn, so that every shard begins with the urgent ones; no shard stays empty."""
    count = min(shards, len(regions))
    return tuple(Shard(shard=shard, regions=tuple(regions[shard::count])) for shard in range(count))


def period_of(run_id: str, moment: datetime) -> Period:
    """Return the ISO week of a run: the one in its name, else that of the day in its name, else of the moment."""
    if week := re.search(r"\d{4}-W\d{2}$", run_id):
        return week.group()
    day = re.search(r"(\d{4}-\d{2}-\d{2})(T\d{2})?$", run_id)
    try:
        about = date.fromisoformat(day.group(1)) if day else moment.astimezone(UTC).date()
    except ValueError:
        about = moment.astimezone(UTC).date()
    year, week_number, _ = about.isocalendar()
    return f"{year}-W{week_number:02}"
