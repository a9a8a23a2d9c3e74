import pytest

from tests.components.deployment import deploy, deployed
from tests.stacks import ENVIRONMENTS, names_of


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
    subscriptions = deploy("dev", notifications=notifications).of_type(
        "aws:sns/topicSubscription:TopicSubscription"
    )
    found = {item.inputs["endpoint"]: item.inputs["topic"] for item in subscriptions}
    topic = "arn:made:aws:sns/topic:Topic:ccapi-notifier-{}".format
    assert found == {
        "reports@example.com": topic("success"),
        "board@example.com": topic("success"),
        "alerts@example.com": topic("failure"),
    }
    assert {item.inputs["protocol"] for item in subscriptions} == {"email"}


def test_only_alarms_of_this_account_publish_by_the_topics_policy() -> None:
    names = names_of("prod")
    policies = deployed("prod").of_type("aws:sns/topicPolicy:TopicPolicy")
    for what, resource in zip(("failure", "success"), policies, strict=True):
        (statement,) = resource.policy()["Statement"]
        assert statement == {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": names.topic_arn(what),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "222222222222"},
                "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:222222222222:alarm:*"},
            },
        }


def test_policies_see_how_many_are_told_and_not_who() -> None:
    component = deployed("prod").the("ccapi:components:Notifier")
    assert component.inputs == {"successSubscribers": 1, "failureSubscribers": 1}
