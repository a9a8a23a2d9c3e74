"""The history of the runs, which the reporter writes after each of them, as the page of a run reads it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from worker.errors import WorkerError
from worker.faults import faults
from worker.logs import logger
from worker.s3 import Bucket

HISTORY_KEY = "history.json"
_REASON_CHARACTERS = 300

_Hectares = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class RunAreas(NamedTuple):
    """The cleared hectares of a run by region, of those that have a result."""

    run_id: str
    hectares: Mapping[str, float]


class PastRun(BaseModel):
    """One run; its hectares have the order of the history's regions."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    started_at: AwareDatetime
    hectares: tuple[_Hectares | None, ...] = ()


class History(BaseModel):
    """The past runs, the oldest first; fields that the page does not need are ignored."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1]
    regions: tuple[str, ...] = ()
    runs: tuple[PastRun, ...] = ()

    def before(self, run_id: str, moment: datetime, count: int) -> tuple[RunAreas, ...]:
        """Return the areas of the last `count` other runs that started before a moment, the oldest first."""
        earlier = [run for run in self.runs if run.run_id != run_id and run.started_at < moment]
        return tuple(
            RunAreas(
                run.run_id,
                {
                    name: area
                    for name, area in zip(self.regions, run.hectares, strict=False)
                    if area is not None
                },
            )
            for run in sorted(earlier, key=lambda run: run.started_at)[-count:]
        )


def read_history(reports: Bucket) -> History:
    """Return the history of the reports bucket; if it is missing or unusable, an empty one, with a line in the log."""
    where = f"s3://{reports.name}/{HISTORY_KEY}"
    try:
        written = reports.read(HISTORY_KEY)
        if written is None:
            logger.info("%s does not exist yet: the page has no lines of earlier runs", where)
            return History(version=1)
        return History.model_validate_json(written)
    except WorkerError as error:
        reason = error.cause
    except ValidationError as error:
        reason = "; ".join(f"{name or 'it'} {what}" for name, what in faults(error))[:_REASON_CHARACTERS]
    logger.warning("%s is not usable, so the page has no lines of earlier runs: %s", where, reason)
    return History(version=1)
