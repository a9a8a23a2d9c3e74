"""The journal of a shard: the region that its worker works on, and the regions that ended earlier attempts.

A worker that hangs, crashes, exits or runs out of memory cannot report the region. So it writes the region's name to
the cache bucket before it starts that region, and the next attempt reads it: that region goes last, and is set aside if
it ends another attempt. A share of one region needs no journal, since there is only one region to blame.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from worker.catalog import Region
from worker.errors import WorkerError
from worker.logs import logger
from worker.plan import runs_prefix
from worker.s3 import JSON, Bucket

SET_ASIDE_AFTER = 2
"""The number of attempts of one execution that a region may end before it is set aside."""


class Entry(BaseModel):
    """The content of a journal."""

    model_config = ConfigDict(frozen=True)

    execution: str = ""
    attempt: int = 0
    region: str | None = None
    """The region that is being worked on."""
    ended: Mapping[str, int] = Field(default_factory=dict)
    """The number of attempts that ended while a region was being worked on, by region."""
    failed: Mapping[str, str] = Field(default_factory=dict)
    """The errors of the regions that failed in this attempt without ending it."""

    @property
    def suspects(self) -> frozenset[str]:
        """The regions that have ended an attempt, or may have."""
        return frozenset({*self.ended, *([self.region] if self.region else [])})


def journal_key(run_id: str, shard: int) -> str:
    """Return the key of a shard's journal in the cache bucket."""
    return f"{runs_prefix(run_id)}shards/{shard}.json"


def read_journal(cache: Bucket, run_id: str, shard: int) -> Entry:
    """Return the entry that the last attempt of a shard wrote, or an empty entry if none is readable."""
    # The journal only orders the work; without it no result is lost.
    try:
        written = cache.read(journal_key(run_id, shard))
    except WorkerError as error:
        if not error.may_concern_one_object:
            raise
        logger.warning("continuing without the journal of the last attempt: %s", error.cause)
        return Entry()
    if written:
        with suppress(ValidationError):
            return Entry.model_validate_json(written)
    return Entry()


class Journal:
    """The journal of the attempt that this worker makes.

    If S3 refuses to write it, the attempt continues without it.
    """

    refusal: str = ""
    """The reason why S3 refused to write the journal, or an empty text."""

    def __init__(self, cache: Bucket, key: str, entry: Entry) -> None:
        self._cache = cache
        self._key = key
        self._entry = entry

    @classmethod
    def open(
        cls,
        cache: Bucket,
        *,
        run_id: str,
        shard: int,
        execution: str,
        attempt: int,
        unfinished: Collection[str],
        is_first: bool = False,
    ) -> "Journal":
        """Return the journal of a new attempt; the region in the last entry counts as the one that ended that attempt.

        Another execution, such as a redo, tries every suspect once more before it sets the suspect aside. The first
        attempt of a run reads no journal, since there is none.
        """
        last = Entry() if is_first else read_journal(cache, run_id, shard)
        ended = {name: count for name, count in last.ended.items() if name in unfinished}
        if last.region in unfinished and last.region is not None:
            ended[last.region] = ended.get(last.region, 0) + 1
        if last.execution != execution:
            ended = dict.fromkeys(ended, 1)
        entry = Entry(execution=execution, attempt=attempt, ended=ended)
        return cls(cache, journal_key(run_id, shard), entry)

    @property
    def at_work(self) -> str | None:
        """The name of the region that is being worked on."""
        return self._entry.region

    def in_order(self, regions: Sequence[Region]) -> list[list[Region]]:
        """Return the regions in groups to work through one after the other: suspects come last, each alone."""
        ended = self._entry.ended
        suspects = [region for region in regions if region.name in ended]
        alone = [[region] for region in suspects if ended[region.name] < SET_ASIDE_AFTER]
        healthy = [region for region in regions if region.name not in ended]
        return [healthy, *alone] if healthy else alone

    def set_aside(self, regions: Sequence[Region]) -> list[tuple[Region, str]]:
        """Return the regions that are not tried again in this execution, each with the reason."""
        ended = self._entry.ended
        return [
            (
                region,
                f"Set aside: {ended[region.name]} attempts ended while they worked on it. The process crashed, hung, "
                "or ran out of memory or time; see the logs of the tasks.",
            )
            for region in regions
            if ended.get(region.name, 0) >= SET_ASIDE_AFTER
        ]

    def begin(self, region: str | None) -> None:
        """Write the region that is worked on from now on, or None."""
        if region != self.at_work:
            self._write(region=region)

    def fail(self, region: str, error: str) -> None:
        """Note a region that failed without ending the attempt; the next write of the journal includes it."""
        self._entry = self._entry.model_copy(update={"failed": {**self._entry.failed, region: error}})

    def suspect(self, region: str) -> bool:
        """Count this attempt as one that a region ended; return true if the region is set aside by that."""
        count = self._entry.ended.get(region, 0) + 1
        self._entry = self._entry.model_copy(update={"ended": {**self._entry.ended, region: count}})
        self._write(region=None)
        return count >= SET_ASIDE_AFTER

    def end(self, *, done: Collection[str]) -> None:
        """Clear the region, unless it is done: a region that has a result cannot become a suspect."""
        if self.at_work is not None and self.at_work not in done:
            self._write(region=None)

    def interrupt(self) -> None:
        """Clear the region of a worker that was stopped from outside, unless a later attempt has begun."""
        with suppress(WorkerError, ValidationError):
            written = self._cache.read(self._key)
            if written and Entry.model_validate_json(written) == self._entry:
                self._write(region=None)

    def _write(self, *, region: str | None) -> None:
        self._entry = self._entry.model_copy(update={"region": region})
        if self.refusal:
            return
        try:
            self._cache.write(self._key, self._entry.model_dump_json().encode(), JSON)
        except WorkerError as error:
            if not error.may_concern_one_object:
                raise
            self.refusal = error.cause
            logger.warning("continuing without a journal: %s", error.cause)


class NoJournal(Journal):
    """A journal that reads and writes nothing, for a share whose regions cannot be reordered."""

    def __init__(self) -> None:
        self._entry = Entry()

    def _write(self, *, region: str | None) -> None:
        self._entry = self._entry.model_copy(update={"region": region})

    def interrupt(self) -> None:
        """Do nothing."""
