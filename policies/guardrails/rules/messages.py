"""Whether what is published reaches somebody."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from guardrails.aws import data
from guardrails.aws.links import naming
from guardrails.aws.types import SLACK_CHANNEL, TEAMS_CHANNEL, TOPIC, TOPIC_SUBSCRIPTION
from guardrails.properties import PropertyError, read_partly, read_text
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

NOT_CHAT_WEBHOOK = "subscription-not-chat-webhook"
"""The rule that reports a protocol that is not known."""

CHAT_HOSTS: tuple[str, ...] = tuple(data.read("chat_webhooks")["hosts"])
"""Where chats take messages in a form of their own; a * stands for anything."""


def _unheard(subject: Subject) -> Iterator[str]:
    plan, topic = subject.plan, subject.resource
    if any(
        name in subject.limits["subscribedElsewhere"] for name in (topic.name, read_partly(topic, "name"))
    ):
        raise NotApplicableError("subscribedElsewhere says that it needs no subscription here")
    subscribers = [
        *naming(plan, topic, "topic", TOPIC_SUBSCRIPTION),
        # The chat applications subscribe by themselves.
        *naming(plan, topic, "snsTopicArns", SLACK_CHANNEL, TEAMS_CHANNEL),
    ]
    if not subscribers:
        yield (
            "it has 0 subscriptions in the plan, so that nobody hears what is published to it; subscribe somebody, or "
            "name it in subscribedElsewhere."
        )


def _never_confirmed(subject: Subject) -> Iterator[str]:
    protocol = read_text(subject.resource, "protocol")
    if protocol is None:
        yield "it has no protocol; write one."
    elif protocol not in ("http", "https"):
        raise NotApplicableError(f"its protocol is {protocol}, not https")
    elif host := _chat_host(read_text(subject.resource, "endpoint") or ""):
        yield (
            f"{host} takes messages of a chat and answers no request for confirmation, so that the subscription stays "
            "pending for ever; subscribe a function that posts to the chat, or Amazon Q Developer in chat applications."
        )


def _chat_host(endpoint: str) -> str | None:
    """Return the listed name of the chat that an endpoint belongs to; the endpoint itself is a secret."""
    try:
        host = urlsplit(endpoint).hostname
    except ValueError:
        host = None
    if host is None:
        raise PropertyError("endpoint is no URL; write one")
    return next((listed for listed in CHAT_HOSTS if fnmatchcase(host, listed)), None)


RULES = (
    Rule(
        name="topic-has-subscriber",
        requirement="Somebody subscribes to every topic.",
        rationale=(
            "SNS takes a message for a topic without subscribers and throws it away; who published it sees a success."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Subscribe an address, a queue or a function in the stack that has the topic.",
        url="https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
        scope=Scope.STACK,
        judges=frozenset({TOPIC}),
        judge=_unheard,
        limits=(
            Limit(
                key="subscribedElsewhere",
                description="The topics that are subscribed to outside of the stack, or that nobody has to hear.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
    Rule(
        name=NOT_CHAT_WEBHOOK,
        requirement="No subscription delivers to the webhook of a chat.",
        rationale=(
            "SNS delivers to an address only after that has answered a request for confirmation, and in a form that "
            "chats refuse: a webhook of Slack as an https subscription never told anybody anything."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Subscribe a function that posts to the chat and keeps the webhook as a secret.",
        url="https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html",
        scope=Scope.RESOURCE,
        judges=frozenset({TOPIC_SUBSCRIPTION}),
        judge=_never_confirmed,
    ),
)
