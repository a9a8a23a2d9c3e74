"""The program that the workload `each` starts once for each region."""

from pydantic import Field

from components.settings.base import SettingsModel
from components.settings.command import Argument, Text, VariableName


class Each(SettingsModel):
    """The program of the workload each: exit code 0 is success, else its last line is the reason of the failure."""

    program: tuple[Argument, ...] = Field(default=(), max_length=50)
    """The command line; `{region}` in it becomes the region's name, which is in the variable ITEM too."""
    directory: Argument = "."
    """The folder in the image in which it is started; it can write only to /tmp, HOME and OUTPUT_DIR."""
    environment: dict[VariableName, Text] = Field(default={}, max_length=50)
    """Further variables, none of them secret; the worker's own, such as the task's token, are not among them."""
    stall_seconds: int = Field(default=600, ge=1, le=21600)
    """It is stopped when it has not written a byte for so long; until then the worker sends heartbeats."""
