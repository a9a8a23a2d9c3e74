import json
from typing import Any

from tests.local.emulator.local_aws import unique
from tests.local.lambdas import WITNESS, Functions


class Topic:
    """A topic with a subscribed function that sends each of its events to a queue."""

    def __init__(self, functions: Functions, *, permitted: bool = True, **variables: str) -> None:
        self.functions = functions
        self.sns = functions.aws.client("sns")
        self.arn = self.sns.create_topic(Name=unique("topic"))["TopicArn"]
        self.url, _ = functions.aws.queue()
        self.name = functions.create(WITNESS, variables={"QUEUE": self.url, **variables})
        if permitted:
            functions.client.add_permission(
                FunctionName=self.name,
                StatementId="topic",
                Action="lambda:InvokeFunction",
                Principal="sns.amazonaws.com",
                SourceArn=self.arn,
            )

    def subscribe(self, **attributes: Any) -> str:
        subscribed = self.sns.subscribe(
            TopicArn=self.arn,
            Protocol="lambda",
            Endpoint=self.functions.arn(self.name),
            Attributes={key: json.dumps(value) for key, value in attributes.items()},
        )
        return str(subscribed["SubscriptionArn"])

    def publish(self, message: str, **arguments: Any) -> str:
        return str(self.sns.publish(TopicArn=self.arn, Message=message, **arguments)["MessageId"])


def test_a_function_gets_the_record_of_a_message(functions: Functions) -> None:
    topic = Topic(functions)
    subscription = topic.subscribe()

    message_id = topic.publish(
        "Body",
        Subject="Subject",
        MessageAttributes={"level": {"DataType": "String", "StringValue": "failure"}},
    )

    (event,) = functions.aws.messages(topic.url, 1)
    (record,) = event["Records"]
    assert record.keys() == {"EventSource", "EventVersion", "EventSubscriptionArn", "Sns"}
    assert (record["EventSource"], record["EventSubscriptionArn"]) == ("aws:sns", subscription)
    assert (
        record["Sns"].items()
        >= {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": topic.arn,
            "Subject": "Subject",
            "Message": "Body",
        }.items()
    )
    assert record["Sns"]["MessageAttributes"] == {"level": {"Type": "String", "Value": "failure"}}
    assert record["Sns"]["Timestamp"].endswith("Z")


def test_a_message_without_a_subject_has_none(functions: Functions) -> None:
    topic = Topic(functions)
    topic.subscribe()

    topic.publish("Body")

    (event,) = functions.aws.messages(topic.url, 1)
    assert event["Records"][0]["Sns"]["Subject"] is None
    assert event["Records"][0]["Sns"]["MessageAttributes"] == {}


def test_a_filter_policy_keeps_messages_from_a_function(functions: Functions) -> None:
    topic = Topic(functions)
    topic.subscribe(FilterPolicy={"level": ["failure"]})

    for level in ("success", "failure"):
        topic.publish(level, MessageAttributes={"level": {"DataType": "String", "StringValue": level}})

    (event,) = functions.aws.messages(topic.url, 1)
    assert event["Records"][0]["Sns"]["Message"] == "failure"


def test_a_function_that_fails_is_tried_three_times(functions: Functions) -> None:
    topic = Topic(functions, FAILS="1")
    letters, arn = functions.aws.queue()
    functions.client.update_function_configuration(
        FunctionName=topic.name, DeadLetterConfig={"TargetArn": arn}
    )
    topic.subscribe()

    topic.publish("Body")

    assert len(functions.aws.messages(topic.url, 3)) == 3
    (letter,) = functions.aws.messages(letters, 1)
    assert letter["Records"][0]["Sns"]["Message"] == "Body"


def test_a_message_for_a_function_that_is_gone_goes_to_the_queue_of_the_subscription(
    functions: Functions,
) -> None:
    topic = Topic(functions)
    url, arn = functions.aws.queue()
    topic.subscribe(RedrivePolicy={"deadLetterTargetArn": arn})
    functions.client.delete_function(FunctionName=topic.name)

    topic.publish("Body")

    assert functions.aws.messages(url, 1)[0]["Message"] == "Body"


def test_a_function_that_does_not_permit_the_topic_is_not_invoked(functions: Functions) -> None:
    topic = Topic(functions, permitted=False)
    url, arn = functions.aws.queue()
    topic.subscribe(RedrivePolicy={"deadLetterTargetArn": arn})

    topic.publish("Body")

    assert functions.aws.messages(url, 1)[0]["Message"] == "Body"
