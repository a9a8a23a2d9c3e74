import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import IncompleteReadError
from botocore.response import StreamingBody

from tests.container.processes import Fault
from worker.errors import ErrorName, WorkerError
from worker.s3 import JSON, Bucket


def test_only_the_first_of_two_writes_of_a_new_object_counts(reports: Bucket) -> None:
    assert reports.write_new("key", b"first", JSON)
    assert not reports.write_new("key", b"second", JSON)
    assert reports.read("key") == b"first"


def test_what_is_not_there_reads_as_nothing(reports: Bucket) -> None:
    assert reports.read("key") is None
    assert not reports.exists("key")


def test_an_object_exists_from_its_write_to_its_deletion(reports: Bucket) -> None:
    reports.write("key", b"", JSON)
    assert reports.exists("key")
    reports.delete("key")
    assert not reports.exists("key")


def test_an_object_is_replaced_only_as_long_as_it_is_the_one_that_was_read(reports: Bucket) -> None:
    reports.write("key", b"", JSON)
    _, etag = reports.read_with_etag("key") or (b"", "")
    assert reports.replace("key", b"mended", JSON, etag=etag)
    assert not reports.replace("key", b"late", JSON, etag=etag)
    assert reports.read("key") == b"mended"


def test_a_missing_bucket_is_told_with_its_name_and_a_remedy() -> None:
    with pytest.raises(WorkerError, match=r"nowhere-to-be-found.*create it") as caught:
        Bucket(boto3.client("s3"), "nowhere-to-be-found").check()
    assert caught.value.name == ErrorName.BUCKET_UNAVAILABLE


def test_s3_out_of_reach_is_told_as_a_matter_of_the_network() -> None:
    with pytest.raises(WorkerError, match="network") as caught:
        Bucket(boto3.client("s3", endpoint_url="http://127.0.0.1:1"), "any-bucket").check()
    assert caught.value.name == ErrorName.SERVICE_UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        ("SlowDown", 503, ErrorName.SERVICE_UNAVAILABLE),
        ("InternalError", 500, ErrorName.SERVICE_UNAVAILABLE),
        ("ThrottlingException", 400, ErrorName.SERVICE_UNAVAILABLE),
        ("RequestTimeout", 400, ErrorName.SERVICE_UNAVAILABLE),
        ("OperationAborted", 409, ErrorName.SERVICE_UNAVAILABLE),
        ("AccessDenied", 403, ErrorName.BUCKET_UNAVAILABLE),
        ("InvalidRequest", 400, ErrorName.BUCKET_UNAVAILABLE),
        ("ExpiredToken", 400, ErrorName.CREDENTIALS_INVALID),
    ],
)
def test_a_fault_that_passes_is_told_from_one_that_does_not(
    reports: Bucket, fault: Fault, error: str, status: int, name: ErrorName
) -> None:
    once = boto3.client("s3", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))
    fault(operation="s3:PutObject", error=error, status=status)
    with pytest.raises(WorkerError, match=error) as caught:
        Bucket(once, reports.name).write("key", b"", JSON)
    assert caught.value.name == name


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
