"""The program that is started for each region, as the task definition describes it in `EACH`."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# The placeholder in an argument for the name of the region.
REGION = "{region}"


class Each(BaseModel):
    """One program, and the folder of the image in which it is started."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)

    program: tuple[str, ...] = Field(min_length=1)
    directory: str
    environment: Mapping[str, str]
    stall_seconds: float = Field(gt=0)

    def arguments(self, region: str) -> list[str]:
        """Return the command line for a region."""
        return [argument.replace(REGION, region) for argument in self.program]
