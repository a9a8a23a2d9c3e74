"""An S3 bucket, with conditional writes that make the overlap of two workers harmless."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import IO, TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from worker.aws import is_refusal, passes, status_of, tried_again
from worker.errors import ErrorName, WorkerError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

Answer = TypeVar("Answer")

JSON = "application/json"
MOST_BYTES_READ = 64 * 1024**2
"""The largest object that is read into memory."""
# S3 refuses a conditional write with 409 instead of 412 if another write of the key is in progress.
_CONFLICT_ATTEMPTS = 5
_CHUNK_BYTES = 1024**2
# Errors that concern one object only.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_OBJECT_CODES = {
    "EntityTooLarge": "S3 accepts at most 5 GiB in one request: make it smaller",
    "InvalidObjectState": "it is archived: restore it",
    "InvalidURI": "S3 does not accept this name: choose another one",
    "KeyTooLongError": "its name is longer than 1,024 bytes: make it shorter",
    "MaxMessageLengthExceeded": "the request is too large: make it smaller",
    "NoSuchKey": "it does not exist",
}
_OBJECT_STATUSES = {413: "it is too large: make it smaller", 414: "its name is too long: make it shorter"}


class _Action(NamedTuple):
    verb: str
    permission: str


_LIST = _Action("list", "s3:ListBucket")
_READ = _Action("read", "s3:GetObject")
_WRITE = _Action("write", "s3:PutObject")
_DELETE = _Action("delete", "s3:DeleteObject")


class Listed(NamedTuple):
    """An object in a listing of its bucket."""

    key: str
    written_at: datetime
    etag: str


class Bucket:
    """One S3 bucket.

    An error of S3 is raised as a `WorkerError` that names the remedy: `OBJECT_REFUSED` if it concerns one object,
    another name if it concerns the bucket. A refused request is retried for some seconds first.
    """

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self.name = name

    def is_empty(self, prefix: str) -> bool:
        """Return true if no key begins with the prefix."""
        list_one = partial(self._client.list_objects_v2, Bucket=self.name, Prefix=prefix, MaxKeys=1)
        return not self._call(_LIST, prefix, list_one).get("Contents")

    def read(self, key: str) -> bytes | None:
        """Return the content of an object, or None if there is none."""
        found = self.read_with_etag(key)
        return found and found[0]

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        """Return the content of an object and its ETag, or None if there is none."""

        def read() -> tuple[bytes, str] | None:
            answer = self._opened(key, MOST_BYTES_READ)
            return answer and (answer["Body"].read(), answer["ETag"])

        return self._call(_READ, key, read)

    def fetch(self, key: str, to: IO[bytes], most_bytes: int) -> bool:
        """Write the content of an object into an open file, in pieces; return false if there is none."""

        def fetched() -> bool:
            answer = self._opened(key, most_bytes)
            if answer is None:
                return False
            to.seek(0)
            to.truncate()
            for piece in answer["Body"].iter_chunks(_CHUNK_BYTES):
                to.write(piece)
            return True

        return self._call(_READ, key, fetched)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with the prefix."""
        return (entry.key for entry in self.entries(prefix))

    def entries(self, prefix: str) -> Iterator[Listed]:
        """Yield the objects whose keys begin with the prefix."""
        list_page = partial(self._client.list_objects_v2, Bucket=self.name, Prefix=prefix)
        ask = list_page
        while True:
            page = self._call(_LIST, prefix, ask)
            for entry in page.get("Contents", ()):
                yield Listed(entry["Key"], entry["LastModified"], entry["ETag"])
            if not page.get("IsTruncated"):
                return
            ask = partial(list_page, ContinuationToken=page["NextContinuationToken"])

    def write(self, key: str, body: bytes | BinaryIO, content_type: str) -> None:
        """Write an object, and overwrite an existing one; a file is read in pieces."""

        def write() -> None:
            if not isinstance(body, bytes):
                body.seek(0)
            self._client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)

        self._call(_WRITE, key, write)

    def write_new(self, key: str, body: bytes, content_type: str) -> str | None:
        """Write an object unless there is one; return its ETag, or None if it was not written."""
        return self.write_if(key, body, content_type, etag=None)

    def replace(self, key: str, body: bytes, content_type: str, *, etag: str) -> str | None:
        """Overwrite an object if it still has this ETag; return its new one, or None if it was not written."""
        return self.write_if(key, body, content_type, etag=etag)

    def delete(self, key: str) -> None:
        """Delete an object."""
        self._call(_DELETE, key, lambda: self._client.delete_object(Bucket=self.name, Key=key))

    def _opened(self, key: str, most_bytes: int) -> "GetObjectOutputTypeDef | None":
        try:
            answer = self._client.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if self._is_missing(key, error):
                return None
            raise
        if answer["ContentLength"] > most_bytes:
            answer["Body"].close()
            raise WorkerError(
                ErrorName.OBJECT_REFUSED,
                f"s3://{self.name}/{key} has {answer['ContentLength']:,} bytes, and the maximum is {most_bytes:,}: "
                "delete it.",
            )
        return answer

    def _is_missing(self, key: str, error: ClientError) -> bool:
        """Return true if an error means that there is no such object.

        S3 answers 403 for a missing object if the role may list only below some prefixes.
        """
        if status_of(error) == 404:
            return error.response["Error"]["Code"] != "NoSuchBucket"
        if not is_refusal(error):
            return False
        try:
            page = self._client.list_objects_v2(Bucket=self.name, Prefix=key, MaxKeys=1)
        except ClientError:
            return False
        return all(entry["Key"] != key for entry in page.get("Contents", ()))

    def write_if(self, key: str, body: bytes, content_type: str, *, etag: str | None) -> str | None:
        """Write an object if the present one has this ETag, or, for None, if there is none; return the new one's ETag.

        None is returned if the object was not written.
        """
        put = partial(self._client.put_object, Bucket=self.name, Key=key, Body=body, ContentType=content_type)
        put = partial(put, IfNoneMatch="*") if etag is None else partial(put, IfMatch=etag)

        def write() -> str | None:
            for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
                try:
                    return put()["ETag"]
                except ClientError as error:
                    # 404: the object to be replaced was deleted.
                    if status_of(error) == 412 or (etag is not None and self._is_gone(error)):
                        return None
                    if status_of(error) != 409 or attempt == _CONFLICT_ATTEMPTS:
                        raise
            raise AssertionError("unreachable")

        return self._call(_WRITE, key, write)

    @staticmethod
    def _is_gone(error: ClientError) -> bool:
        return status_of(error) == 404 and error.response["Error"]["Code"] != "NoSuchBucket"

    def _call(self, action: _Action, key: str, call: Callable[[], Answer]) -> Answer:
        with self._faults(action, key):
            return tried_again(call)

    @contextmanager
    def _faults(self, action: _Action, key: str) -> Iterator[None]:
        where = f"s3://{self.name}/{key}"
        try:
            yield
        except NoCredentialsError as error:
            raise WorkerError(
                ErrorName.CREDENTIALS_INVALID,
                f"No AWS credentials to {action.verb} {where}: give the task a role.",
            ) from error
        except ClientError as error:
            raise _explained(error, action, self.name, where) from error
        except BotoCoreError as error:
            name = ErrorName.SERVICE_UNAVAILABLE if passes(error) else ErrorName.BUCKET_UNAVAILABLE
            cause = f"s3://{self.name} does not answer ({error}): check the network route to S3."
            raise WorkerError(name, cause) from error
        except UnicodeError as error:
            raise WorkerError(
                ErrorName.OBJECT_REFUSED, f"Could not {action.verb} s3://{self.name}: a name is not UTF-8."
            ) from error


