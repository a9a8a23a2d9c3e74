"""The access decision on a request: its caller, or the reason for refusing it."""

from collections.abc import Sequence

import pytest

from local.emulator.access import Refused, decide
from local.emulator.access_keys import AccessKeys
from local.emulator.callers import EMULATOR, Caller, Kind

ARN = "arn:aws:states:us-east-1:123456789012:execution:machine:one"
DEVELOPER, AGENT = Caller(Kind.DEVELOPER), Caller(Kind.AGENT)
TASK = Caller(Kind.TASK, "19f51196-a4c2-420d-a971-16b527c94126")
KEYS = AccessKeys()
KEY = {holder: KEYS.issue(holder) for holder in (DEVELOPER, AGENT, TASK, EMULATOR)}
EXECUTION = [("X-Ccapi-Execution", ARN), ("X-Ccapi-State", "Read")]
REMEDY = "Do this."

Headers = Sequence[tuple[str, str]]


def scope(key: str) -> str:
    return f"{key}/20261123/us-east-1/s3/aws4_request"


def signed(key: str) -> Headers:
    value = f"AWS4-HMAC-SHA256 Credential={scope(key)}, SignedHeaders=host;x-amz-date, Signature=0"
    return [("Authorization", value)]


def decided(headers: Headers = (), target: str = "/", method: str = "GET") -> Caller | Refused:
    host = ("Host", "localhost:4566")
    path = target.partition("?")[0]
    return decide(method, target, path, [host, *headers], port=4566, holder=KEYS.holder, remedy=REMEDY)


@pytest.mark.parametrize("holder", [DEVELOPER, AGENT, TASK])
def test_a_caller_is_known_by_the_key_that_signs(holder: Caller) -> None:
    assert decided(signed(KEY[holder])) == holder


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ([("authorization", f"AWS {KEY[TASK]}:c2lnbmF0dXJl")], "/"),
        ([("Authorization", f"AWS4-ECDSA-P256-SHA256 Credential={KEY[TASK]}/20261123/s3/aws4_request")], "/"),
        ([], f"/b/k?X-Amz-Credential={scope(KEY[TASK]).replace('/', '%2F')}&X-Amz-Signature=0"),
        ([], f"/b/k?x-amz-credential={scope(KEY[TASK])}"),
        ([], f"/b/k?AWSAccessKeyId={KEY[TASK]}&Signature=0&Expires=1"),
    ],
    # Keys are random, and the workers of a parallel run must collect the same tests.
    ids=["version 2", "version 4a", "presigned", "presigned in lower case", "presigned version 2"],
)
def test_every_way_in_which_aws_clients_name_a_key_is_known(headers: Headers, target: str) -> None:
    assert decided(headers, target) == TASK


@pytest.mark.parametrize(
    "headers",
    [
        (),
        [("Authorization", "")],
        [("Authorization", f"Bearer {KEY[DEVELOPER]}")],
        [("Authorization", f"Basic {KEY[DEVELOPER]}")],
        [("X-Access-Key", KEY[DEVELOPER])],
        EXECUTION,
    ],
)
def test_a_refusal_without_a_key_names_the_remedy(headers: Headers) -> None:
    assert decided(headers) == Refused("The request has no access key. Do this.")


@pytest.mark.parametrize(
    "key",
    ["", "local", "agent", "AKIAIOSFODNN7EXAMPLE", TASK.id, "é", KEY[DEVELOPER][:-1], KEY[DEVELOPER].lower()],
    ids=["empty", "local", "agent", "of AWS's examples", "a task's id", "not ASCII", "cut", "in lower case"],
)
def test_an_unknown_key_is_refused(key: str) -> None:
    decision = decided(signed(key))
    assert isinstance(decision, Refused)
    assert decision.reason.endswith(REMEDY)
    assert len(key) < 20 or key not in decision.reason


def test_two_keys_are_refused_even_if_both_are_known() -> None:
    wanted = Refused("The request names an access key more than once. Do this.")
    assert decided(signed(KEY[TASK]), f"/?AWSAccessKeyId={KEY[DEVELOPER]}") == wanted
    assert decided([*signed(KEY[TASK]), *signed(KEY[DEVELOPER])]) == wanted
    (name, one), (_, other) = (*signed(KEY[TASK]), *signed(KEY[DEVELOPER]))
    assert decided([(name, f"{one},{other}")]) == wanted


def test_a_key_does_not_help_a_web_page() -> None:
    for header in [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")]:
        decision = decided([*signed(KEY[DEVELOPER]), header])
        assert decision == Refused("Requests of web browsers are refused.")


@pytest.mark.parametrize("path", ["/ccapi/faults", "/moto-api/", "/moto-api/reset", "/latest/meta-data/"])
def test_admin_paths_are_for_the_developer_and_the_agent(path: str) -> None:
    assert decided(signed(KEY[DEVELOPER]), path, "POST") == DEVELOPER
    assert decided(signed(KEY[AGENT]), path, "POST") == AGENT
    assert decided(signed(KEY[TASK]), path, "POST") == Refused(f"The access key gives no access to {path}.")
    assert isinstance(decided(signed(KEY[EMULATOR]), path, "POST"), Refused)
    assert isinstance(decided((), path, "POST"), Refused)


def test_only_the_emulator_itself_may_name_an_execution() -> None:
    assert decided([*signed(KEY[EMULATOR]), *EXECUTION]) == Caller(Kind.EXECUTION, ARN, "Read")
    assert decided(signed(KEY[EMULATOR])) == EMULATOR
    assert decided([*signed(KEY[TASK]), *EXECUTION]) == TASK
    assert decided([*signed(KEY[DEVELOPER]), *EXECUTION]) == DEVELOPER
