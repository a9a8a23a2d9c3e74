import json
from typing import Any

import pytest

from tests.components.deployment import deploy, deployed
from tests.stacks import ENVIRONMENTS, names_of

SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_is_a_topic_for_good_news_and_one_for_bad(environment: str) -> None:
    names = names_of(environment)
    topics = [item.inputs["name"] for item in deployed(environment).of_type("aws:sns/topic:Topic")]
    assert topics == [names.topic("failure"), names.topic("success")]


def test_each_address_is_subscribed_to_the_topic_of_its_list() -> None:
    notifications = {
        "successEmails": ["reports@example.com", "board@example.com"],
        "failureEmails": ["alerts@example.com"],
    }
    subscriptions = deploy("dev", notifications=notifications).of_type(SUBSCRIPTION)
    found = {item.inputs["endpoint"]: item.inputs["topic"] for item in subscriptions}
    topic = "arn:made:aws:sns/topic:Topic:ccapi-notifier-{}".format
    assert found == {
        "reports@example.com": topic("success"),
        "board@example.com": topic("success"),
        "alerts@example.com": topic("failure"),
    }
    assert {item.inputs["protocol"] for item in subscriptions} == {"email"}


@pytest.mark.parametrize("what", ["failure", "success"])
def test_only_alarms_and_budgets_of_this_account_publish_by_a_topics_policy(what: str) -> None:
    policy = deployed("prod").the("aws:sns/topicPolicy:TopicPolicy", f"ccapi-notifier-{what}").policy()
    alarms, budgets, _ = policy["Statement"]
    own_account = {"StringEquals": {"aws:SourceAccount": "222222222222"}}
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": names_of("prod").topic_arn(what)}
    assert alarms == {
        **publish,
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Condition": {
            **own_account,
            "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:222222222222:alarm:*"},
        },
    }
    assert budgets == {
        **publish,
        "Principal": {"Service": "budgets.amazonaws.com"},
        "Condition": {
            **own_account,
            "ArnLike": {"aws:SourceArn": "arn:aws:budgets::222222222222:*"},
        },
    }


def test_an_address_for_alarms_hears_of_nothing_else() -> None:
    notifications = {"failureEmails": ["alerts@example.com"], "alarmEmails": ["account@example.com"]}
    subscriptions = deploy("dev", notifications=notifications).of_type(SUBSCRIPTION)
    (filtered,) = (item.inputs for item in subscriptions if "filterPolicy" in item.inputs)
    assert filtered["endpoint"] == "account@example.com"
    # "Message structure for an alarm notification": only that is JSON with the name of an alarm.
    assert json.loads(filtered["filterPolicy"]) == {"AlarmName": [{"exists": True}]}
    assert filtered["filterPolicyScope"] == "MessageBody"
    assert filtered["topic"] == "arn:made:aws:sns/topic:Topic:ccapi-notifier-failure"


def subscriptions_of(**notifications: list[str]) -> dict[str, dict[str, Any]]:
    found = deploy("dev", notifications=notifications).of_type(SUBSCRIPTION)
    return {item.name: item.inputs for item in found}


def test_taking_an_address_out_of_a_list_leaves_the_others_as_they_are() -> None:
    before = subscriptions_of(failureEmails=["first@example.com", "second@example.com"])
    after = subscriptions_of(failureEmails=["second@example.com"])
    assert after.items() <= before.items()


def test_an_address_that_is_to_hear_of_alarms_only_keeps_its_subscription() -> None:
    # A second one for the same address of a topic is refused by SNS.
    before = subscriptions_of(failureEmails=["first@example.com", "second@example.com"])
    after = subscriptions_of(failureEmails=["first@example.com"], alarmEmails=["second@example.com"])
    assert after.keys() == before.keys()


def test_the_name_of_a_subscription_does_not_tell_the_address() -> None:
    assert not [name for name in subscriptions_of(failureEmails=["first@example.com"]) if "first" in name]


def test_a_message_that_a_subscriber_did_not_take_is_kept_for_two_weeks() -> None:
    queue = deployed("prod").the("aws:sqs/queue:Queue", "ccapi-notifier")
    assert queue.inputs["name"] == names_of("prod").message_queue
    assert queue.inputs["messageRetentionSeconds"] == 14 * 24 * 60 * 60
    redrives = [json.loads(item.inputs["redrivePolicy"]) for item in deployed("prod").of_type(SUBSCRIPTION)]
    assert redrives == [{"deadLetterTargetArn": "arn:made:aws:sqs/queue:Queue:ccapi-notifier"}] * 2


def test_only_the_two_topics_put_messages_into_the_queue() -> None:
    names = names_of("prod")
    statement, _ = (
        deployed("prod").the("aws:sqs/queuePolicy:QueuePolicy", "ccapi-notifier").policy()["Statement"]
    )
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:us-east-1:222222222222:ccapi-notifications-dlq-prod",
        "Condition": {
            "ArnEquals": {"aws:SourceArn": [names.topic_arn("success"), names.topic_arn("failure")]}
        },
    }


def test_no_topic_and_no_queue_answers_plain_http() -> None:
    deployment = deployed("prod")
    topics = deployment.of_type("aws:sns/topic:Topic")
    queues = deployment.of_type("aws:sqs/queue:Queue")
    policies = {
        statement["Resource"]: statement
        for kind in ("aws:sns/topicPolicy:TopicPolicy", "aws:sqs/queuePolicy:QueuePolicy")
        for resource in deployment.of_type(kind)
        for statement in resource.policy()["Statement"]
        if statement["Effect"] == "Deny"
    }
    arns = {
        *(f"arn:aws:sns:us-east-1:222222222222:{topic.inputs['name']}" for topic in topics),
        *(f"arn:aws:sqs:us-east-1:222222222222:{queue.inputs['name']}" for queue in queues),
    }
    assert policies.keys() == arns
    assert len(arns) == 5
    for arn, statement in policies.items():
        assert statement["Principal"] == "*"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        # SNS refuses sns:* in a topic's policy.
        assert statement["Action"] == "sqs:*" if ":sqs:" in arn else "sns:Publish" in statement["Action"]


def test_policies_see_how_many_are_told_and_not_who() -> None:
    component = deployed("prod").the("ccapi:components:Notifier")
    assert component.inputs == {"successSubscribers": 1, "failureSubscribers": 1, "alarmSubscribers": 0}
