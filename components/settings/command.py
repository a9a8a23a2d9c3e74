"""The program that the workload `command` runs unchanged; the defaults fit the program that prod runs."""

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from components.settings.base import SettingsModel
from components.settings.patterns import has_form

# The placeholder in an argument for the names of a worker's regions, joined with commas.
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
VARIABLE_NAME = has_form(r"[A-Za-z_]\w{0,99}", what="a variable's name", example="ENABLE_SCRAPING")
VariableName = Annotated[str, VARIABLE_NAME]


class Results(SettingsModel):
    """The JSON file with the results of a run of the program, and the names of its fields."""

    files: RelativePath = "output/monitoring/weekly_monitoring_*.json"
    """The path in the program's folder, as a glob pattern. Only the newest file that the run itself wrote is read."""
    regions: Argument = "regions_analyzed"
    """The field with the list of analyzed regions, one object for each."""
    region: Argument = "region_name"
    """The field of such an object with the region's name."""
    change_count: Argument = "change_count"
    """The field of such an object with the number of clearings."""
    area_square_metres: Argument = "total_area_m2"
    """The field of such an object with the cleared area in square metres."""
    period: Argument = "period"
    """The field with the compared dates, as text. Reports show it unchanged; without it they show no dates."""
    errors: Argument = "errors"
    """The field with a list of sentences that explain why a region is missing."""


class Command(SettingsModel):
    """The existing program that the workload `command` runs: how to start it, read its output and collect its files."""

    program: tuple[Argument, ...] = Field(default_factory=tuple, min_length=1, max_length=50)
    """The command line. {regions} in it is replaced by the names of a worker's regions; sharding requires it."""
    directory: Argument = "."
    """The program's folder in the image. It runs in a copy of that folder, the only place where it can write."""
    confirmation: Text = "yes"
    """The answer to its confirmation prompt; empty if it has no prompt."""
    terminal: bool = False
    """If true, its output goes to a terminal. Without one, awk, perl and others buffer output, or need `stdbuf -oL`."""
    config_file: RelativePath = "config/config.yaml"
    """Its configuration file, passed to it as CONFIG_PATH."""
    environment: dict[VariableName, Text] = Field(default={}, max_length=50)
    """Additional environment variables, none secret; the worker's own, such as the task token, are not passed on."""
    earth_engine: bool = True
    """If true, the service account is checked before the work and passed on as GOOGLE_APPLICATION_CREDENTIALS."""
    scraping_variable: VariableName | None = None
    """The variable that disables market prices when `false`; if omitted, the program cannot disable them."""
    started_pattern: RegionPattern = r"Analyzing \w+ region: (?P<region>[\w-]+)"
    """The pattern of the line that it prints when it starts a region."""
    succeeded_pattern: RegionPattern = r"\b(?P<region>[\w-]+): Successfully analyzed using"
    """The pattern of the line that it prints when it finishes a region."""
    failed_patterns: tuple[RegionPattern, ...] = Field(
        default=(
            r"Satellite data unavailable for (?P<region>[\w-]+)",
            r"Failed to analyze \w+ region (?P<region>[\w-]+)",
        ),
        max_length=20,
    )
    """Patterns of the lines that it prints when a region fails; the rest of the line is the reason."""
    results: Results = Field(default_factory=Results)
    """The JSON file with the results of a run."""
    report_files: RelativePath = "output/reports/executive_summary_*.pdf"
    """Its report, stored as executive_summary.pdf, or under its own name if the program takes {regions}."""
    other_files: tuple[RelativePath, ...] = Field(
        default=("output/imagery_viewer/imagery_viewer_*.html", "output/satellite_images/weekly/**/*"),
        max_length=20,
    )
    """Other files to keep from a run, in the same folders."""
    stall_seconds: int = Field(default=1200, ge=60, le=21600)
    """The program is stopped after this long without output; until then the worker sends heartbeats for it."""

    @property
    def takes_regions(self) -> bool:
        """True if the program accepts the names of the regions to process."""
        return any(REGIONS in argument for argument in self.program)
