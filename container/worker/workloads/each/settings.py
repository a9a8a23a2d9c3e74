"""The program that is started for each region, as the task definition describes it in `EACH`."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# The placeholder in an argument for the name of the region.
REGION = "{region}"
VARIABLE_PREFIX = "PROGRAM_SECRET_"


class Each(BaseModel):
    """One program, and the folder of the image in which it is started."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)

    program: tuple[str, ...] = Field(min_length=1)
    directory: str
    environment: Mapping[str, str]
    stall_seconds: float = Field(gt=0)
    uses_aws: bool = False
    """If true, the program gets the credentials of the task's role."""
    secrets: tuple[str, ...] = ()
    """The program's variables whose values are secrets; the task has each under its name behind `PROGRAM_SECRET_`."""

    def secret_values(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the secret variables of the program from the environment of the task."""
        return {
            name: inherited[variable]
            for name in self.secrets
            if (variable := f"{VARIABLE_PREFIX}{name}") in inherited
        }

    def arguments(self, region: str) -> list[str]:
        """Return the command line for a region."""
        return [argument.replace(REGION, region) for argument in self.program]
