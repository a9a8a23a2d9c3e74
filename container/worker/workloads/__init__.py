"""The interface of workloads, which work through the regions of a run.

A workload gets all regions of a worker and yields the outcome of each. This suits a program that analyses many
regions in one process as well as code that analyses one after the other.
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
    """The facts of a run that a workload needs."""

    run_id: str
    period: str
    """The ISO week to analyse."""
    regions: Sequence[Region]
    catalog: Catalog
    """All known regions, for the map in a report."""
    enable_scraping: bool
    force_refresh: bool
    cache: Bucket
    begin: Callable[[str | None], None] = lambda _region: None
    """A function for a workload that does not analyse its regions in order; it takes the current region or None."""


@dataclass(frozen=True)
class RunFile:
    """A file that is published beside the results under its name: about one region, or about all of the worker's."""

    name: str
    path: Path
    content_type: str
    region: str | None = None
    """The name of the one region that the file is about."""


@dataclass(frozen=True)
class Remark:
    """A problem that fails no region."""

    text: str


@dataclass(frozen=True)
class Comparison:
    """Two pictures of a region of the same size, in WebP; changes are outlined in the second one."""

    before: bytes
    after: bytes


@dataclass(frozen=True)
class Succeeded:
    """A region that was analysed, with a report and a comparison if the workload makes them.

    The report is a PDF about the region, or a file that was yielded before. `seconds` is set by a workload that
    measures the duration itself.
    """

    region: Region
    findings: Findings
    report: bytes | RunFile | None
    comparison: Comparison | None
    seconds: float | None = None


@dataclass(frozen=True)
class Failed:
    """A region that could not be analysed, and the reason."""

    region: Region
    error: str
    seconds: float | None = None


Outcome = Succeeded | Failed


class Workload(Protocol):
    """A way to work through regions."""

    @property
    def can_shard(self) -> bool:
        """True if it can analyse a subset of the regions."""

    @property
    def can_resume(self) -> bool:
        """True if a second attempt continues where the first one stopped."""

    @property
    def can_skip_scraping(self) -> bool:
        """True if it can leave out market prices."""

    @property
    def needs_internet(self) -> bool:
        """True if it fetches data from outside of AWS."""

    @property
    def checked(self) -> Sequence[str]:
        """The checks that `problems` has made so far, and those that it could not make, each in a few words."""

    def problems(self) -> Iterator[WorkerError]:
        """Yield, within seconds, each problem that would prevent the analysis."""
        ...

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        """Analyse the job's regions in order and yield the outcomes; call `progress` after each step.

        A file is yielded before the first region that has it as its report.
        """
        ...
