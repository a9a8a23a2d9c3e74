"""What one worker is: its workload, its image, its size."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from components.settings.concern import Concern
from components.settings.fargate import MEMORY_MIB_BY_CPU_UNITS, SIZES_BY_NAME, Size


class Workload(StrEnum):
    """The programs that a worker knows how to run."""

    COMMAND = "command"
    SAMPLE = "sample"

    @property
    def can_resume(self) -> bool:
        """Whether an interrupted run goes on where it stopped, which sharding and Spot need."""
        return self is Workload.SAMPLE


class Architecture(StrEnum):
    """The processor that the image is built for."""

    X86_64 = "X86_64"
    ARM64 = "ARM64"


class LogLevel(StrEnum):
    """How much a worker tells."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class SizeName(StrEnum):
    """A size by name: small below 10 regions, large above 50, standard between."""

    SMALL = "small"
    STANDARD = "standard"
    LARGE = "large"


_PINNED = re.compile(r"[^\s@]+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})")


def _pinned(image: str) -> str:
    if not _PINNED.fullmatch(image):
        message = "names no fixed image; write its digest (…@sha256:…) or a tag other than latest"
        raise ValueError(message)
    return image


class Worker(Concern):
    """The containers that do the work."""

    workload: Workload
    """command runs an existing program as it is; sample needs no network and no credentials."""
    image: Annotated[str, AfterValidator(_pinned)] | None = None
    """The image with a digest or an immutable tag; left out, the schedule stays paused until one is pushed."""
    earth_engine_project: str = Field(default="", max_length=64)
    """The Google Earth Engine project that requests are counted against."""
    size: SizeName = SizeName.STANDARD
    """A named size; cpuUnits and memoryMib say another one."""
    cpu_units: int | None = None
    """CPU units of a worker, 1024 a virtual CPU; needs memoryMib beside it."""
    memory_mib: int | None = None
    """Memory of a worker in MiB; needs cpuUnits beside it."""
    ephemeral_storage_gib: int = Field(default=21, ge=21, le=200)
    """Disk of a worker; what is above 20 GiB is billed."""
    architecture: Architecture = Architecture.X86_64
    """ARM64 costs a fifth less and needs an image built for it."""
    shards: int = Field(default=1, ge=1, le=40)
    """Workers side by side; more of them end sooner for the same money."""
    spot: bool = False
    """True takes spare capacity for the first attempt, about 70 % cheaper; it may be taken away within two minutes."""
    stop_timeout_seconds: int = Field(default=120, ge=30, le=120)
    """Time a worker has to save its work when it is stopped, before it is killed."""
    log_level: LogLevel = LogLevel.INFO
    """How much a worker tells its log."""

    @model_validator(mode="after")
    def size_is_sold(self) -> Self:
        """Refuse a CPU and memory pair that Fargate does not run."""
        if (self.cpu_units is None) != (self.memory_mib is None):
            message = "cpuUnits and memoryMib go together; write both, or neither and a size"
            raise ValueError(message)
        if not self.task_size.is_sold:
            memories = MEMORY_MIB_BY_CPU_UNITS.get(self.task_size.cpu_units)
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
    def task_size(self) -> Size:
        """The size of a worker's first attempt."""
        if self.cpu_units is not None and self.memory_mib is not None:
            return Size(self.cpu_units, self.memory_mib)
        return SIZES_BY_NAME[self.size]
