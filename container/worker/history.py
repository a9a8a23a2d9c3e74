"""The history of the runs, which the reporter writes after each of them, as the worker reads it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from worker.errors import WorkerError
from worker.faults import faults
from worker.logs import logger
from worker.plan import Seconds
from worker.s3 import Bucket

HISTORY_KEY = "history.json"
_REASON_CHARACTERS = 300


def _unknown_if_unusable(value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Return the valid value; if it is not valid, add the reason to the context and return None."""
    try:
        return validate(value)
    except ValidationError as error:
        if info.context is not None:
            info.context.extend(
                f"{info.field_name}{f'.{name}' if name else ''} {what}" for name, what in faults(error)
            )
        return None


def _usable(runs: tuple["PastRun | None", ...]) -> tuple["PastRun", ...]:
    return tuple(run for run in runs if run is not None)


_Hectares = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
_Unknown = WrapValidator(_unknown_if_unusable)


class RunAreas(NamedTuple):
    """The cleared hectares of a run by region, of those that have a result."""

    run_id: str
    hectares: Mapping[str, float]


class PastRun(BaseModel):
    """One run; its hectares and its seconds have the order of the history's regions."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    started_at: AwareDatetime
    hectares: Annotated[tuple[_Hectares | None, ...] | None, _Unknown] = ()
    seconds: Annotated[tuple[Annotated[Seconds | None, _Unknown], ...] | None, _Unknown] = ()


class History(BaseModel):
    """The past runs, the oldest first; fields that the worker does not need are ignored.

    A damaged run is left out, and a damaged part of a run is None: it costs the others nothing.
    """

    model_config = ConfigDict(frozen=True)

    version: Literal[1]
    regions: tuple[str, ...] = ()
    runs: Annotated[tuple[Annotated[PastRun, _Unknown], ...], AfterValidator(_usable)] = ()

    def before(self, run_id: str, moment: datetime, count: int) -> tuple[RunAreas, ...]:
        """Return the areas of the last `count` other runs that started before a moment, the oldest first."""
        return tuple(
            RunAreas(run.run_id, dict(self._by_region(run.hectares)))
            for run in self._earlier(run_id, moment)[-count:]
        )

    def seconds_before(self, run_id: str, moment: datetime) -> dict[str, float]:
        """Return the median seconds of each region in the other runs that started before a moment."""
        measured: defaultdict[str, list[float]] = defaultdict(list)
        for run in self._earlier(run_id, moment):
            for name, seconds in self._by_region(run.seconds):
                measured[name].append(seconds)
        return {name: median(durations) for name, durations in measured.items()}

    def _earlier(self, run_id: str, moment: datetime) -> list[PastRun]:
        earlier = [run for run in self.runs if run.run_id != run_id and run.started_at < moment]
        return sorted(earlier, key=lambda run: run.started_at)

    def _by_region(self, values: Sequence[float | None] | None) -> Iterator[tuple[str, float]]:
        """Yield each region that has a value, with the value."""
        for name, value in zip(self.regions, values or (), strict=False):
            if value is not None:
                yield name, value


def read_history(reports: Bucket) -> History:
    """Return the history of the reports bucket, without what is not usable, with a line in the log about it."""
    where = f"s3://{reports.name}/{HISTORY_KEY}"
    unusable: list[str] = []
    history = History(version=1)
    try:
        written = reports.read(HISTORY_KEY)
        if written is None:
            logger.info("%s does not exist yet: no earlier run is known", where)
        else:
            history = History.model_validate_json(written, context=unusable)
    except WorkerError as error:
        unusable = [error.cause]
    except ValidationError as error:
        unusable = [f"{name or 'it'} {what}" for name, what in faults(error)]
    if unusable:
        reasons = "; ".join(unusable)[:_REASON_CHARACTERS]
        logger.warning("%s is not usable, and what it lacks counts as unknown: %s", where, reasons)
    return history
