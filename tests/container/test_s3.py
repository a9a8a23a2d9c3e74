from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import IncompleteReadError
from botocore.response import StreamingBody

from tests.container.processes import Fault
from worker import aws, s3
from worker.aws import REFUSAL_PAUSES_SECONDS
from worker.errors import ErrorName, WorkerError
from worker.s3 import JSON, Bucket


def test_only_the_first_of_two_writes_of_a_new_object_counts(reports: Bucket) -> None:
    assert reports.write_new("key", b"first", JSON)
    assert not reports.write_new("key", b"second", JSON)
    assert reports.read("key") == b"first"


def test_a_missing_object_reads_as_none(reports: Bucket) -> None:
    assert reports.read("key") is None
    assert reports.read("key") is None


def test_an_object_exists_from_its_write_to_its_deletion(reports: Bucket) -> None:
    reports.write("key", b"", JSON)
    assert reports.read("key") is not None
    reports.delete("key")
    assert reports.read("key") is None


def test_an_object_is_replaced_only_as_long_as_it_is_the_one_that_was_read(reports: Bucket) -> None:
    reports.write("key", b"", JSON)
    _, etag = reports.read_with_etag("key") or (b"", "")
    assert reports.replace("key", b"mended", JSON, etag=etag)
    assert not reports.replace("key", b"late", JSON, etag=etag)
    assert reports.read("key") == b"mended"


def test_a_missing_bucket_is_reported_with_its_name_and_a_remedy() -> None:
    with pytest.raises(WorkerError, match=r"create s3://nowhere-to-be-found, or") as caught:
        Bucket(boto3.client("s3"), "nowhere-to-be-found").is_empty("weekly/")
    assert caught.value.name == ErrorName.BUCKET_UNAVAILABLE


def test_an_unreachable_s3_is_reported_as_a_network_problem() -> None:
    with pytest.raises(WorkerError, match="network") as caught:
        Bucket(boto3.client("s3", endpoint_url="http://127.0.0.1:1"), "any-bucket").is_empty("weekly/")
    assert caught.value.name == ErrorName.SERVICE_UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        ("SlowDown", 503, ErrorName.SERVICE_UNAVAILABLE),
        ("InternalError", 500, ErrorName.SERVICE_UNAVAILABLE),
        ("ThrottlingException", 400, ErrorName.SERVICE_UNAVAILABLE),
        ("RequestTimeout", 400, ErrorName.SERVICE_UNAVAILABLE),
        ("OperationAborted", 409, ErrorName.SERVICE_UNAVAILABLE),
        ("EntityTooLarge", 400, ErrorName.OBJECT_REFUSED),
        ("EntityTooLarge", 413, ErrorName.OBJECT_REFUSED),
        ("RequestEntityTooLarge", 413, ErrorName.OBJECT_REFUSED),
        ("KeyTooLongError", 400, ErrorName.OBJECT_REFUSED),
        ("NoSuchKey", 404, ErrorName.OBJECT_REFUSED),
        ("NoSuchBucket", 404, ErrorName.BUCKET_UNAVAILABLE),
        ("InvalidRequest", 400, ErrorName.BUCKET_UNAVAILABLE),
        ("ExpiredToken", 400, ErrorName.CREDENTIALS_INVALID),
    ],
)
def test_a_transient_fault_is_distinguished_from_a_permanent_one(
    reports: Bucket, fault: Fault, error: str, status: int, name: ErrorName
) -> None:
    once = boto3.client("s3", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))
    fault(operation="s3:PutObject", error=error, status=status)
    with pytest.raises(WorkerError, match=error) as caught:
        Bucket(once, reports.name).write("key", b"", JSON)
    assert caught.value.name == name


REFUSALS = len(REFUSAL_PAUSES_SECONDS)
AT_ONCE = pytest.mark.usefixtures("no_pauses")


@AT_ONCE
@pytest.mark.parametrize(
    "error", ["AccessDenied", "InvalidAccessKeyId", "RequestTimeTooSkewed", "SignatureDoesNotMatch"]
)
@pytest.mark.parametrize("operation", ["PutObject", "GetObject", "ListObjectsV2", "DeleteObject"])
def test_a_refusal_that_lasts_for_a_moment_ends_nothing(
    reports: Bucket, fault: Fault, error: str, operation: str
) -> None:
    reports.write("weekly/key", b"1", JSON)
    fault(operation=f"s3:{operation}", error=error, status=403, times=REFUSALS)
    assert CALLS[operation](reports) in (None, b"1", True, ["weekly/key"])


