"""The schemas that the provider's process reads, and those of a program that imports pulumi_aws as usual."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from local.paths import ROOT
from local.provider.schema import Many, Object, PropertyType, Table, resource_schema
from local.provider.sdk import module_of
from local.provider.table import TABLE

READ = """
from local.provider.sdk import leave_packages_empty
leave_packages_empty()
import sys
from tests.local.provider.test_sdk import described
print(*described(), sep="\\n")
print(*sorted(name for name in sys.modules if name.startswith("pulumi_aws.cloudwatch.")), sep="\\n", file=sys.stderr)
"""

LATER = """
import pulumi_aws
from local.provider.sdk import module_of
home = module_of("s3", "Bucket")
assert pulumi_aws.s3.Bucket is home.Bucket, pulumi_aws.s3.Bucket
"""


def described() -> list[str]:
    """Return a line for each property of each type that the provider creates, those of its parts included."""
    return [line for token in sorted(TABLE) for line in lines_of(token)]


def lines_of(token: str) -> Iterator[str]:
    schema = resource_schema(token)
    assert schema is not None
    yield f"{token} {sorted(schema.optional_outputs)}"
    waiting: list[PropertyType] = [schema.inputs, schema.state]
    seen = set()
    while waiting:
        match waiting.pop():
            case Many(element) | Table(element):
                waiting.append(element)
            case Object(cls) as part if cls not in seen:
                seen.add(cls)
                yield f"{token} {cls} {sorted(part.required)} {sorted(part.properties.items())}"
                waiting.extend(part.properties.values())


def test_a_schema_is_the_same_without_the_rest_of_its_package() -> None:
    done = subprocess.run([sys.executable, "-c", READ], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == described()
    assert "pulumi_aws.cloudwatch.metric_alarm" in done.stderr
    assert "pulumi_aws.cloudwatch.composite_alarm" not in done.stderr


def test_a_program_that_reads_one_file_first_has_the_classes_of_its_package() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LATER], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("package", "resource", "file"),
    [
        ("lambda", "Function", "lambda_.function"),
        ("guardduty", "IPSet", "guardduty.ip_set"),
        ("cloud9", "EnvironmentEC2", "cloud9.environment_ec2"),
        ("appsync", "GraphQLApi", "appsync.graph_ql_api"),
        ("s3", "BucketServerSideEncryptionConfiguration", "s3.bucket_server_side_encryption_configuration"),
    ],
)
def test_a_resource_is_found_in_its_file(package: str, resource: str, file: str) -> None:
    assert module_of(package, resource).__name__ == f"pulumi_aws.{file}"


def test_a_resource_that_pulumi_aws_does_not_have_is_an_import_error() -> None:
    with pytest.raises(ImportError):
        module_of("ec2", "Nothing")
