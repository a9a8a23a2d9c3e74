"""Attacks on a running local AWS, and the error for a request without a key."""

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("budgets", "describe_budgets", {"AccountId": "123456789012"}),
    ("cloudwatch", "list_metrics", {}),
    ("ec2", "describe_vpcs", {}),
    ("ecr", "describe_repositories", {}),
    ("ecs", "list_clusters", {}),
    ("events", "list_rules", {}),
    ("iam", "list_roles", {}),
    ("kms", "list_keys", {}),
    ("lambda", "list_functions", {}),
    ("logs", "describe_log_groups", {}),
    ("s3", "get_object", {"Bucket": "bucket", "Key": "key"}),
    ("s3", "list_buckets", {}),
    ("scheduler", "get_schedule", {"Name": "schedule"}),
    ("scheduler", "create_schedule_group", {"Name": "group"}),
    ("secretsmanager", "list_secrets", {}),
    ("sns", "list_topics", {}),
    ("sqs", "list_queues", {}),
    ("ssm", "describe_parameters", {}),
    ("stepfunctions", "list_state_machines", {}),
    ("sts", "get_caller_identity", {}),
]


def answer(aws: RunningAws, *lines: str) -> str:
    """Send the bytes of a request, and return the whole answer."""
    address = urlsplit(aws.endpoint)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        connection.settimeout(30)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def status(aws: RunningAws, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint).netloc, timeout=30)
    connection.request(method, path, headers=dict(headers))
    answered = connection.getresponse()
    return answered.status, {name.lower(): value for name, value in answered.getheaders()}


@pytest.mark.parametrize(("service", "operation", "arguments"), CALLS)
def test_a_client_with_an_outdated_key_gets_an_error_with_the_command_that_loads_the_new_one(
    aws: RunningAws, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    stale = replace(aws.aws, access_key_id="AKIAIOSFODNN7EXAMPLE").client(service)
    with pytest.raises(ClientError) as raised:
        getattr(stale, operation)(**arguments)

    error = raised.value.response["Error"]
    assert (error["Code"], raised.value.response["ResponseMetadata"]["HTTPStatusCode"]) == (
        "AccessDenied",
        403,
    )
    assert error["Message"].startswith(
        "The access key is not one of this local AWS, which creates new keys at each start."
    )
    assert f"`set -a; . {aws.credentials}/developer.env; set +a`" in error["Message"]


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_has_its_key_in_it(aws: RunningAws, version: str) -> None:
    bucket = unique("bucket")
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("s3").put_object(Bucket=bucket, Key="key", Body=b"body")
    client = aws.aws.client("s3", signature_version=version)
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    assert aws.aws.access_key_id in url

    with urllib.request.urlopen(url) as opened:  # noqa: S310 - the address is this machine's
        assert opened.read() == b"body"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.replace(aws.aws.access_key_id, "AKIAIOSFODNN7EXAMPLE"))  # noqa: S310


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("HEAD", "/bucket"),
        ("PUT", "/bucket"),
        ("GET", "/moto-api/"),
        ("GET", "/moto-api/data.json"),
        ("POST", "/moto-api/reset"),
        ("POST", "/%6doto-api/reset"),
        ("POST", "//moto-api/reset"),
        ("POST", "/ccapi/faults"),
        ("GET", "/ccapi/meter"),
        ("POST", "/ccapi/access-keys"),
        ("GET", "/favicon.ico"),
        ("GET", "/latest/meta-data/iam/security-credentials/"),
        ("GET", "/us-east-1_abc/.well-known/jwks.json"),
        ("GET", "/moto-api/static/x"),
    ],
)
def test_no_path_answers_without_a_key(aws: RunningAws, method: str, path: str) -> None:
    answered, headers = status(aws, method, path, {})
    assert answered == 403
    assert not [name for name in headers if name.startswith("access-control")]


