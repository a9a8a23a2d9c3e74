import io
import json
import sys
from typing import Any

import pytest

from components.settings import STAND_INS
from local.run.service_account import _OPENS_NOTHING as ACCOUNT
from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment

URL = STAND_INS["slackWebhookUrl"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets standard input."""

    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return give


def stored(deployment: Deployment) -> Any:
    secret = deployment.stack["gee_credentials_secret_arn"]
    return json.loads(deployment.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])


def test_a_service_account_is_stored_at_once(ccapi: Ccapi, deployment: Deployment, typed: Any) -> None:
    typed(json.dumps(ACCOUNT))
    done = ccapi("secret", "set", "earth-engine")
    assert done.code == 0
    assert stored(deployment) == ACCOUNT
    assert ACCOUNT["private_key"] not in done.out + done.err


def test_a_damaged_service_account_is_not_stored(ccapi: Ccapi, deployment: Deployment, typed: Any) -> None:
    typed(json.dumps({**ACCOUNT, "private_key": "abc"}))
    done = ccapi("secret", "set", "earth-engine")
    assert done.code == 2
    assert "private_key" in done.err
    secrets = deployment.client("secretsmanager")
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        stored(deployment)


def test_a_channel_is_a_setting_that_pulumi_encrypts(ccapi: Ccapi, typed: Any, pulumi: Any) -> None:
    typed(f"{URL}\n")
    done = ccapi("secret", "set", "slack", "--json")
    assert done.code == 0
    [(command, given)] = pulumi
    assert given == URL
    assert URL not in " ".join(command)
    assert command[-3:] == ["--stack", "prod", "slackWebhookUrl"]
    assert done.json["next_step"] == "pulumi up --stack prod"
    assert URL not in done.out + done.err


def test_the_error_of_pulumi_is_shown_without_the_secret_value(ccapi: Ccapi, typed: Any, pulumi: Any) -> None:
    value = "https://hooks.slack.com/fail/secret"
    typed(value)
    done = ccapi("secret", "set", "slack")
    assert (done.code, len(pulumi)) == (1, 1)
    assert "cannot set …" in done.err
    assert value not in done.err


@pytest.mark.parametrize("arguments", [("slack", URL), (URL,), ("slack", "--value", URL)])
def test_a_secret_in_an_argument_is_refused_and_not_repeated(
    ccapi: Ccapi, pulumi: Any, arguments: tuple[str, ...]
) -> None:
    done = ccapi("secret", "set", *arguments)
    assert done.code == 2
    assert URL not in done.out + done.err
    assert pulumi == []


def test_too_long_a_value_is_refused(ccapi: Ccapi, typed: Any) -> None:
    typed("x" * 65_537)
    assert ccapi("secret", "set", "earth-engine").code == 2


def states(ccapi: Ccapi) -> dict[str, str]:
    return {each["secret"]: each["state"] for each in ccapi("secret", "show", "--json").json["secrets"]}


def test_secrets_that_are_not_set_are_shown(ccapi: Ccapi) -> None:
    assert ccapi("secret", "show").code == 0
    assert set(states(ccapi).values()) == {"not set"}


def set_channels(deployment: Deployment, value: str) -> None:
    """Store the channels' secret as a deployment would, and name it in the reporter's settings."""
    functions, name = deployment.client("lambda"), deployment.names.reporter
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    settings = {**json.loads(variables["REPORTER_SETTINGS"]), "secret_id": "channels"}
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"REPORTER_SETTINGS": json.dumps(settings)}}
    )
    deployment.client("secretsmanager").create_secret(Name="channels", SecretString=value)


def test_each_channel_has_its_own_state(ccapi: Ccapi, deployment: Deployment) -> None:
    set_channels(deployment, json.dumps({"slackWebhookUrl": URL, "pagerDutyRoutingKey": "short"}))
    shown = ccapi("secret", "show")
    assert shown.code == 1
    assert states(ccapi) == {
        "slack": "valid",
        "pagerduty": "damaged",
        "webhook": "not set",
        "webhook-key": "not set",
        "earth-engine": "not set",
    }
    assert URL not in shown.out
    assert "ccapi secret set pagerduty --stack prod" in shown.out


@pytest.mark.parametrize("value", ["no json", "[]"])
def test_a_damaged_secret_is_damaged_for_each_channel(
    ccapi: Ccapi, deployment: Deployment, value: str
) -> None:
    set_channels(deployment, value)
    assert [*states(ccapi).values()] == ["damaged"] * 4 + ["not set"]
