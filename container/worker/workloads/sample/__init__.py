"""The workload `sample`: real Sentinel-2 pixels with clearings drawn in at known places, detected and scored.

It needs no network, so the whole pipeline runs anywhere, and its detections can be compared with the ground truth.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from worker.errors import WorkerError
from worker.logs import logger
from worker.workloads import Failed, Job, Outcome

# The maximum pause between two calls of `progress`.
_STEP_SECONDS = 0.2


class SampleWorkload:
    """Land clearing in images with a known ground truth."""

    can_shard: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    can_skip_scraping: ClassVar[bool] = True
    needs_internet: ClassVar[bool] = False
    checked: ClassVar[Sequence[str]] = ()

    def __init__(self, *, seconds_per_region: float = 0, sleep: Callable[[float], None] = time.sleep) -> None:
        """Initialise; each region waits `seconds_per_region`, as if for its imagery."""
        self._seconds_per_region = seconds_per_region
        self._sleep = sleep

    def problems(self) -> Iterator[WorkerError]:
        """Yield nothing, since this workload needs nothing."""
        return iter(())

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome]:
        """Analyse one region after the other."""
        # Imported here, since `validate` uses this workload too and needs no arrays.
        from worker.workloads.sample import imagery  # noqa: PLC0415
        from worker.workloads.sample.analysis import analyse  # noqa: PLC0415

        # A list is one request for all regions; to read an image that is not there takes two: S3 refuses the first.
        kept = None if len(job.regions) == 1 else frozenset(job.cache.keys(imagery.PREFIX))
        for region in job.regions:
            self._wait(progress)
            may_be_kept = kept is None or imagery.key_of(region) in kept
            try:
                before, origin = imagery.fetch(
                    region, job.cache, may_be_kept=may_be_kept, force_refresh=job.force_refresh
                )
            except imagery.UnavailableError:
                yield Failed(
                    region,
                    f"Satellite data unavailable for {region.name}: no image without cloud in {job.period}",
                )
                continue
            logger.debug("imagery from the %s", origin, extra={"region": region.name})
            progress()
            yield analyse(region, before, origin, job)

    def _wait(self, progress: Callable[[], None]) -> None:
        remaining = self._seconds_per_region
        while remaining > 0:
            self._sleep(min(remaining, _STEP_SECONDS))
            remaining -= _STEP_SECONDS
            progress()
