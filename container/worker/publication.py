"""The publication of a region: first its report, then, once and last, its result."""

from collections.abc import Callable

from worker.errors import ErrorName, WorkerError
from worker.logs import logger
from worker.losses import Losses
from worker.plan import Plan
from worker.regular_files import opened
from worker.results import (
    RegionRecord,
    RegionResult,
    UnreadableError,
    When,
    picture_name,
    read_region_result,
    region_file_key,
    region_key,
    report_key,
    reports_prefix,
    run_file_key,
)
from worker.s3 import JSON, Bucket
from worker.workloads import Comparison, Outcome, RunFile, Succeeded

_MOST_WRITES = 3
MOST_FILE_BYTES = 500 * 1024**2
"""The maximum size of a published file."""

Warn = Callable[[str], None]
"""A function that takes a warning: a sentence about a problem that fails no region."""


def publish(
    outcome: Outcome,
    seconds: float,
    *,
    plan: Plan,
    shard: int,
    attempt: int,
    reports: Bucket,
    files: "RunFiles",
    warn: Warn,
    replaced_etag: str | None = None,
) -> RegionRecord:
    """Write the outcome of a region, unless another worker was first; return the region's record.

    `replaced_etag` is the ETag of an existing result that is unreadable.
    """
    name = outcome.region.name
    seconds = seconds if outcome.seconds is None else outcome.seconds
    if not isinstance(outcome, Succeeded):
        logger.error("failed: %s", outcome.error, extra={"region": name})
        return RegionRecord(
            region=name, status="failed", attempt=attempt, seconds=seconds, error=outcome.error
        )
    report = None
    if isinstance(outcome.report, RunFile):
        report = files.key_of(outcome.report)
    elif outcome.report is not None:
        report = _written_report(report_key(plan.run_id, name), outcome.report, reports, warn)
    has_pictures = outcome.comparison is not None and _written_pictures(
        plan.run_id, name, outcome.comparison, reports, warn
    )
    result = RegionResult(
        **outcome.findings.model_dump(),
        region=name,
        run_id=plan.run_id,
        shard=shard,
        attempt=attempt,
        seconds=seconds,
        report=report,
        has_pictures=has_pictures,
    )
    return _published(result, reports, replaced_etag)


def _published(result: RegionResult, reports: Bucket, replaced_etag: str | None) -> RegionRecord:
    """Write a result unless there is one that can be read; return the record of the one that is there.

    Raises:
        WorkerError: if others write or delete it at each attempt.
    """
    key, body = region_key(result.run_id, result.region), result.model_dump_json(indent=2).encode()
    about = {"region": result.region}
    for _ in range(_MOST_WRITES):
        if etag := reports.write_if(key, body, JSON, etag=replaced_etag):
            logger.info("done in %.2f s", result.seconds, extra=about)
            return RegionRecord.of(result, "succeeded", etag)
        replaced_etag = None
        if (found := reports.read_with_etag(key)) is None:
            continue
        try:
            other = read_region_result(found[0], run_id=result.run_id, region=result.region)
        except UnreadableError as reason:
            logger.warning("s3://%s/%s is unreadable, so it is replaced: %s", reports.name, key, reason)
            replaced_etag = found[1]
        else:
            logger.info("another worker was first", extra=about)
            return RegionRecord.of(other, "skipped", found[1])
    raise WorkerError(
        ErrorName.OBJECT_REFUSED,
        f"s3://{reports.name}/{key} was changed by others at each of {_MOST_WRITES} attempts to write it: do the run "
        "again.",
    )


class RunFiles:
    """The files of a shard, about one of its regions or about all; if one cannot be published, the others still are."""

    def __init__(self, plan: Plan, shard: int, reports: Bucket) -> None:
        self._plan = plan
        self._shard = shard
        self._reports = reports
        self._published: set[RunFile] = set()
        self._losses = Losses()

    def publish(self, file: RunFile) -> None:
        """Write a file; a later attempt overwrites it with its own, which is more complete."""

        def write() -> None:
            with opened(file.path, MOST_FILE_BYTES) as content:
                self._reports.write(self._key(file), content, file.content_type)

        if self._losses.spared(file.name, write):
            self._published.add(file)

    def key_of(self, file: RunFile) -> str | None:
        """Return the key of a published file, or None if the file was not published."""
        return self._key(file) if file in self._published else None

    @property
    def warnings(self) -> list[str]:
        """The warnings about the files that were not published."""
        return [f"Not published: {reason}" for reason in self._losses.reasons]

    def _key(self, file: RunFile) -> str:
        if file.region is not None:
            return region_file_key(self._plan.run_id, file.region, file.name)
        return run_file_key(self._plan.run_id, self._shard, len(self._plan.shards), file.name)


def _written_report(key: str, pdf: bytes, reports: Bucket, warn: Warn) -> str | None:
    """Write a region's report and return its key, or None if S3 refuses this object."""
    try:
        # An existing report stays: another worker made it from the same imagery.
        reports.write_new(key, pdf, "application/pdf")
    except WorkerError as error:
        if error.name is not ErrorName.OBJECT_REFUSED:
            raise
        warn(f"A region has no report: {error.cause}")
        return None
    return key


def _written_pictures(run_id: str, region: str, comparison: Comparison, reports: Bucket, warn: Warn) -> bool:
    """Write a region's pictures; return false if S3 refuses one of them."""
    try:
        pictures: dict[When, bytes] = {"before": comparison.before, "after": comparison.after}
        for when, webp in pictures.items():
            reports.write_new(f"{reports_prefix(run_id)}{picture_name(region, when)}", webp, "image/webp")
    except WorkerError as error:
        if error.name is not ErrorName.OBJECT_REFUSED:
            raise
        warn(f"A region has no pictures: {error.cause}")
        return False
    return True
