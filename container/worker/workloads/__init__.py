"""The interface of workloads: what finds land clearing in regions, whichever way.

A workload works through its regions in one go, and yields what became of each, so that a program that serves many
regions in one process fits as well as one that takes them one by one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from worker.catalog import Region
from worker.results import Findings
from worker.s3 import Bucket


@dataclass(frozen=True)
class Job:
    """What a workload has to know about the run that it works for."""

    run_id: str
    period: str
    regions: Sequence[Region]
    enable_scraping: bool
    force_refresh: bool
    cache: Bucket


@dataclass(frozen=True)
class Succeeded:
    """A region that was analysed, with its report as PDF and a small picture as WebP where the workload makes them."""

    region: Region
    findings: Findings
    report: bytes | None
    thumbnail: bytes | None


@dataclass(frozen=True)
class Failed:
    """A region that could not be analysed, and why."""

    region: Region
    error: str


Outcome = Succeeded | Failed


class Workload(Protocol):
    """A way to find land clearing."""

    can_shard: ClassVar[bool]
    """Whether it can work on some of the regions only."""
    can_resume: ClassVar[bool]
    """Whether a second attempt goes on where the first one stopped."""
    needs_internet: ClassVar[bool]
    """Whether it fetches from beyond AWS."""

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome]:
        """Work through the job's regions, in order; call `progress` whenever a step is done."""
        ...
