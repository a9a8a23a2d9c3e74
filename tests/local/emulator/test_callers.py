from types import SimpleNamespace

import pytest

from local.emulator.callers import (
    EMULATOR,
    Caller,
    Kind,
    current,
    name_execution,
    named_by,
    on_behalf_of,
)

ARN = "arn:aws:states:us-east-1:123456789012:execution:machine:one"
TASK = "19f51196-a4c2-420d-a971-16b527c94126"


@pytest.mark.parametrize("state", ["Read", "État 1: lire ✓"])
def test_an_execution_and_its_state_are_in_the_headers_of_its_requests(state: str) -> None:
    request = SimpleNamespace(headers={})
    caller = Caller(Kind.EXECUTION, ARN, state)

    with on_behalf_of(caller):
        name_execution(request)

    assert all(value.isascii() for value in request.headers.values())
    assert named_by(EMULATOR, request.headers.items()) == caller


def test_a_request_without_a_caller_names_no_execution() -> None:
    request = SimpleNamespace(headers={})

    name_execution(request)

    assert request.headers == {}
    assert named_by(EMULATOR, request.headers.items()) is EMULATOR


def test_a_thread_works_for_a_caller_until_the_end_of_the_block() -> None:
    with on_behalf_of(Caller(Kind.TASK, TASK)):
        assert current() == Caller(Kind.TASK, TASK)

    assert current() is EMULATOR
