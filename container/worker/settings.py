"""The settings of a worker, which the task definition and the state machine pass in its environment."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Json,
    StringConstraints,
    ValidationError,
    field_validator,
)

from worker.catalog import Catalog, CatalogFile, CatalogName, catalog_of, read_catalog
from worker.errors import ErrorName, WorkerError
from worker.faults import faults
from worker.workloads.command.settings import Command
from worker.workloads.each.settings import Each

# A part of S3 keys and of links, so nothing in it has to be escaped.
RunId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
BucketName = Annotated[str, StringConstraints(min_length=3, max_length=63)]


class LostShard(BaseModel):
    """A shard whose attempts all failed, and the error of the last one; or several such shards with one text."""

    model_config = ConfigDict(frozen=True)

    shard: int | tuple[int, ...]
    error: str

    def is_about(self, shard: int) -> bool:
        """Return true if this shard was lost."""
        return shard == self.shard if isinstance(self.shard, int) else shard in self.shard


class Settings(BaseModel):
    """The environment of one worker, checked; its fields are the variables in lower case."""

    model_config = ConfigDict(frozen=True)

    run_id: RunId
    s3_reports_bucket: BucketName
    s3_cache_bucket: BucketName
    catalog: CatalogName | None = None
    """The catalog of the image whose regions are monitored."""
    items: Json[CatalogFile] | None = None
    """In place of `catalog`: the content of a catalog."""
    workload: Literal["sample", "command", "each"] = "sample"
    command: Json[Command] | None = None
    each: Json[Each] | None = None
    regions_count: int | None = Field(default=None, ge=1)
    """The number of regions if the input selects none; if omitted, all."""
    shards: int = Field(default=1, ge=1, le=10_000)
    shard: int = Field(default=0, ge=0)
    attempt: int = Field(default=0, ge=0)
    enable_scraping: bool = True
    force_refresh: bool = False
    execution: str = ""
    """The ARN of the execution that started the worker."""
    run_input: str = "{}"
    lost_shards: Json[tuple[LostShard, ...]] = ()
    """For `summarize`: the shards whose workers were lost."""
    run_status: str = ""
    """For `summarize`: the end of an execution that did not summarize its run, e.g. `timed_out`."""
    gee_credentials_secret: str = ""
    gee_project_id: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    heartbeat_seconds: int = Field(default=600, ge=1)
    task_timeout_seconds: int = Field(default=7200, ge=1)
    sample_seconds_per_region: float = Field(default=0, ge=0, le=3600)

    @field_validator("log_level", mode="before")
    @classmethod
    def log_level_is_written_in_capitals(cls, value: object) -> object:
        """Accept lower case, such as `info`."""
        return value.upper() if isinstance(value, str) else value

    def read_catalog(self) -> Catalog:
        """Return the catalog of the run.

        Raises:
            WorkerError: if it is one of the image and cannot be used.
        """
        return catalog_of(self.items) if self.items is not None else read_catalog(str(self.catalog))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Return the settings; an empty variable counts as not set.

        Raises:
            WorkerError: one, with every variable that is missing or invalid.
        """
        values = {
            name: environment[name.upper()] for name in cls.model_fields if environment.get(name.upper())
        }
        given = {"catalog", "items"} & values.keys()
        problems = [] if given else ["CATALOG is missing"]
        if len(given) > 1:
            problems.append("CATALOG and ITEMS are both set")
        settings = None
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            problems += [f"{_as_variable(name)} {what}" for name, what in faults(error)]
        if settings is None or problems:
            cause = f"The task's environment is invalid: {'; '.join(problems)}."
            raise WorkerError(
                ErrorName.INVALID_INPUT, f"{cause} Correct the task definition or the overrides."
            )
        return settings


def _as_variable(name: str) -> str:
    variable, dot, rest = name.partition(".")
    return f"{variable.upper()}{dot}{rest}"
