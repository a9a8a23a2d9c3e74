"""The interface of workloads: what finds land clearing in regions, whichever way.

A workload works through its regions in one go, and yields what became of each, so that a program that serves many
regions in one process fits as well as one that takes them one by one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from worker.catalog import Catalog, Region
from worker.errors import WorkerError
from worker.results import Findings
from worker.s3 import Bucket


@dataclass(frozen=True)
class Job:
    """What a workload has to know about the run that it works for."""

    run_id: str
    period: str
    """The ISO week to look at."""
    regions: Sequence[Region]
    catalog: Catalog
    """All known regions, for the map in a report."""
    enable_scraping: bool
    force_refresh: bool
    cache: Bucket
    begin: Callable[[str | None], None] = lambda _region: None
    """Called by a workload that does not take its regions one by one: the region that it works on now, or none."""


@dataclass(frozen=True)
class RunFile:
    """A file about all of a worker's regions, kept beside their results under its name."""

    name: str
    path: Path
    content_type: str


@dataclass(frozen=True)
class Remark:
    """Something that went wrong, by which no region is lost."""

    text: str


@dataclass(frozen=True)
class Succeeded:
    """A region that was analysed, with its report and a small picture as WebP where the workload makes them.

    The report is a PDF of its own, or one about all regions. Only a workload that knows better than the clock says how
    long it took.
    """

    region: Region
    findings: Findings
    report: bytes | RunFile | None
    thumbnail: bytes | None
    seconds: float | None = None


@dataclass(frozen=True)
class Failed:
    """A region that could not be analysed, and why."""

    region: Region
    error: str
    seconds: float | None = None


Outcome = Succeeded | Failed


class Workload(Protocol):
    """A way to find land clearing."""

    @property
    def can_shard(self) -> bool:
        """Whether it can work on some of the regions only."""

    @property
    def can_resume(self) -> bool:
        """Whether a second attempt goes on where the first one stopped."""

    @property
    def can_skip_scraping(self) -> bool:
        """Whether it can leave out market prices."""

    @property
    def needs_internet(self) -> bool:
        """Whether it fetches from beyond AWS."""

    @property
    def checked(self) -> Sequence[str]:
        """Return what `problems` has checked so far, each in a few words, and what it could not check."""

    def problems(self) -> Iterator[WorkerError]:
        """Yield, within seconds, what would keep it from its work."""
        ...

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        """Work through the job's regions, in order; call `progress` whenever a step is done.

        A file about all of them comes before the first region that has it for its report.
        """
        ...
