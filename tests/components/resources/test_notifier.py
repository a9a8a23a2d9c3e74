import json
from typing import Any

import pytest

from tests.components.deployment import Deployment, Resource, deploy, deployed
from tests.stacks import ENVIRONMENTS, names_of

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_topics_are_those_of_the_address_lists_and_one_for_events(environment: str) -> None:
    names = names_of(environment)
    topics = [item.inputs["name"] for item in deployed(environment).of_type("aws:sns/topic:Topic")]
    assert topics == [names.topic(what) for what in ("events", "failure", "success")]


def mails(deployment: Deployment) -> list[Resource]:
    """Return the subscriptions of addresses; test_reporter tests that of the reporter."""
    found = [item for item in deployment.of_type(SUBSCRIPTION) if item.inputs["protocol"] == "email"]
    assert len(found) == len(deployment.of_type(SUBSCRIPTION)) - 1
    return found


def test_each_address_is_subscribed_to_the_topic_of_its_list() -> None:
    notifications = {
        "successEmails": ["reports@example.com", "board@example.com"],
        "failureEmails": ["alerts@example.com"],
    }
    subscriptions = mails(deploy("dev", notifications=notifications))
    found = {item.inputs["endpoint"]: item.inputs["topic"] for item in subscriptions}
    topic = "arn:made:aws:sns/topic:Topic:ccapi-notifier-{}".format
    assert found == {
        "reports@example.com": topic("success"),
        "board@example.com": topic("success"),
        "alerts@example.com": topic("failure"),
    }


@pytest.mark.parametrize(
    ("what", "publishers"),
    [
        ("events", {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}),
        # Alarms about message delivery; the reporter publishes with its role.
        ("failure", {"cloudwatch.amazonaws.com"}),
        ("success", set()),
    ],
)
def test_only_alarms_and_budgets_publish_by_a_topics_policy(what: str, publishers: set[str]) -> None:
    allowed, denied = allowed_by_topic(what)
    assert {statement["Principal"]["Service"] for statement in allowed} == publishers
    assert [statement["Sid"] for statement in denied] == ["TlsOnly"]


def allowed_by_topic(what: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the statements of a topic's policy that allow something, and all others."""
    policy = deployed("prod").the("aws:sns/topicPolicy:TopicPolicy", f"ccapi-notifier-{what}").policy()
    allowed = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    return allowed, [statement for statement in policy["Statement"] if statement not in allowed]


def test_topic_policies_allow_only_services_of_this_account_to_publish() -> None:
    (alarms, budgets), _ = allowed_by_topic("events")
    what = "events"
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
        "Sid": "BudgetToTopics",
        "Principal": {"Service": "budgets.amazonaws.com"},
        "Condition": {
            **own_account,
            "ArnLike": {"aws:SourceArn": "arn:aws:budgets::222222222222:*"},
        },
    }
    (direct,), _ = allowed_by_topic("failure")
    assert direct == {**alarms, "Resource": names_of("prod").topic_arn("failure")}


def test_an_address_for_alarms_gets_each_alarm_and_nothing_else() -> None:
    notifications = {"failureEmails": ["alerts@example.com"], "alarmEmails": ["account@example.com"]}
    deployment = deploy("dev", notifications=notifications)
    topics = {item.inputs["endpoint"]: item.inputs["topic"] for item in mails(deployment)}
    failure, alarms = (
        f"arn:made:aws:sns/topic:Topic:ccapi-notifier-{what}" for what in ("failure", "alarms")
    )
    assert topics == {"alerts@example.com": failure, "account@example.com": alarms}
    # The reporter sends each alarm to both topics, and CloudWatch those about message delivery.
    actions = [item.inputs["alarmActions"] for item in deployment.of_type(ALARM)]
    assert [failure, alarms] in actions
    assert not [each for each in actions if (failure in each) is not (alarms in each)]
    names = names_of("dev")
    (publish,) = (
        statement["Resource"]
        for statement in deployment.the(ROLE_POLICY, "ccapi-reporter").policy()["Statement"]
        if "sns:Publish" in statement["Action"]
    )
    assert names.topic_arn("alarms") in publish


def subscriptions_of(**notifications: list[str]) -> dict[str, dict[str, Any]]:
    found = mails(deploy("dev", notifications=notifications))
    return {item.name: item.inputs for item in found}


def test_taking_an_address_out_of_a_list_leaves_the_others_as_they_are() -> None:
    before = subscriptions_of(failureEmails=["first@example.com", "second@example.com"])
    after = subscriptions_of(failureEmails=["second@example.com"])
    assert after.items() <= before.items()


def test_the_name_of_a_subscription_does_not_reveal_the_address() -> None:
    assert not [name for name in subscriptions_of(failureEmails=["first@example.com"]) if "first" in name]


def test_a_message_that_a_subscriber_did_not_take_is_kept_for_two_weeks() -> None:
    queue = deployed("prod").the("aws:sqs/queue:Queue", "ccapi-notifier")
    assert queue.inputs["name"] == names_of("prod").message_queue
    assert queue.inputs["messageRetentionSeconds"] == 14 * 24 * 60 * 60
    # Those of two addresses and of the reporter.
    redrives = [json.loads(item.inputs["redrivePolicy"]) for item in deployed("prod").of_type(SUBSCRIPTION)]
    assert redrives == [{"deadLetterTargetArn": "arn:made:aws:sqs/queue:Queue:ccapi-notifier"}] * 3


def test_only_the_topics_put_messages_into_the_queue() -> None:
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
            "ArnEquals": {
                "aws:SourceArn": [names.topic_arn(what) for what in ("success", "failure", "events")]
            }
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
    assert len(arns) == 6
    for arn, statement in policies.items():
        assert statement["Principal"] == "*"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        # SNS rejects sns:* in a topic's policy.
        assert statement["Action"] == "sqs:*" if ":sqs:" in arn else "sns:Publish" in statement["Action"]


def test_policies_see_the_number_of_recipients_without_their_addresses() -> None:
    component = deployed("prod").the("ccapi:components:Notifier")
    assert component.inputs == {"successSubscribers": 1, "failureSubscribers": 1, "alarmSubscribers": 0}
