"""S3 as the protocols need it: conditional writes, and requests whose answers may be lost."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from tests.faults.reading import Put
from tests.protocols.process import LostError, ask

Answer = TypeVar("Answer")

START = datetime(2026, 11, 23, 6, tzinfo=UTC)


def fault(status: int, code: str) -> ClientError:
    """Return an error of S3 with its HTTP status."""
    return ClientError(
        {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "S3",
    )


def etag_of(body: bytes) -> str:
    """Return the ETag of a content: like S3's, its digest in quotes."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


@dataclass(frozen=True)
class Stored:
    """An object."""

    body: bytes
    written_at: datetime

    @property
    def etag(self) -> str:
        """The ETag, in quotes."""
        return etag_of(self.body)


@dataclass
class Store:
    """The objects of all buckets, which requests change one at a time."""

    objects: dict[tuple[str, str], Stored] = field(default_factory=dict)
    versions: dict[tuple[str, str], list[Put]] = field(default_factory=dict)
    written: int = 0

    def put(
        self, bucket: str, key: str, body: bytes, *, if_none_match: str | None, if_match: str | None
    ) -> str:
        """Write an object under its condition, and return its ETag."""
        found = self.objects.get((bucket, key))
        if if_none_match and found:
            raise fault(412, "PreconditionFailed")
        if if_match and found is None:
            raise fault(404, "NoSuchKey")
        if if_match and found and found.etag != if_match:
            raise fault(412, "PreconditionFailed")
        self.written += 1
        written = Stored(body, self.now)
        self.versions.setdefault((bucket, key), []).append(Put(body, self.now))
        self.objects[bucket, key] = written
        return written.etag

    @property
    def now(self) -> datetime:
        """The time of the last write; each write takes a second."""
        return START + timedelta(seconds=self.written)

    def get(self, bucket: str, key: str) -> Stored:
        """Return an object."""
        if (found := self.objects.get((bucket, key))) is None:
            raise fault(404, "NoSuchKey")
        return found

    def body(self, bucket: str, key: str) -> bytes | None:
        """Return the content of an object, or None if there is none."""
        found = self.objects.get((bucket, key))
        return found.body if found else None

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Return the keys that begin with a prefix."""
        return sorted(key for of, key in self.objects if of == bucket and key.startswith(prefix))


class Client:
    """The operations of a botocore client of S3 that the worker uses."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put_object(self, **asked: Any) -> dict[str, Any]:
        """Write an object."""
        body = asked["Body"] if isinstance(asked["Body"], bytes) else asked["Body"].read()
        return _answered(
            f"put {asked['Key']}",
            lambda: {
                "ETag": self._store.put(
                    asked["Bucket"],
                    asked["Key"],
                    body,
                    if_none_match=asked.get("IfNoneMatch"),
                    if_match=asked.get("IfMatch"),
                )
            },
        )

    def get_object(self, **asked: Any) -> dict[str, Any]:
        """Return an object."""

        def get() -> dict[str, Any]:
            found = self._store.get(asked["Bucket"], asked["Key"])
            return {"Body": io.BytesIO(found.body), "ETag": found.etag, "ContentLength": len(found.body)}

        return _answered(f"get {asked['Key']}", get)

    def list_objects_v2(self, **asked: Any) -> dict[str, Any]:
        """Return all keys that begin with a prefix, in one page."""

        def list_all() -> dict[str, Any]:
            found = [
                (key, self._store.get(asked["Bucket"], key))
                for key in self._store.keys(asked["Bucket"], asked["Prefix"])
            ]
            return {
                "Contents": [
                    {"Key": key, "LastModified": stored.written_at, "ETag": stored.etag}
                    for key, stored in found
                ]
            }

        return _answered(f"list {asked['Prefix']}", list_all)

    def delete_object(self, **asked: Any) -> dict[str, Any]:
        """Delete an object."""

        def delete() -> dict[str, Any]:
            self._store.objects.pop((asked["Bucket"], asked["Key"]), None)
            return {}

        return _answered(f"delete {asked['Key']}", delete)


def _answered(request: str, perform: Callable[[], Answer]) -> Answer:
    try:
        return ask(request, perform)
    except LostError as error:
        raise fault(503, "SlowDown") from error
