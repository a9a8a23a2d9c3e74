"""The settings of one worker: its workload, its image and its size."""

import math
import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from components.settings.base import SettingsModel
from components.settings.fargate import MEMORY_MIB_BY_CPU_UNITS, SIZES_BY_NAME, Size, size_for

WORKER_START_SECONDS = 60
"""The seconds to pull an image of about 2 GB, which AWS bills."""
VALIDATION_SECONDS = WORKER_START_SECONDS + 30
"""The billed seconds of the worker that validates a run's input."""
SUMMARY_SECONDS = WORKER_START_SECONDS + 10
"""The billed seconds of the worker that makes a run's summary."""


class Workload(StrEnum):
    """The programs that a worker can run."""

    COMMAND = "command"
    EACH = "each"
    SAMPLE = "sample"

    @property
    def can_resume(self) -> bool:
        """True if an interrupted run resumes whatever the other settings are; sharding and Spot need that."""
        return self is not Workload.COMMAND

    @property
    def needs_internet(self) -> bool:
        """True if the workload connects to hosts outside AWS."""
        return self is Workload.COMMAND

    @property
    def seconds_a_region(self) -> int:
        """The seconds that one region takes; a successful run of the program that prod runs did 29 in 5,432 s."""
        return {Workload.COMMAND: 187, Workload.EACH: 60, Workload.SAMPLE: 1}[self]

    @property
    def log_megabytes_a_run(self) -> int | None:
        """The megabytes that a program logs in a run, about 200 for the one that prod runs; None if it logs little."""
        return 200 if self is Workload.COMMAND else None


class Architecture(StrEnum):
    """The processor that the image is built for."""

    X86_64 = "X86_64"
    ARM64 = "ARM64"


class LogLevel(StrEnum):
    """The log levels of a worker."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class SizeName(StrEnum):
    """The named sizes: small for fewer than 10 regions, large for more than 50, standard otherwise."""

    SMALL = "small"
    STANDARD = "standard"
    LARGE = "large"


INLINE_SHARDS = 40
"""The most shards of an inline Map, which runs at most 40 items at once; more run in a distributed Map.

Source: AWS Step Functions Developer Guide, "Using Map state in Inline mode".
"""
MAX_SHARDS = 200
"""The most shards. The answers of all of them are one state's data, at most 256 KiB: with 200 shards, the error of each
still has some 60 characters in a run that loses every worker. Fargate starts 20 tasks a second, so all work after ten
seconds, and the 251 addresses of one subnet suffice for them and for attempts that overlap."""
RETIRED_PREFIX = "retired-"
"""The prefix of the image tags that the repository's lifecycle policy deletes."""
_PINNED = re.compile(r"[^\s@]+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})")


def _pinned(image: str) -> str:
    if not _PINNED.fullmatch(image):
        message = "names no fixed image; write its digest (…@sha256:…) or a tag other than latest"
        raise ValueError(message)
    if image.rpartition(":")[2].startswith(RETIRED_PREFIX):
        message = f"names an image that is retired, which ECR deletes; write a tag without {RETIRED_PREFIX}"
        raise ValueError(message)
    return image


