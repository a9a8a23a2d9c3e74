"""The `sample` workload: real Sentinel-2 pixels with clearings drawn in at known places, found again and scored.

It needs no network, so that the whole pipeline can be seen at work anywhere, and its detections can be marked.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from worker.catalog import Region
from worker.errors import WorkerError
from worker.logs import logger
from worker.workloads import Failed, Job, Outcome, Succeeded

# How long a pause may last without a heartbeat.
_STEP_SECONDS = 0.2


class ImageryUnavailableError(Exception):
    """There is no image of a region that could be used."""


class SampleWorkload:
    """Land clearing in pictures whose truth is known."""

    can_shard: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    can_skip_scraping: ClassVar[bool] = True
    needs_internet: ClassVar[bool] = False
    checked: ClassVar[Sequence[str]] = ()

    def __init__(self, *, seconds_per_region: float = 0, sleep: Callable[[float], None] = time.sleep) -> None:
        """Pretend that every region's imagery takes so long to arrive."""
        self._seconds_per_region = seconds_per_region
        self._sleep = sleep

    def problems(self) -> Iterator[WorkerError]:
        """Yield nothing: it has all that it needs."""
        return iter(())

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome]:
        """Analyse one region after the other."""
        for region in job.regions:
            try:
                yield self._outcome(region, job, progress)
            except ImageryUnavailableError as error:
                yield Failed(region, str(error))

    def _outcome(self, region: Region, job: Job, progress: Callable[[], None]) -> Succeeded:
        # `validate` asks this workload too, and needs no arrays.
        from worker.workloads.sample import imagery  # noqa: PLC0415
        from worker.workloads.sample.analysis import analyse  # noqa: PLC0415

        self._wait(progress)
        if job.cache.exists(f"workloads/sample/unavailable/{region.name}"):
            raise ImageryUnavailableError(
                f"Satellite data unavailable for {region.name}: no image without cloud in {job.period}"
            )
        before, origin = imagery.fetch(region, job.cache, force_refresh=job.force_refresh)
        logger.debug("imagery from the %s", origin, extra={"region": region.name})
        progress()
        return analyse(region, before, origin, job)

    def _wait(self, progress: Callable[[], None]) -> None:
        remaining = self._seconds_per_region
        while remaining > 0:
            self._sleep(min(remaining, _STEP_SECONDS))
            remaining -= _STEP_SECONDS
            progress()
