import gc

from tests.local.emulator.local_aws import RunningAws, unique


def test_each_listed_version_is_the_stored_one(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"the second"):
        s3.put_object(Bucket=bucket, Key="it", Body=body)

    for _ in range(2):
        listed = s3.list_object_versions(Bucket=bucket)["Versions"]
        gc.collect()
        assert [(each["Size"], each["IsLatest"]) for each in listed] == [(10, True), (5, False)]

    read = [
        s3.get_object(Bucket=bucket, Key="it", VersionId=each["VersionId"])["Body"].read() for each in listed
    ]
    assert read == [b"the second", b"first"]
