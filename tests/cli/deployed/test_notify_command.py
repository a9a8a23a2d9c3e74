from typing import Any

import pytest

from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment


def answer(monkeypatch: pytest.MonkeyPatch, **given: Any) -> list[Any]:
    payloads: list[Any] = []

    def invoke(_: Any, payload: Any) -> dict[str, Any]:
        payloads.append(payload)
        return {"delivered": [], "undelivered": [], "repeated": False, **given}

    monkeypatch.setattr("cli.commands.notify.invoke_reporter", invoke)
    return payloads


def make_pending(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """Let SNS list every subscription with a state in place of an ARN; moto confirms each at once."""
    sns = deployment.client("sns")
    real = sns.get_paginator

    class Pages:
        def paginate(self, **arguments: Any) -> Any:
            for page in real("list_subscriptions_by_topic").paginate(**arguments):
                yield {
                    "Subscriptions": [{**each, "SubscriptionArn": state} for each in page["Subscriptions"]]
                }

    monkeypatch.setattr(sns, "get_paginator", lambda _: Pages())


def test_each_test_is_a_new_message(ccapi: Ccapi, monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = answer(monkeypatch, delivered=["email"])
    assert [ccapi("notify", "test").code for _ in range(2)] == [0, 0]
    assert payloads[0] != payloads[1]
    assert [*payloads[0]] == ["test"]


def test_a_channel_that_did_not_take_it_is_a_failure(ccapi: Ccapi, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, undelivered=[{"channel": "email", "why": "NotFound"}])
    tested = ccapi("notify", "test", "--json")
    assert tested.code == 1
    assert tested.json["channels"] == [{"channel": "email", "delivered": False, "why": "NotFound"}]


def test_an_address_that_gets_no_mail_is_a_failure(
    ccapi: Ccapi, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, delivered=["email"])
    make_pending(deployment, monkeypatch, "PendingConfirmation")
    tested = ccapi("notify", "test")
    assert tested.code == 1
    assert "ccapi notify confirm --stack prod" in tested.out


def test_confirmed_addresses_are_left_alone(
    ccapi: Ccapi, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment.client("sns"), "subscribe", lambda **_: pytest.fail("subscribed again"))
    confirmed = ccapi("notify", "confirm", "--json")
    assert confirmed.code == 0
    assert confirmed.json["subscriptions"] == [
        {"topic": "success", "address": "reports@example.com", "state": "confirmed", "sent_again": False},
        {"topic": "failure", "address": "alerts@example.com", "state": "confirmed", "sent_again": False},
    ]
    assert confirmed.json["not_subscribed"] == {}


def test_an_address_whose_subscription_aws_deleted_is_missing(ccapi: Ccapi, deployment: Deployment) -> None:
    sns = deployment.client("sns")
    topic = deployment.stack["pipeline_success_topic_arn"]
    [found] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
    confirmed = ccapi("notify", "confirm", "--json")
    assert (confirmed.code, confirmed.json["not_subscribed"]) == (1, {"success": 1})
    assert "pulumi up --refresh --stack prod" in ccapi("notify", "confirm").out
    [check] = ccapi("doctor", "subscriptions", "--json").json["checks"]
    assert (check["verdict"], check["command"]) == ("warn", "pulumi up --refresh --stack prod")


@pytest.mark.parametrize(("listed", "state"), [("PendingConfirmation", "pending"), ("Deleted", "deleted")])
def test_addresses_that_are_not_confirmed_are_subscribed_again(
    ccapi: Ccapi, deployment: Deployment, monkeypatch: pytest.MonkeyPatch, listed: str, state: str
) -> None:
    asked: list[dict[str, str]] = []
    make_pending(deployment, monkeypatch, listed)
    monkeypatch.setattr(deployment.client("sns"), "subscribe", lambda **arguments: asked.append(arguments))
    assert ccapi("notify", "confirm", "--dry-run").code == 1
    assert asked == []
    confirmed = ccapi("notify", "confirm", "--json")
    assert confirmed.code == 1
    assert confirmed.json["subscriptions"][0]["state"] == state
    topic = deployment.stack["pipeline_failure_topic_arn"]
    assert len(asked) == 2
    assert {"TopicArn": topic, "Protocol": "email", "Endpoint": "alerts@example.com"} in asked
