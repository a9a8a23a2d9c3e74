"""The program that the workload `command` runs as it is; the defaults fit the one that prod runs."""

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from components.settings.base import SettingsModel
from components.settings.patterns import has_form

# What stands in an argument for the names of a worker's regions, joined with commas.
REGIONS = "{regions}"


def _names_a_region(pattern: str) -> str:
    try:
        named = "region" in re.compile(pattern).groupindex
    except re.error:
        named = False
    if not named:
        message = "is no pattern with a group named region; write one such as Analyzing (?P<region>[a-z_]+)"
        raise ValueError(message)
    return pattern


def _below_the_folder(path: str) -> str:
    if not path or path.startswith("/") or ".." in PurePosixPath(path).parts:
        message = "is no path below the program's folder; write one such as output/results.json"
        raise ValueError(message)
    return path


Text = Annotated[str, StringConstraints(max_length=500)]
Argument = Annotated[str, StringConstraints(min_length=1, max_length=500)]
RegionPattern = Annotated[Text, AfterValidator(_names_a_region)]
RelativePath = Annotated[Text, AfterValidator(_below_the_folder)]
VariableName = Annotated[
    str, has_form(r"[A-Za-z_]\w{0,99}", what="a variable's name", example="ENABLE_SCRAPING")
]


class Results(SettingsModel):
    """The JSON file by which a run of the program is judged, and the names of what is in it."""

    files: RelativePath = "output/monitoring/weekly_monitoring_*.json"
    """Where it lies in the program's folder; only a file that the run itself made is read, the newest."""
    regions: Argument = "regions_analyzed"
    """The list with an object for each region that was analysed."""
    region: Argument = "region_name"
    """In such an object, the region's name."""
    change_count: Argument = "change_count"
    """In such an object, the number of clearings."""
    area_square_metres: Argument = "total_area_m2"
    """In such an object, the area that was cleared."""
    period: Argument = "period"
    """A text that says which dates were compared; reports show it as it is, and without it no dates."""
    errors: Argument = "errors"
    """The list of sentences that say why a region is missing."""


class Command(SettingsModel):
    """The existing program that the workload command runs: how it is started, understood and collected from."""

    program: tuple[Argument, ...] = Field(default_factory=tuple, min_length=1, max_length=50)
    """What is typed to start it; with {regions} in it, the names of a worker's regions, it can be split into shards."""
    directory: Argument = "."
    """Its folder in the image; it is started in a copy, since only there it can write."""
    confirmation: Text = "yes"
    """What is typed when it asks; nothing where it does not."""
    terminal: bool = False
    """True gives its output a terminal; without one awk, perl and others write late, or need `stdbuf -oL`."""
    config_file: RelativePath = "config/config.yaml"
    """Its configuration, which it finds by CONFIG_PATH."""
    environment: dict[VariableName, Text] = Field(default={}, max_length=50)
    """Further variables, none of them secret; the worker's own, such as the task's token, are not among them."""
    earth_engine: bool = True
    """True checks the service account before the work, and hands it on as GOOGLE_APPLICATION_CREDENTIALS."""
    scraping_variable: VariableName | None = None
    """The variable by which it is told to leave out market prices (false); left out, it cannot be told."""
    started_pattern: RegionPattern = r"Analyzing \w+ region: (?P<region>[\w-]+)"
    """How it says that it begins a region."""
    succeeded_pattern: RegionPattern = r"\b(?P<region>[\w-]+): Successfully analyzed using"
    """How it says that it is done with one."""
    failed_patterns: tuple[RegionPattern, ...] = Field(
        default=(
            r"Satellite data unavailable for (?P<region>[\w-]+)",
            r"Failed to analyze \w+ region (?P<region>[\w-]+)",
        ),
        max_length=20,
    )
    """How it says that one failed; the rest of the line is the reason."""
    results: Results = Field(default_factory=Results)
    """The file by which a run is judged."""
    report_files: RelativePath = "output/reports/executive_summary_*.pdf"
    """Its one report, kept as executive_summary.pdf, or under its own name where it takes {regions}."""
    other_files: tuple[RelativePath, ...] = Field(
        default=("output/imagery_viewer/imagery_viewer_*.html", "output/satellite_images/weekly/**/*"),
        max_length=20,
    )
    """What else is kept of a run, in the same folders."""
    stall_seconds: int = Field(default=1200, ge=60, le=21600)
    """It is stopped when it has not written a byte for so long; until then the worker beats on its behalf."""

    @property
    def takes_regions(self) -> bool:
        """Whether it can be told which regions to work on."""
        return any(REGIONS in argument for argument in self.program)
