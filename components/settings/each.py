"""The program that the workload `each` starts once for each region."""

from pydantic import Field

from components.settings.base import SettingsModel
from components.settings.command import Argument, Text, VariableName


class Each(SettingsModel):
    """The program of the workload each. Exit code 0 means success; otherwise its last output line is the reason."""

    program: tuple[Argument, ...] = Field(default=(), max_length=50)
    """The command line; `{region}` in it is replaced by the region's name. The variable ITEM has the name too."""
    directory: Argument = "."
    """The program's working directory in the image; it can write only to /tmp, HOME and OUTPUT_DIR."""
    environment: dict[VariableName, Text] = Field(default={}, max_length=50)
    """Additional environment variables, none secret; the worker's own, such as the task token, are not passed on."""
    stall_seconds: int = Field(default=600, ge=1, le=21600)
    """The program is stopped after this long without output; until then the worker sends heartbeats for it."""
