import json
from itertools import chain, combinations
from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

from components.resources.secrets import CHANNELS
from components.settings import SECRET_KEYS
from tests.components.deployment import Deployment, Resource, deploy, deployed
from tests.stacks import ENVIRONMENTS, names_of

SECRET, VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
CREDENTIALS = {
    "slackWebhookUrl": "https://hooks.slack.com/services/T0000/B0000/never-to-be-seen",
    "pagerDutyRoutingKey": "0123456789neverToBeSeen012345678",
    "webhookUrl": "https://example.com/never-to-be-seen",
    "webhookSigningKey": "a-key-that-is-never-to-be-seen",
}
MARKS = ("never-to-be-seen", "neverToBeSeen")
# The webhook needs both of its credentials.
CHANNEL_KEYS = (("slackWebhookUrl",), ("pagerDutyRoutingKey",), ("webhookUrl", "webhookSigningKey"))
SETS = [tuple(chain(*keys)) for count in (1, 2, 3) for keys in combinations(CHANNEL_KEYS, count)]


def with_channels(*keys: str, preview: bool = False) -> Deployment:
    """Return prod with the credentials of some channels."""
    return deploy("prod", preview=preview, secrets={key: CREDENTIALS[key] for key in keys})


def shows_a_credential(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def holders(deployment: Deployment) -> list[Resource]:
    return [item for item in deployment.resources.values() if shows_a_credential(json.dumps(item.inputs))]


def test_every_credential_of_the_settings_is_tried() -> None:
    assert CREDENTIALS.keys() == SECRET_KEYS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_earth_engine_has_a_secret_that_is_filled_by_hand(environment: str) -> None:
    secret = deployed(environment).the(SECRET)
    assert secret.inputs["name"] == names_of(environment).secret("gee-credentials")
    assert not deployed(environment).of_type(VERSION)


@pytest.mark.parametrize(("environment", "days"), [("dev", 0), ("local", 0), ("prod", 30)])
def test_a_deleted_secret_can_be_had_back_unless_the_stack_is_disposable(environment: str, days: int) -> None:
    deployment = deploy(environment, secrets={"slackWebhookUrl": CREDENTIALS["slackWebhookUrl"]})
    assert [item.inputs["recoveryWindowInDays"] for item in deployment.of_type(SECRET)] == [days, days]


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("keys", SETS)
def test_the_credentials_are_in_one_secret_version_and_nowhere_else(
    keys: tuple[str, ...], preview: bool
) -> None:
    deployment = with_channels(*keys, preview=preview)
    (holder,) = holders(deployment)
    assert (holder.type, holder.name) == (VERSION, "ccapi-secrets-channels")
    assert not shows_a_credential(json.dumps(deployment.outputs))


@pytest.mark.parametrize("keys", SETS)
def test_the_credentials_are_encrypted_in_the_state_as_one_object(keys: tuple[str, ...]) -> None:
    (holder,) = holders(with_channels(*keys))
    text = holder.inputs["secretString"]
    assert text[rpc._special_sig_key] == rpc._special_secret_sig
    # The names are those that reporter/channels/ reads.
    assert json.loads(text["value"]) == {key: CREDENTIALS[key] for key in keys}


def test_the_credentials_have_one_secret_with_the_name_that_the_reporter_is_given() -> None:
    deployment = with_channels(*CREDENTIALS)
    secret = deployment.the(SECRET, "ccapi-secrets-channels")
    assert secret.inputs["name"] == names_of("prod").secret(CHANNELS)
    assert len(deployment.of_type(SECRET)) == 2
    assert len(deployment.of_type(VERSION)) == 1


def test_policies_see_which_channels_have_credentials_and_not_the_credentials() -> None:
    component = "ccapi:components:Secrets"
    assert with_channels(*CREDENTIALS).the(component).inputs == {"channels": sorted(CREDENTIALS)}
    assert deployed("prod").the(component).inputs == {"channels": []}


@pytest.mark.parametrize("key", sorted(CREDENTIALS))
def test_a_credential_in_plain_text_is_refused_without_repeating_it(key: str) -> None:
    in_plain_text: dict[str, Any] = {key: CREDENTIALS[key]}
    with pytest.raises(pulumi.RunError, match=f"ccapi:{key}: is in plain text; write it with") as caught:
        deploy("prod", **in_plain_text)
    assert not shows_a_credential(str(caught.value))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("slackWebhookUrl", "https://example.com/never-to-be-seen", "is not the address"),
        ("pagerDutyRoutingKey", "never-to-be-seen", "is no key of PagerDuty"),
        ("webhookUrl", "http://example.com/never-to-be-seen", "is not an https address"),
        ("webhookSigningKey", "neverToBeSeen", "is too short; write 16"),
    ],
)
def test_a_wrong_credential_is_refused_without_repeating_it(key: str, value: str, said: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"ccapi:{key}: {said}") as caught:
        deploy("prod", secrets={key: value})
    assert not shows_a_credential(str(caught.value))
