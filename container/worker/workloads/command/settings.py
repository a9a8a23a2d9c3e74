"""The settings of a program, which the task definition passes in `COMMAND`."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# The placeholder in an argument for the names of a worker's regions, joined with commas.
REGIONS = "{regions}"


def _names_a_region(pattern: re.Pattern[str]) -> re.Pattern[str]:
    if "region" not in pattern.groupindex:
        raise ValueError(f"{pattern.pattern!r} has no group named region")
    return pattern


RegionPattern = Annotated[re.Pattern[str], AfterValidator(_names_a_region)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class ResultsFile(_Settings):
    """The results file, and the names of its fields."""

    files: str
    regions: str
    region: str
    change_count: str
    area_square_metres: str
    period: str
    errors: str


class Command(_Settings):
    """The settings of a program; every path is relative to its folder."""

    program: tuple[str, ...] = Field(min_length=1)
    directory: str
    confirmation: str
    terminal: bool
    config_file: str
    environment: Mapping[str, str]
    earth_engine: bool
    scraping_variable: str | None
    started_pattern: RegionPattern
    succeeded_pattern: RegionPattern
    failed_patterns: tuple[RegionPattern, ...]
    results: ResultsFile
    report_files: str
    other_files: tuple[str, ...]
    stall_seconds: float = Field(gt=0)

    @property
    def takes_regions(self) -> bool:
        """True if the program takes its regions as an argument."""
        return any(REGIONS in argument for argument in self.program)

    def arguments(self, regions: tuple[str, ...]) -> list[str]:
        """Return the command line that starts the program for these regions."""
        return [argument.replace(REGIONS, ",".join(regions)) for argument in self.program]
