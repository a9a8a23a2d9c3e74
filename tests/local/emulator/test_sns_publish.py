import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique


@pytest.fixture(scope="module")
def topic(aws: RunningAws) -> str:
    return str(aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"])


@pytest.mark.parametrize("subject", ["x" * 100, "two\nlines", "tab\t", "line\u2028separator", ""])
def test_a_subject_that_aws_refuses_is_refused(aws: RunningAws, topic: str, subject: str) -> None:
    with pytest.raises(ClientError, match="Invalid parameter: Subject"):
        aws.client("sns").publish(TopicArn=topic, Message="m", Subject=subject)


@pytest.mark.parametrize("subject", ["x" * 99, "Rodungen auf Java 😀"])
def test_a_subject_that_aws_takes_is_taken(aws: RunningAws, topic: str, subject: str) -> None:
    assert aws.client("sns").publish(TopicArn=topic, Message="m", Subject=subject)["MessageId"]


@pytest.mark.parametrize("message", ["", "é" * 131_073])
def test_a_message_is_neither_empty_nor_larger_than_256_kib(
    aws: RunningAws, topic: str, message: str
) -> None:
    with pytest.raises(ClientError, match="Invalid parameter"):
        aws.client("sns").publish(TopicArn=topic, Message=message)


def test_a_message_of_256_kib_is_taken(aws: RunningAws, topic: str) -> None:
    assert aws.client("sns").publish(TopicArn=topic, Message="x" * 262_144)["MessageId"]
