import json
from typing import Any

import pytest

from cli.secrets.secret_kinds import EARTH_ENGINE, KINDS, PAGERDUTY, SLACK, WEBHOOK, WEBHOOK_KEY, SecretKind
from components.settings import SECRET_KEYS, STAND_INS
from local.run.service_account import _OPENS_NOTHING as ACCOUNT

SECRET = "s3cr3t-value-of-the-test"


def test_every_secret_setting_can_be_set() -> None:
    assert {kind.setting for kind in KINDS.values() if kind.setting} == SECRET_KEYS


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.setting])
def test_a_valid_value_has_no_problem(kind: SecretKind) -> None:
    value = STAND_INS[str(kind.setting)]
    assert kind.problem(value) is None
    assert kind.problem(value.encode()) is None


@pytest.mark.parametrize("kind", [SLACK, PAGERDUTY, WEBHOOK, EARTH_ENGINE])
def test_a_problem_does_not_repeat_the_value(kind: SecretKind) -> None:
    problem = kind.problem(SECRET)
    assert problem
    assert SECRET not in problem


@pytest.mark.parametrize("kind", KINDS.values())
def test_an_empty_value_is_refused(kind: SecretKind) -> None:
    assert kind.problem(b"") == "is empty"


def test_a_short_signing_key_is_refused() -> None:
    assert "too short" in str(WEBHOOK_KEY.problem("short"))


def test_bytes_that_are_no_text_are_refused() -> None:
    assert SLACK.problem(b"https://hooks.slack.com/\xff") == "is not a text in UTF-8"


def account(**changed: Any) -> str:
    return json.dumps({**ACCOUNT, **changed})


def test_a_service_account_is_checked_as_the_worker_does() -> None:
    assert EARTH_ENGINE.problem(account()) is None
    assert EARTH_ENGINE.problem(account().encode("utf-16")) is None
    assert "token_uri is missing" in str(EARTH_ENGINE.problem(account(token_uri="")))
    assert "name of a file" in str(EARTH_ENGINE.problem("file://service-account.json"))
    assert "escaped twice" in str(
        EARTH_ENGINE.problem(account(private_key=ACCOUNT["private_key"].replace("\n", "\\n")))
    )
