"""Web pages in a real browser cannot call the local AWS, even with an access key."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.local.emulator.browser import ELSEWHERE, attack, server, shown
from tests.local.emulator.local_aws import ROOT, RunningAws, unique

WAYS = ("simple", "cors", "preflighted", "image", "form")


@pytest.mark.parametrize("host", [ELSEWHERE, "127.0.0.1", "localhost"])
def test_a_page_of_another_origin_changes_nothing_and_reads_nothing(
    aws: RunningAws, tmp_path: Path, host: str
) -> None:
    bucket = unique("bucket")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="key", Body=b"body")
    # A bucket with CORS rules that allow every page.
    rule = {"AllowedMethods": ["GET", "DELETE"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    before = aws.admin("GET", "meter")

    with server() as other:
        targets = {"other": f"http://127.0.0.1:{other.port}", "aws": aws.endpoint}
        read = attack(tmp_path, host, targets, aws.aws.access_key_id, bucket)

    # The control server shows that the browser sends every attack, and preflights where needed.
    assert [way for way in WAYS if any(f"?{way}" in request for request in other.requests)] == list(WAYS)
    assert f"OPTIONS /{bucket}/key?preflighted" in other.requests
    assert aws.admin("GET", "meter") == before
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"body"
    assert {name: text for name, text in read.items() if name.startswith("aws") and text} == {}


def test_a_page_of_a_name_that_leads_here_is_refused(aws: RunningAws, tmp_path: Path) -> None:
    port = urlsplit(aws.endpoint).port
    key = f"X-Amz-Credential={aws.aws.access_key_id}/20261123/us-east-1/s3/aws4_request"

    document = shown(tmp_path, f"http://{ELSEWHERE}:{port}/moto-api/data.json?{key}")

    assert f"The Host header must be 127.0.0.1:{port} or localhost:{port}, once." in document


def test_an_address_that_is_typed_into_a_browser_is_refused_too(aws: RunningAws, tmp_path: Path) -> None:
    assert "Requests of web browsers are refused." in shown(tmp_path, f"{aws.endpoint}/moto-api/")


def test_ci_requires_a_browser() -> None:
    assert re.search(r"^export .*\bREQUIRE_BROWSER=1", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
