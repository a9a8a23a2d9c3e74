import pytest

from reporter.channels.channel import ChannelError
from reporter.credentials import CACHE_SECONDS, SecretCredentials
from tests.reporter.delivery.conftest import Stack


def credentials(stack: Stack, secret_id: str | None = None) -> SecretCredentials:
    name = stack.settings.secret_id if secret_id is None else secret_id
    return SecretCredentials(name, stack.aws, stack.clock.clock())


def test_credentials_are_cached_for_five_minutes(stack: Stack) -> None:
    read = credentials(stack)
    before = read.get()
    stack.put_secret(slackWebhookUrl="https://hooks.slack.com/services/new")
    stack.clock.now += CACHE_SECONDS - 1
    assert read.get() == before
    stack.clock.now += 1
    assert read.get()["slackWebhookUrl"] == "https://hooks.slack.com/services/new"


def test_a_refusal_reads_them_at_once(stack: Stack) -> None:
    read = credentials(stack)
    read.get()
    assert not read.refresh()
    stack.put_secret(slackWebhookUrl="https://hooks.slack.com/services/new")
    assert read.refresh()
    assert read.get()["slackWebhookUrl"].endswith("new")


def test_old_credentials_are_used_while_the_secret_cannot_be_read(stack: Stack) -> None:
    read = credentials(stack)
    before = read.get()
    stack.aws.secrets.delete_secret(SecretId="ccapi/dev/notifications", ForceDeleteWithoutRecovery=True)
    stack.clock.now += CACHE_SECONDS
    assert read.get() == before
    assert not read.refresh()


@pytest.mark.parametrize(
    ("secret_id", "why"), [("", "no secret is configured"), ("other", "ResourceNotFoundException")]
)
def test_a_secret_that_is_missing_is_an_error(stack: Stack, secret_id: str, why: str) -> None:
    with pytest.raises(ChannelError, match=why):
        credentials(stack, secret_id).get()


@pytest.mark.parametrize("text", ["https://hooks.slack.com/services/TOKEN", '["TOKEN"]', '{"TOKEN'])
def test_a_secret_of_another_shape_is_not_quoted(stack: Stack, text: str) -> None:
    stack.aws.secrets.put_secret_value(SecretId="ccapi/dev/notifications", SecretString=text)
    with pytest.raises(ChannelError) as raised:
        credentials(stack).get()
    assert raised.value.why.endswith("it is not a JSON object")
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_values_that_are_no_text_are_ignored(stack: Stack) -> None:
    stack.aws.secrets.put_secret_value(SecretId="ccapi/dev/notifications", SecretString='{"a": 1, "b": "c"}')
    assert credentials(stack).get() == {"b": "c"}


def test_old_credentials_are_redacted_too(stack: Stack) -> None:
    read = credentials(stack)
    old = read.get()["slackWebhookUrl"]
    stack.put_secret(slackWebhookUrl="https://hooks.slack.com/services/new-token")
    read.refresh()
    assert read.redact(f"{old} and /services/new-token") == "*** and ***"
    assert read.redact("nothing") == "nothing"