CALLS: dict[str, Callable[[Bucket], Any]] = {
    "PutObject": lambda bucket: bucket.write_new("weekly/other", b"1", JSON) is not None,
    "GetObject": lambda bucket: bucket.read("weekly/key"),
    "ListObjectsV2": lambda bucket: list(bucket.keys("weekly/")),
    "DeleteObject": lambda bucket: bucket.delete("weekly/key"),
}
PERMISSIONS = {
    "PutObject": "s3:PutObject",
    "GetObject": "s3:GetObject",
    "ListObjectsV2": "s3:ListBucket",
    "DeleteObject": "s3:DeleteObject",
}


@AT_ONCE
@pytest.mark.parametrize("operation", CALLS)
def test_a_refusal_that_lasts_is_reported_with_the_action_and_the_resource(
    reports: Bucket, fault: Fault, operation: str
) -> None:
    reports.write("weekly/key", b"1", JSON)
    fault(operation=f"s3:{operation}", error="AccessDenied", status=403, times=1 + REFUSALS)
    with pytest.raises(WorkerError) as caught:
        CALLS[operation](reports)
    assert caught.value.name == ErrorName.BUCKET_UNAVAILABLE
    assert f"allow the task's role {PERMISSIONS[operation]}" in caught.value.cause
    assert f"s3://{reports.name}/weekly/" in caught.value.cause


@AT_ONCE
def test_a_key_that_refuses_is_reported_in_the_words_of_aws(reports: Bucket, fault: Fault) -> None:
    said = "User: arn:role is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:key"
    fault(operation="s3:PutObject", error="AccessDenied", status=403, message=said, times=1 + REFUSALS)
    with pytest.raises(WorkerError, match="kms:GenerateDataKey on resource"):
        reports.write("weekly/key", b"1", JSON)


@AT_ONCE
def test_a_missing_object_reads_as_none_for_a_role_that_may_list_only_prefixes(
    reports: Bucket, fault: Fault
) -> None:
    reports.write("weekly/key.json", b"1", JSON)
    fault(operation="s3:GetObject", error="AccessDenied", status=403)
    assert reports.read("weekly/other.json") is None


def test_an_object_that_is_too_large_for_the_memory_is_not_read(
    reports: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "MOST_BYTES_READ", 10)
    reports.write("weekly/key", b"x" * 11, JSON)
    with pytest.raises(WorkerError, match="weekly/key has 11 bytes, and the maximum is 10"):
        reports.read("weekly/key")


def test_an_object_is_fetched_into_a_file(reports: Bucket, tmp_path: Path) -> None:
    reports.write("key", b"x" * 3_000_000, JSON)
    with (tmp_path / "file").open("wb") as file:
        assert reports.fetch("key", file, most_bytes=4_000_000)
        assert not reports.fetch("nowhere", file, most_bytes=4_000_000)
        with pytest.raises(WorkerError, match="the maximum is 10"):
            reports.fetch("key", file, most_bytes=10)
    assert (tmp_path / "file").stat().st_size == 3_000_000


@pytest.mark.parametrize("heartbeat_seconds", [None, 1, 60, 120, 300, 600, 3600])
def test_a_call_that_hangs_is_cut_within_a_heartbeat(heartbeat_seconds: float | None) -> None:
    config: Any = aws.config_within(heartbeat_seconds)
    longest = aws.longest_call_seconds(
        config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]
    )
    # The shortest heartbeat that settings can have is a minute.
    assert longest < max(heartbeat_seconds or 0, 60) / 2


def test_a_body_that_breaks_off_passes(reports: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks_off(*_: object, **__: object) -> bytes:
        raise IncompleteReadError(actual_bytes=1, expected_bytes=2)

    reports.write("key", b"12", JSON)
    monkeypatch.setattr(StreamingBody, "read", breaks_off)
    with pytest.raises(WorkerError) as caught:
        reports.read("key")
    assert caught.value.name == ErrorName.SERVICE_UNAVAILABLE


def test_a_name_that_no_bucket_can_have_does_not_pass(reports: Bucket) -> None:
    with pytest.raises(WorkerError) as caught:
        reports.read("")
    assert caught.value.name == ErrorName.BUCKET_UNAVAILABLE