def test_a_request_from_another_origin_is_refused_even_if_the_bucket_allows_it(aws: RunningAws) -> None:
    bucket = unique("bucket")
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket)
    rule = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    key = {"Authorization": aws.aws.authorization.replace("/ccapi/", "/s3/")}

    for method, headers, wanted in [
        ("GET", {}, 200),
        ("GET", {"Origin": "http://evil.test"}, 403),
        ("GET", {"Origin": ""}, 403),
        ("OPTIONS", {}, 403),
        ("OPTIONS", {"Origin": "http://evil.test", "Access-Control-Request-Method": "PUT"}, 403),
    ]:
        answered, sent = status(aws, method, f"/{bucket}", key | headers)
        assert (answered, [name for name in sent if name.startswith("access-control")]) == (wanted, [])


def test_the_host_that_counts_cannot_be_confused(aws: RunningAws) -> None:
    netloc, key = urlsplit(aws.endpoint).netloc, f"Authorization: {aws.aws.authorization}"
    assert " 200 " in answer(aws, "GET /ccapi/clock HTTP/1.1", f"Host: {netloc}", key)
    for lines in [
        ("GET /ccapi/clock HTTP/1.1",),
        ("GET /ccapi/clock HTTP/1.0",),
        ("GET /ccapi/clock HTTP/1.1", f"Host: {netloc}", "Host: evil.test"),
        ("GET /ccapi/clock HTTP/1.1", "Host: evil.test", f"Host: {netloc}"),
        ("GET /ccapi/clock HTTP/1.1", f"Host: {netloc}", f"Host: {netloc}"),
        ("GET /ccapi/clock HTTP/1.1", "Host: evil.test", f"X-Forwarded-Host: {netloc}"),
        (f"GET http://{netloc}/ccapi/clock HTTP/1.1", "Host: evil.test"),
        (f"GET http://{netloc}/ccapi/clock HTTP/1.1", f"Host: {netloc}"),
        ("GET http://evil.test/ccapi/clock HTTP/1.1", f"Host: {netloc}"),
        ("GET /ccapi/clock HTTP/1.1", f"Host: {netloc}", "Origin:"),
    ]:
        assert " 403 " in answer(aws, *lines, key).partition("\r\n")[0], lines


def test_nothing_in_the_body_of_a_refused_request_is_taken_for_another(aws: RunningAws) -> None:
    netloc = urlsplit(aws.endpoint).netloc
    hidden = f"GET /ccapi/clock HTTP/1.1\r\nHost: {netloc}\r\nAuthorization: {aws.aws.authorization}\r\n\r\n"
    head = [
        "POST / HTTP/1.1",
        f"Host: {netloc}",
        "Origin: null",
        f"Content-Length: {len(hidden)}",
        "",
        hidden,
    ]

    answered = answer(aws, *head)

    assert answered.count("HTTP/1.1 ") == 1
    assert answered.startswith("HTTP/1.1 403")


def test_a_virtual_host_of_s3_is_refused(aws: RunningAws) -> None:
    port = urlsplit(aws.endpoint).port
    key = f"Authorization: {aws.aws.authorization}"
    assert " 403 " in answer(aws, "GET / HTTP/1.1", f"Host: bucket.localhost:{port}", key)


def test_a_task_has_a_key_while_it_runs_that_does_not_open_admin_paths(aws: RunningAws) -> None:
    task = aws.run_task(aws.create_cluster(), aws.register())
    of_task = aws.as_task(task)
    assert of_task.client("s3").list_buckets()["Buckets"] is not None
    with pytest.raises(urllib.error.HTTPError, match="403"):
        of_task.admin("GET", "meter")

    aws.report(task, "STOPPED")

    with pytest.raises(ClientError, match="not one of this local AWS"):
        of_task.client("s3").list_buckets()
    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.as_task(task)


def test_no_other_caller_can_act_for_an_execution(aws: RunningAws) -> None:
    ended = aws.start({"A": {"Type": "Succeed"}})
    aws.ended(ended)
    client = aws.aws.client("ssm")
    client.meta.events.register(
        "before-sign", lambda request, **_: request.headers.add_header("X-Ccapi-Execution", ended)
    )

    client.describe_parameters()

    (account,) = (found for found in aws.admin("GET", "meter")["executions"] if found["execution"] == ended)
    assert account["requests"] == {}
