"""The objects of a run in S3: its plan, the results of its regions, its summary and its reports."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from typing import Any

from cli.json_objects import json_object
from cli.runs.run import Progress
from cli.stack import Stack

_FIRST_YEAR = 1970


@dataclass(frozen=True)
class StoredFile:
    """An object of the reports bucket."""

    key: str
    size: int
    modified: datetime


class RunRecords:
    """The reader of the objects of runs."""

    def __init__(self, stack: Stack) -> None:
        self._s3 = stack.client("s3")
        self._reports = stack["s3_reports_bucket"]
        self._cache = stack["s3_cache_bucket"]

    def plan(self, run: str) -> Mapping[str, Any]:
        """Return the plan of a run, or an empty one if it has none that can be read."""
        return self._json(self._cache, _plan_key(run)) or {}

    def summary(self, run: str) -> Mapping[str, Any]:
        """Return the summary of a run, or an empty one if it has none that can be read."""
        return self._json(self._reports, f"{self.prefix(run)}summary.json") or {}

    def progress(self, run: str) -> Progress:
        """Return which regions are planned and which of them are done."""
        plan = self._json(self._cache, _plan_key(run))
        planned = regions_of(plan or {})
        if not planned:
            return Progress(is_known=plan is not None)
        with ThreadPoolExecutor(2) as pool:
            listed = pool.submit(lambda: list(self._objects(self._reports, self.prefix(run))))
            journals = list(self._objects(self._cache, f"runs/{run}/shards/"))
        results = {f"{self.prefix(run)}{region}.json": region for region in planned}
        written = listed.result()
        return Progress(
            planned=planned,
            done=frozenset(results[file.key] for file in written if file.key in results),
            last_beat=max((file.modified for file in (*written, *journals)), default=None),
            created=_time((plan or {}).get("created")),
        )

    def created(self, run: str) -> datetime | None:
        """Return the time of a run's plan, or None if it has none."""
        return _time(self.plan(run).get("created"))

    def reports(self, run: str) -> list[StoredFile]:
        """Return the files of a run in the reports bucket, by name."""
        return list(self._objects(self._reports, self.prefix(run)))

    @staticmethod
    def prefix(run: str) -> str:
        """Return the prefix of a run's reports."""
        return f"weekly/{run}/"

    def _objects(self, bucket: str, prefix: str) -> Iterator[StoredFile]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                yield StoredFile(item["Key"], item["Size"], item["LastModified"])

    def _json(self, bucket: str, key: str) -> Mapping[str, Any] | None:
        """Return the JSON object of a key; an empty one if there is none, and None if it is damaged."""
        try:
            text = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return {}
        return json_object(text)


def _plan_key(run: str) -> str:
    return f"runs/{run}/plan.json"


def regions_of(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the regions of a plan, shard by shard."""
    return tuple(region for shard in _objects_of(plan.get("shards")) for region in _regions(shard))


def shard_of(plan: Mapping[str, Any], region: str) -> int | None:
    """Return the number of the shard that has a region in a plan."""
    for shard in _objects_of(plan.get("shards")):
        if region in _regions(shard):
            number = shard.get("shard")
            return number if isinstance(number, int) else None
    return None


def _objects_of(found: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list of a document, which may be damaged."""
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _regions(shard: Mapping[str, Any]) -> list[str]:
    names = shard.get("regions")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _time(text: Any) -> datetime | None:
    """Return the time in a text, or None for a text that is no time of a plan."""
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    # Days are added to it and taken from it, which the calendar's ends do not allow.
    return found if _FIRST_YEAR <= found.year < MAXYEAR else None
