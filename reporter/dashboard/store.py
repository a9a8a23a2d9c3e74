"""The objects of the dashboard in the reports bucket."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from reporter import log
from reporter.aws import AWS_ERRORS, error_name
from reporter.clock import Clock
from reporter.dashboard.ended_run import summary_key
from reporter.dashboard.history import History, HistoryError, parse
from reporter.links import PAGE_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HISTORY_KEY = "history.json"
UNREADABLE = "history.unreadable/"
"""The prefix of the copies of histories that could not be read."""
WRITE_ATTEMPTS = 6
_PAUSE_SECONDS = 0.2
_OVERTAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_MISSING = "NoSuchKey"
# Without permission to list the bucket, as the reporter is, S3 answers so for an object that does not exist.
_DENIED = frozenset({"AccessDenied", "403"})


class Clients(Protocol):
    """The part of the clients of AWS that the store uses."""

    @property
    def s3(self) -> "S3Client":
        """Return the client of S3."""
        ...


class NotWrittenError(Exception):
    """The history was not written, and is as it was; the text is the reason."""


class Store:
    """The history and the page of a reports bucket."""

    def __init__(self, bucket: str, aws: Clients, clock: Clock) -> None:
        self._bucket = bucket
        self._aws = aws
        self._clock = clock

    def history(self) -> History:
        """Return the history; an empty one if there is none.

        Raises:
            HistoryError: if it is damaged, or has another version.
            ClientError: if the caller may not read it.
        """
        body, _ = self._object(HISTORY_KEY)
        return History() if body is None else parse(body)

    def change(self, change: Callable[[History], History]) -> History:
        """Write the changed history, and return it; no change of another writer is lost.

        An unreadable history is copied to another key, and a new one begins.

        Raises:
            NotWrittenError: if other writers changed it at each attempt, or if it exists and may not be read.
        """
        is_denied = False
        for attempt in range(WRITE_ATTEMPTS):
            if attempt:
                self._clock.sleep(_PAUSE_SECONDS * attempt)
            body, etag, is_denied = self._read(HISTORY_KEY)
            changed = change(self._parsed(body))
            condition: dict[str, Any] = {"IfMatch": etag} if body is not None else {"IfNoneMatch": "*"}
            try:
                self._write(HISTORY_KEY, changed.encoded(), "application/json", **condition)
            except AWS_ERRORS as error:
                if error_name(error) not in _OVERTAKEN:
                    raise
            else:
                return changed
        raise NotWrittenError(
            f"{HISTORY_KEY} exists, and the caller may not read it: s3:GetObject, or the use of its key, is denied"
            if is_denied
            else f"other writers changed {HISTORY_KEY} at each of {WRITE_ATTEMPTS} attempts"
        )

    def summary(self, run_id: str) -> Mapping[str, Any]:
        """Return the summary of a run; an empty one if there is none that can be read."""
        body, _, _ = self._read(summary_key(run_id))
        try:
            found = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            log.error("the summary of a run is damaged", run=run_id)
            return {}
        return found if isinstance(found, dict) else {}

    def write_page(self, page: str) -> None:
        """Write the page."""
        self._write(PAGE_KEY, page.encode(), "text/html; charset=utf-8")

    def _parsed(self, body: bytes | None) -> History:
        if body is None:
            return History()
        try:
            return parse(body)
        except HistoryError as error:
            now = datetime.fromtimestamp(self._clock.now(), UTC)
            copy = f"{UNREADABLE}{now:%Y-%m-%dT%H-%M-%SZ}.json"
            self._write(copy, body, "application/json")
            log.error(
                "the history of runs cannot be read and begins again; `ccapi dashboard --rebuild` restores it",
                copy=copy,
                error=str(error)[:200],
            )
            return History()

    def _read(self, key: str) -> tuple[bytes | None, str, bool]:
        """Return an object and its ETag, and True if S3 does not say whether the object exists."""
        try:
            return *self._object(key), False
        except AWS_ERRORS as error:
            if error_name(error) not in _DENIED:
                raise
            return None, "", True

    def _object(self, key: str) -> tuple[bytes | None, str]:
        """Return an object and its ETag; None if it does not exist."""
        try:
            found = self._aws.s3.get_object(Bucket=self._bucket, Key=key)
            return found["Body"].read(), found["ETag"]
        except AWS_ERRORS as error:
            if error_name(error) != _MISSING:
                raise
            return None, ""

    def _write(self, key: str, body: bytes, content_type: str, **condition: Any) -> None:
        self._aws.s3.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=body,
            ContentType=content_type,
            CacheControl="no-cache",
            **condition,
        )
