"""Access to the channels: the operator's paths need the token, and web pages are refused everywhere."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.local.channels.server import Running, running, send


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Bearer x", "Basic x", "é"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "received"), ("GET", "faults"), ("POST", "faults"), ("DELETE", "faults")]
)
def test_without_the_token_nothing_is_read_or_changed(
    channels: Running, method: str, path: str, authorization: str
) -> None:
    headers = {"Authorization": authorization.encode().decode("latin-1")}
    answer = send(f"{channels.access.endpoint}/{path}", b"{}", headers, method)
    assert answer.status == 401
    assert channels.access.token not in answer.body


def test_the_token_of_another_start_is_refused(channels: Running) -> None:
    with running() as other:
        headers = {"Authorization": other.access.authorization}
    assert send(f"{channels.access.endpoint}/received", None, headers, "GET").status == 401


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "example.com"},
        {"Host": "127.0.0.1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["received", "faults", "hook", "v2/enqueue", "services/T/B/x", ""])
def test_a_web_page_is_refused_even_with_the_token(
    channels: Running, path: str, header: dict[str, str]
) -> None:
    headers = {"Authorization": channels.access.authorization, **header}
    for method in ("GET", "POST"):
        answer = send(f"{channels.access.endpoint}/{path}", b"{}", headers, method)
        assert answer.status == 403
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert channels.access.received()["refused"] == []


def test_a_web_page_that_knows_the_webhook_posts_nothing(channels: Running) -> None:
    answer = send(channels.access.slack_webhook_url, {"text": "x"}, {"Origin": "https://example.com"})
    assert answer.status == 403
    assert channels.received("slack") == []


def test_a_preflight_is_refused(channels: Running) -> None:
    assert send(channels.access.slack_webhook_url, method="OPTIONS").status == 403


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (("Content-Length", "-1"), 411),
        (("Content-Length", "x"), 411),
        (("Transfer-Encoding", "chunked"), 411),
        (("Content-Length", str(5 * 1024**2)), 413),
        (("Content-Length", "0" * 20 + str(5 * 1024**2)), 413),
    ],
    ids=["negative", "no number", "chunked", "too long", "with zeros"],
)
def test_a_body_of_unknown_or_too_great_length_is_not_read(
    channels: Running, header: tuple[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection(urlsplit(channels.access.endpoint).netloc)
    connection.putrequest("POST", "/hook")
    connection.putheader(*header)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()


def test_unknown_paths_and_methods_of_the_channels_are_refused(channels: Running) -> None:
    assert send(f"{channels.access.endpoint}/nothing", b"{}").status == 404
    assert send(f"{channels.access.endpoint}/hook", method="GET").status == 405
    headers = {"Authorization": channels.access.authorization}
    assert send(f"{channels.access.endpoint}/received", b"{}", headers).status == 405


def test_the_credentials_are_in_no_representation(channels: Running) -> None:
    secrets = (channels.access.token, channels.access.slack_token, channels.access.pagerduty_routing_key)
    assert not [secret for secret in secrets if secret in repr(channels.access)]