def _explained(error: ClientError, action: _Action, bucket: str, where: str) -> WorkerError:
    code, status = error.response["Error"]["Code"], status_of(error)
    if code in {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}:
        return WorkerError(
            ErrorName.CREDENTIALS_INVALID,
            f"AWS refuses the credentials to {action.verb} {where} ({code}): check the task's role.",
        )
    could_not = f"Could not {action.verb} {where} ({code})"
    if remedy := _OBJECT_CODES.get(code) or _OBJECT_STATUSES.get(status):
        return WorkerError(ErrorName.OBJECT_REFUSED, f"{could_not}: {remedy}.")
    if is_refusal(error):
        # AWS names the action and the resource if a KMS key or another policy denies the request.
        said = error.response["Error"].get("Message", "")
        more = f" AWS says: {said[:500]}" if "not authorized to perform" in said else ""
        return WorkerError(
            ErrorName.BUCKET_UNAVAILABLE,
            f"{could_not}: allow the task's role {action.permission} on it.{more}",
        )
    if code in {"NoSuchBucket", "404"}:
        return WorkerError(
            ErrorName.BUCKET_UNAVAILABLE,
            f"{could_not}: create s3://{bucket}, or name another one in the settings.",
        )
    # 409: other writes of the same key were in progress at every try.
    passing = passes(error) or status == 409
    name = ErrorName.SERVICE_UNAVAILABLE if passing else ErrorName.BUCKET_UNAVAILABLE
    remedy = (
        "try again; if it lasts, see the AWS Health Dashboard"
        if passing
        else f"S3 says: {error.response['Error'].get('Message', '')[:300]}"
    )
    return WorkerError(name, f"{could_not}: {remedy}.")
