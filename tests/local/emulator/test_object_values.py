import pytest

from tests.local.emulator.local_aws import RunningAws, unique

MIB = 1024**2


@pytest.fixture
def bucket(aws: RunningAws) -> str:
    name = unique("bucket")
    aws.client("s3").create_bucket(Bucket=name)
    return name


def test_values_take_no_memory(aws: RunningAws, bucket: str) -> None:
    s3, first = aws.client("s3"), MIB * b"0"
    s3.put_object(Bucket=bucket, Key="0", Body=first)
    before = aws.resident_bytes

    for number in range(1, 80):
        s3.put_object(Bucket=bucket, Key=str(number), Body=MIB * bytes([number]))

    assert aws.resident_bytes - before < 20 * MIB
    assert s3.get_object(Bucket=bucket, Key="0")["Body"].read() == first


def test_a_value_is_what_was_written_last(aws: RunningAws, bucket: str) -> None:
    s3 = aws.client("s3")
    for body in (b"first", b"", b"the third"):
        s3.put_object(Bucket=bucket, Key="it", Body=body)
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "it"})

        for key in ("it", "copy"):
            assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body
            assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == len(body)

    assert s3.get_object(Bucket=bucket, Key="it", Range="bytes=4-8")["Body"].read() == b"third"


def test_the_parts_of_an_upload_are_put_together(aws: RunningAws, bucket: str) -> None:
    s3, bodies = aws.client("s3"), [5 * MIB * b"0", b"end"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="it")["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(Bucket=bucket, Key="it", UploadId=upload, PartNumber=number, Body=body)[
                "ETag"
            ],
        }
        for number, body in enumerate(bodies, start=1)
    ]
    s3.complete_multipart_upload(Bucket=bucket, Key="it", UploadId=upload, MultipartUpload={"Parts": parts})

    assert s3.get_object(Bucket=bucket, Key="it")["Body"].read() == b"".join(bodies)
