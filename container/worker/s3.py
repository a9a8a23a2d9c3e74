"""A bucket, with the conditional writes that make work by two workers at once harmless."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from worker.aws import passes
from worker.errors import ErrorName, WorkerError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

JSON = "application/json"
# Another write of the same key, at the same moment, can refuse a conditional one with 409 instead of 412.
_CONFLICT_ATTEMPTS = 5


class Bucket:
    """One S3 bucket.

    A fault of S3 is raised as a `WorkerError` that says what to do about it.
    """

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self.name = name

    def check(self) -> None:
        """See that the bucket exists and may be listed."""
        with self._faults("list"):
            self._client.head_bucket(Bucket=self.name)

    def read(self, key: str) -> bytes | None:
        """Return an object, or nothing when there is none."""
        found = self.read_with_etag(key)
        return found and found[0]

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        """Return an object and its ETag, or nothing when there is none."""
        with self._faults("read"):
            try:
                answer = self._client.get_object(Bucket=self.name, Key=key)
            except self._client.exceptions.NoSuchKey:
                return None
            return answer["Body"].read(), answer["ETag"]

    def exists(self, key: str) -> bool:
        """Return whether there is an object of this key."""
        with self._faults("read"):
            try:
                self._client.head_object(Bucket=self.name, Key=key)
            except ClientError as error:
                if _status(error) == 404:
                    return False
                raise
            return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with the prefix."""
        return (key for key, _ in self.entries(prefix))

    def entries(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Yield the keys that begin with the prefix, each with the time of its last write."""
        with self._faults("list"):
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=prefix
            ):
                for entry in page.get("Contents", ()):
                    yield entry["Key"], entry["LastModified"]

    def write(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object, whether or not there is one."""
        with self._faults("write"):
            self._client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)

    def write_new(self, key: str, body: bytes, content_type: str) -> bool:
        """Write an object unless there is one; return whether it was written."""
        return self._write_if(key, body, content_type, etag=None)

    def replace(self, key: str, body: bytes, content_type: str, *, etag: str) -> bool:
        """Write over an object unless it has changed since it had this ETag; return whether it was written."""
        return self._write_if(key, body, content_type, etag=etag)

    def delete(self, key: str) -> None:
        """Delete an object."""
        with self._faults("delete from"):
            self._client.delete_object(Bucket=self.name, Key=key)

    def _write_if(self, key: str, body: bytes, content_type: str, *, etag: str | None) -> bool:
        with self._faults("write"):
            for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
                try:
                    if etag is None:
                        self._client.put_object(
                            Bucket=self.name, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*"
                        )
                    else:
                        self._client.put_object(
                            Bucket=self.name, Key=key, Body=body, ContentType=content_type, IfMatch=etag
                        )
                except ClientError as error:
                    # 404: the object that was to be replaced is gone.
                    if _status(error) == 412 or (etag is not None and _status(error) == 404):
                        return False
                    if _status(error) != 409 or attempt == _CONFLICT_ATTEMPTS:
                        raise
                else:
                    return True
        raise AssertionError("unreachable")

    @contextmanager
    def _faults(self, action: str) -> Iterator[None]:
        try:
            yield
        except NoCredentialsError as error:
            raise WorkerError(
                ErrorName.CREDENTIALS_INVALID,
                f"No AWS credentials to {action} s3://{self.name}: give the task a role.",
            ) from error
        except ClientError as error:
            raise _explained(error, action, self.name) from error
        except BotoCoreError as error:
            name = ErrorName.SERVICE_UNAVAILABLE if passes(error) else ErrorName.BUCKET_UNAVAILABLE
            cause = f"s3://{self.name} does not answer ({error}): check the network's way to S3."
            raise WorkerError(name, cause) from error


def _explained(error: ClientError, action: str, bucket: str) -> WorkerError:
    code = error.response["Error"]["Code"]
    if code in {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}:
        return WorkerError(
            ErrorName.CREDENTIALS_INVALID,
            f"AWS refuses the credentials ({code}): check the role of the task.",
        )
    remedy = {
        403: f"allow the task's role to {action} it",
        404: "create it, or name another one in the settings",
    }.get(_status(error), "try again; if it lasts, see the AWS Health Dashboard")
    # 409: others have written the same key all the time.
    name = (
        ErrorName.SERVICE_UNAVAILABLE
        if passes(error) or _status(error) == 409
        else ErrorName.BUCKET_UNAVAILABLE
    )
    return WorkerError(name, f"Could not {action} s3://{bucket} ({code}): {remedy}.")


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