class Worker(SettingsModel):
    """The containers that process the regions."""

    workload: Workload
    """command runs one program for all regions, each runs one per region; sample needs no network."""
    image: Annotated[str, AfterValidator(_pinned)] | None = None
    """The image, with a digest or an immutable tag; if omitted, the schedule stays disabled until an image is named."""
    earth_engine_project: str = Field(default="", max_length=64)
    """The Google Earth Engine project that requests count against."""
    size: SizeName | None = None
    """A named size. If omitted, by the number of regions: small below 10, large above 50, standard otherwise."""
    cpu_units: int | None = None
    """A custom size in CPU units, 1024 per vCPU; requires memoryMib."""
    memory_mib: int | None = None
    """A custom size in MiB of memory; requires cpuUnits."""
    ephemeral_storage_gib: int | None = Field(default=None, ge=21, le=200)
    """The disk of a worker in GiB; if omitted, the 20 GiB that are free."""
    architecture: Architecture = Architecture.X86_64
    """ARM64 costs a fifth less and needs an image built for ARM64."""
    shards: int = Field(default=1, ge=1, le=MAX_SHARDS)
    """The number of parallel workers; more finish sooner at the same cost. Above 40, each has its own execution."""
    target_minutes: int | None = Field(default=None, ge=1, le=10_080)
    """In place of shards: the minutes that a run is expected to take at most; it gets the fewest shards for that."""
    spot: bool = False
    """If true, first attempts run on Spot, about 70 % cheaper; AWS may reclaim it with two minutes' notice."""
    expected_seconds_per_region: int | None = Field(default=None, ge=1, le=21600)
    """The expected seconds for one region, for cost estimates; if omitted, command 187, each 60, sample 1."""
    expected_log_megabytes_per_run: int | None = Field(default=None, ge=0, le=1_000_000)
    """The expected megabytes of logs in a run, for cost estimates; if omitted, command 200, the others below 1."""
    execute_command: bool = False
    """If true, operators can open a shell in a worker (ECS Exec), which makes its root file system writable."""
    stop_timeout_seconds: int = Field(default=120, ge=30, le=120)
    """The seconds between SIGTERM and SIGKILL in which a stopped worker saves its work."""
    log_level: LogLevel = LogLevel.INFO
    """The lowest level of messages that a worker logs."""

    @model_validator(mode="after")
    def size_is_sold(self) -> Self:
        """Raise ValueError for a CPU and memory pair that Fargate does not support."""
        if (self.cpu_units is None) != (self.memory_mib is None):
            message = "cpuUnits and memoryMib go together; write both, or neither"
            raise ValueError(message)
        explicit = self.explicit_size
        if explicit is not None and self.size is not None:
            message = f"size {self.size} and cpuUnits {self.cpu_units} are two sizes; write one of them"
            raise ValueError(message)
        if explicit is not None and not explicit.is_sold:
            memories = MEMORY_MIB_BY_CPU_UNITS.get(explicit.cpu_units)
            remedy = (
                f"write memoryMib as one of {', '.join(map(str, memories))}"
                if memories
                else f"write cpuUnits as one of {', '.join(map(str, MEMORY_MIB_BY_CPU_UNITS))}"
            )
            message = (
                f"cpuUnits {self.cpu_units} with memoryMib {self.memory_mib} is no Fargate size; {remedy}"
            )
            raise ValueError(message)
        return self

    @property
    def is_distributed(self) -> bool:
        """True if the shards run in child executions of a distributed Map."""
        return self.shards > INLINE_SHARDS

    @property
    def explicit_size(self) -> Size | None:
        """The size given in numbers, or None."""
        if self.cpu_units is None or self.memory_mib is None:
            return None
        return Size(self.cpu_units, self.memory_mib)

    def expected_seconds(self, regions: int) -> int:
        """Return the seconds that a worker of so many regions is expected to be billed for."""
        return WORKER_START_SECONDS + regions * (
            self.expected_seconds_per_region or self.workload.seconds_a_region
        )

    def expected_shard_seconds(self, regions_count: int) -> int:
        """Return the seconds that the worker of the largest shard is expected to be billed for."""
        return self.expected_seconds(math.ceil(regions_count / self.shards))

    def expected_run_seconds(self, regions_count: int) -> int:
        """Return the seconds that a run is expected to take: the validation, the largest shard and the summary."""
        return VALIDATION_SECONDS + self.expected_shard_seconds(regions_count) + SUMMARY_SECONDS

    @property
    def expected_log_megabytes(self) -> int | None:
        """The expected megabytes of logs of a run's programs, or None if only the worker's own lines count."""
        if self.expected_log_megabytes_per_run is not None:
            return self.expected_log_megabytes_per_run
        return self.workload.log_megabytes_a_run

    def task_size(self, regions_count: int) -> Size:
        """Return the size of a worker's first attempt."""
        if self.explicit_size is not None:
            return self.explicit_size
        return SIZES_BY_NAME[self.size] if self.size is not None else size_for(regions_count)
