"""The input of an execution: its fields, and the regions that it selects."""

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from worker.catalog import Region
from worker.errors import ErrorName, WorkerError
from worker.faults import faults
from worker.settings import RunId


class RunInput(BaseModel):
    """The execution's input; every field is optional."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    regions_count: Annotated[int, Field(ge=1)] | None = None
    regions: Annotated[list[str], Field(min_length=1)] | None = None
    enable_scraping: bool | None = None
    force_refresh: bool | None = None
    execution_name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    run_id: RunId | None = None
    scheduled_time: AwareDatetime | None = None
    validate_only: bool | None = None

    @field_validator("regions_count")
    @classmethod
    def count_is_at_most_the_number_known(cls, value: int | None, info: ValidationInfo) -> int | None:
        """Refuse a number above that of the catalog."""
        known = _known(info)
        if value is not None and value > len(known):
            raise ValueError(f"is {value}: write 1 to {len(known)}")
        return value

    @field_validator("regions")
    @classmethod
    def regions_are_known_and_named_once(
        cls, value: list[str] | None, info: ValidationInfo
    ) -> list[str] | None:
        """Refuse names that are not in the catalog, or that are repeated."""
        names, known = value or [], _known(info)
        unknown = [name for name in names if name not in known]
        twice = sorted({name for name in names if names.count(name) > 1})
        problems = []
        if unknown:
            problems.append(f"names {', '.join(unknown)}, unknown: known are {', '.join(known)}")
        if twice:
            problems.append(f"names {', '.join(twice)} more than once: name each region once")
        if problems:
            raise ValueError("; ".join(problems))
        return value

    def chosen(self, catalog: Sequence[Region], default_count: int | None = None) -> tuple[Region, ...]:
        """Return the selected regions by priority; if none is selected, the first `default_count`, or all."""
        if self.regions is not None:
            return tuple(region for region in catalog if region.name in self.regions)
        return tuple(catalog[: self.regions_count or default_count])

    @property
    def chooses(self) -> bool:
        """True if the input selects regions."""
        return self.regions is not None or self.regions_count is not None


def read(text: str, catalog: Sequence[Region]) -> RunInput:
    """Return an execution's input from its JSON.

    Raises:
        WorkerError: if it is invalid; one error with every mistake and what to write instead.
    """
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise _refused([f"it is not JSON ({error})"]) from None
    except RecursionError:
        raise _refused(["it is nested too deeply: no field needs nesting"]) from None
    if not isinstance(raw, dict):
        raise _refused([f"it is {type(raw).__name__}, not an object: write {{}} for all defaults"])
    problems = []
    if raw.get("regions") is not None and raw.get("regions_count") is not None:
        problems.append("regions and regions_count are both given: keep one of them")
    try:
        run_input = RunInput.model_validate_json(text, context=tuple(region.name for region in catalog))
    except ValidationError as error:
        known = ", ".join(RunInput.model_fields)
        for name, what in faults(error):
            problems.append(f"{name} {what}" + (f": write one of {known}" if what == "is not known" else ""))
    if problems:
        raise _refused(problems)
    return run_input


def _known(info: ValidationInfo) -> tuple[str, ...]:
    return tuple(info.context or ())


def _refused(problems: Sequence[str]) -> WorkerError:
    return WorkerError(ErrorName.INVALID_INPUT, f"The execution's input is refused: {'; '.join(problems)}.")
