"""The isolation of failures: an error that a workload raises fails only the region that it works on.

A region that ends the whole process is known from the `journal`, in the next attempt.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from worker.catalog import Region
from worker.errors import ErrorName, Stop, WorkerError
from worker.journal import Journal
from worker.logs import logger
from worker.plan import runs_prefix
from worker.probe import try_to_use
from worker.results import reports_prefix
from worker.s3 import Bucket
from worker.workloads import Failed, Job, Outcome, Remark, RunFile, Workload

# Results of all regions are read at once, and a message is read by a person.
_REASON_CHARACTERS = 4_000
_OF_ONE_REGION = {ErrorName.OBJECT_REFUSED, ErrorName.PROGRAM_FAILED, ErrorName.PROGRAM_STALLED}


@dataclass(frozen=True)
class Blame:
    """Decides whether a failure belongs to one region or to the whole attempt."""

    run_id: str
    reports: Bucket
    cache: Bucket

    def is_of_one_region(self, error: BaseException) -> bool:
        """Return True if the attempt can continue without the region.

        Another attempt has more memory, and AWS may answer it again, so these errors end the attempt. If S3 refuses a
        request but the bucket is usable otherwise, the refusal concerns this region. Every other error concerns the
        region that raised it, including `SystemExit`, `KeyboardInterrupt` and `GeneratorExit`: a signal raises
        `Interrupted`.
        """
        if isinstance(error, WorkerError):
            if error.name is ErrorName.BUCKET_UNAVAILABLE:
                return self._buckets_are_open()
            return error.name in _OF_ONE_REGION
        return not isinstance(error, Stop | MemoryError)

    def _buckets_are_open(self) -> bool:
        with suppress(WorkerError):
            try_to_use(self.reports, reports_prefix(self.run_id))
            try_to_use(self.cache, runs_prefix(self.run_id))
            return True
        return False


def isolated(
    workload: Workload, job: Job, progress: Callable[[], None], *, journal: Journal, blame: Blame
) -> Iterator[Outcome | RunFile | Remark]:
    """Yield what the workload yields, and a failure for each region that raised or was set aside.

    A workload that does all its regions in one go cannot go on without one of them: what it raises ends the attempt.
    """
    if not (workload.can_shard and workload.can_resume):
        yield from workload.outcomes(job, progress)
        return
    for region, reason in journal.set_aside(job.regions):
        yield Failed(region, reason)
    out_of_memory: dict[str, str] = {}
    for group in journal.in_order(job.regions):
        left = {region.name: region for region in group}
        while left:
            culprit = yield from _one_go(workload, job, left, progress, journal=journal, blame=blame)
            if culprit is None:
                break
            region, error = culprit
            if _is_out_of_memory(error) and not journal.suspect(region.name):
                out_of_memory[region.name] = reason_of(error)
            else:
                yield Failed(region, reason_of(error))
        for region in left.values():
            yield Failed(region, "The workload ended without an outcome for this region.")
    if out_of_memory:
        # Raised after the other regions are done; the next attempt has more memory.
        regions, reason = ", ".join(out_of_memory), next(iter(out_of_memory.values()))
        cause = (
            f"Memory ran out at {regions[:_REASON_CHARACTERS]} ({reason}): give the task the next size up."
        )
        raise WorkerError(ErrorName.OUT_OF_MEMORY, cause)


def _one_go(
    workload: Workload,
    job: Job,
    left: dict[str, Region],
    progress: Callable[[], None],
    *,
    journal: Journal,
    blame: Blame,
) -> Generator[Outcome | RunFile | Remark, None, tuple[Region, BaseException] | None]:
    """Yield outcomes and remove their regions from `left`; return the region that raised an error with the error."""
    announces = False

    def begin(name: str | None) -> None:
        nonlocal announces
        announces = True
        if name is None or name in left:
            journal.begin(name)

    go = workload.outcomes(replace(job, regions=list(left.values()), begin=begin), progress)
    while True:
        if left and not announces:
            journal.begin(next(iter(left)))
        try:
            outcome = next(go, None)
        except BaseException as error:
            name = journal.at_work
            if name not in left or not (_is_out_of_memory(error) or blame.is_of_one_region(error)):
                raise
            logger.exception("failed", extra={"region": name})
            return left.pop(name), error
        if outcome is None:
            return None
        if not isinstance(outcome, RunFile | Remark):
            left.pop(outcome.region.name, None)
        yield outcome


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, WorkerError):
        return error.name is ErrorName.OUT_OF_MEMORY
    return isinstance(error, MemoryError)


def reason_of(error: BaseException) -> str:
    """Return the reason why a region failed, as a text that can be written as UTF-8."""
    if isinstance(error, WorkerError):
        text = error.cause
    elif isinstance(error, SystemExit):
        text = f"The work on the region ended the program (SystemExit: {_text_of(error.code)})."
    else:
        text = ": ".join(filter(None, (type(error).__name__, _text_of(error))))
        if not isinstance(error, Exception):
            text = f"The work on the region raised {text}."
    return text[:_REASON_CHARACTERS].encode(errors="backslashreplace").decode()


def _text_of(value: object) -> str:
    """Return a value as text; the `__str__` of a program's error may raise anything."""
    try:
        return str(value)
    except Stop:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the program's own method raises
        return f"(no text: {type(error).__name__})"
