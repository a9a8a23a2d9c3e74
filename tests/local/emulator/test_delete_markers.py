from tests.local.emulator.local_aws import RunningAws, unique


def test_a_versioned_bucket_can_be_emptied_and_deleted(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="k")

    listed = s3.list_object_versions(Bucket=bucket)
    for version in (*listed["Versions"], *listed["DeleteMarkers"]):
        s3.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": "k", "VersionId": version["VersionId"]}]}
        )
    s3.delete_bucket(Bucket=bucket)

    assert bucket not in {found["Name"] for found in s3.list_buckets()["Buckets"]}
