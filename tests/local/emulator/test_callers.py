from types import SimpleNamespace

import pytest

from local.emulator.callers import (
    ANYBODY,
    Caller,
    Kind,
    caller_of,
    current,
    name_execution,
    on_behalf_of,
)

ARN = "arn:aws:states:us-east-1:123456789012:execution:machine:one"
TASK = "19f51196-a4c2-420d-a971-16b527c94126"


def signed_by(access_key: str) -> dict[str, str]:
    scope = f"Credential={access_key}/20261123/us-east-1/s3/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ({}, ANYBODY),
        (signed_by("local"), ANYBODY),
        (signed_by("AKIAIOSFODNN7EXAMPLE"), ANYBODY),
        (signed_by("agent"), Caller(Kind.AGENT)),
        (signed_by(TASK), Caller(Kind.TASK, TASK)),
    ],
)
def test_a_caller_is_told_by_its_access_key(headers: dict[str, str], caller: Caller) -> None:
    assert caller_of(headers) == caller


@pytest.mark.parametrize("state", ["Read", "État 1: lire ✓"])
def test_an_execution_and_its_state_are_told_by_the_headers_of_its_requests(state: str) -> None:
    request = SimpleNamespace(headers=signed_by("local"))
    caller = Caller(Kind.EXECUTION, ARN, state)

    with on_behalf_of(caller):
        name_execution(request)

    assert all(value.isascii() for value in request.headers.values())
    assert caller_of(request.headers) == caller


def test_a_request_for_nobody_in_particular_names_no_execution() -> None:
    request = SimpleNamespace(headers={})

    name_execution(request)

    assert request.headers == {}


def test_a_thread_works_for_a_caller_until_the_end_of_the_block() -> None:
    with on_behalf_of(Caller(Kind.TASK, TASK)):
        assert current() == Caller(Kind.TASK, TASK)

    assert current() is ANYBODY
