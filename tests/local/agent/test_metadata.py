"""The metadata endpoint answers tasks, and refuses web pages."""

import http.client
from urllib.parse import urlsplit

import pytest

from local.agent.metadata import MetadataEndpoint
from local.agent.spec import ContainerSpec

SPEC = ContainerSpec(
    task_arn="arn:aws:ecs:us-east-1:123456789012:task/cluster/19f51196a4c2420da97116b527c94126",
    cluster_arn="arn:aws:ecs:us-east-1:123456789012:cluster/cluster",
    family="family",
    revision="1",
    name="monitor",
    image="image",
    arguments=["monitor"],
    environment={},
    secrets=[],
    log_options=None,
    stop_timeout_seconds=30,
    cpu_units=256,
    memory_mib=512,
)


@pytest.fixture(scope="module")
def endpoint() -> MetadataEndpoint:
    return MetadataEndpoint()


def status(address: str, path: str = "", **headers: str) -> int:
    url = urlsplit(address)
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.request(
        "GET", url.path + path, headers={name.replace("_", "-"): headers[name] for name in headers}
    )
    return connection.getresponse().status


def test_a_task_is_answered_as_long_as_it_is_known(endpoint: MetadataEndpoint) -> None:
    address = endpoint.add(SPEC)
    assert (status(address), status(address, "/task"), status(address, "/other")) == (200, 200, 404)
    endpoint.remove(SPEC)
    assert status(address) == 404


def test_an_address_is_not_to_be_guessed_from_a_task(endpoint: MetadataEndpoint) -> None:
    first, second = endpoint.add(SPEC), endpoint.add(SPEC)
    assert first != second
    assert SPEC.task_id not in first
    assert status(f"{first.rpartition('/')[0]}/{SPEC.task_id}") == 404


@pytest.mark.parametrize(
    "headers", [{"Origin": "null"}, {"Origin": ""}, {"Sec_Fetch_Site": "same-site"}, {"Host": "evil.test"}]
)
def test_a_browser_is_refused(endpoint: MetadataEndpoint, headers: dict[str, str]) -> None:
    assert status(endpoint.add(SPEC), **headers) == 403
