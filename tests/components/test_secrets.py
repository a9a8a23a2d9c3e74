import json

import pulumi
import pytest
from pulumi.runtime import rpc

from tests.components.deployment import Deployment, Resource, deploy, deployed
from tests.stacks import ENVIRONMENTS, names_of

SECRET, VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
WEBHOOK = "https://hooks.slack.com/services/T0000/B0000/never-to-be-seen"


def told_to_slack(*, preview: bool = False) -> Deployment:
    return deploy("prod", preview=preview, secrets={"slackWebhookUrl": WEBHOOK})


def holders(deployment: Deployment) -> list[Resource]:
    return [item for item in deployment.resources.values() if "never-to-be-seen" in json.dumps(item.inputs)]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_earth_engine_has_a_secret_that_is_filled_by_hand(environment: str) -> None:
    secret = deployed(environment).the(SECRET)
    assert secret.inputs["name"] == names_of(environment).secret("gee-credentials")
    assert not deployed(environment).of_type(VERSION)


@pytest.mark.parametrize(("environment", "days"), [("dev", 0), ("local", 0), ("prod", 30)])
def test_a_deleted_secret_can_be_had_back_unless_the_stack_is_disposable(environment: str, days: int) -> None:
    assert deployed(environment).the(SECRET).inputs["recoveryWindowInDays"] == days


@pytest.mark.parametrize("preview", [True, False])
def test_the_address_of_slack_is_in_one_secret_version_and_nowhere_else(preview: bool) -> None:
    deployment = told_to_slack(preview=preview)
    (holder,) = holders(deployment)
    assert (holder.type, holder.name) == (VERSION, "ccapi-secrets-slack")
    assert "never-to-be-seen" not in json.dumps(deployment.outputs)


def test_the_address_of_slack_is_encrypted_in_the_state() -> None:
    (holder,) = holders(told_to_slack())
    assert holder.inputs["secretString"] == {
        rpc._special_sig_key: rpc._special_secret_sig,
        "value": WEBHOOK,
    }


def test_policies_see_that_slack_is_told_and_not_where() -> None:
    assert told_to_slack().the("ccapi:components:Secrets").inputs == {"slack": True}
    assert deployed("prod").the("ccapi:components:Secrets").inputs == {"slack": False}


def test_an_address_of_slack_in_plain_text_is_refused_without_repeating_it() -> None:
    with pytest.raises(
        pulumi.RunError, match="ccapi:slackWebhookUrl: is in plain text; write it with"
    ) as caught:
        deploy("prod", slackWebhookUrl=WEBHOOK)
    assert "never-to-be-seen" not in str(caught.value)


def test_a_wrong_address_of_slack_is_refused_without_repeating_it() -> None:
    with pytest.raises(pulumi.RunError, match="ccapi:slackWebhookUrl: is not the address") as caught:
        deploy("prod", secrets={"slackWebhookUrl": "https://example.com/never-to-be-seen"})
    assert "never-to-be-seen" not in str(caught.value)
