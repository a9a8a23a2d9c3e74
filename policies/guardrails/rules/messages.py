"""The rules that a topic's messages reach a subscriber."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from guardrails.aws import data
from guardrails.aws.references import resources_naming
from guardrails.aws.types import SLACK_CHANNEL, TEAMS_CHANNEL, TOPIC, TOPIC_SUBSCRIPTION
from guardrails.properties import PropertyError, read_partly, read_text
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

NOT_CHAT_WEBHOOK = "subscription-not-chat-webhook"
"""The rule that reports a subscription's protocol that is not known yet."""

CHAT_HOSTS: tuple[str, ...] = tuple(data.read("chat_webhooks")["hosts"])
"""The hosts of chat webhooks, which need messages in their own format; * matches any text."""


def _no_subscriber(subject: Subject) -> Iterator[str]:
    plan, topic = subject.plan, subject.resource
    if any(
        name in subject.limits["subscribedElsewhere"] for name in (topic.name, read_partly(topic, "name"))
    ):
        raise NotApplicableError("subscribedElsewhere names it")
    subscribers = [
        *resources_naming(plan, topic, "topic", TOPIC_SUBSCRIPTION),
        # Amazon Q Developer in chat applications creates its own subscriptions.
        *resources_naming(plan, topic, "snsTopicArns", SLACK_CHANNEL, TEAMS_CHANNEL),
    ]
    if not subscribers:
        yield (
            "it has no subscription in the plan, so that its messages reach no subscriber; add a subscription, or name "
            "it in subscribedElsewhere."
        )


def _never_confirmed(subject: Subject) -> Iterator[str]:
    protocol = read_text(subject.resource, "protocol")
    if protocol is None:
        yield "it has no protocol; write one."
    elif protocol not in ("http", "https"):
        raise NotApplicableError(f"its protocol is {protocol}, not https")
    elif host := _chat_host(read_text(subject.resource, "endpoint") or ""):
        yield (
            f"{host} is a chat webhook, which does not confirm subscriptions, so that this one stays pending; "
            "subscribe a function that posts to the chat, or use Amazon Q Developer in chat applications."
        )


def _chat_host(endpoint: str) -> str | None:
    """Return the listed chat host of an endpoint, or None; the endpoint itself is a secret."""
    try:
        host = urlsplit(endpoint).hostname
    except ValueError:
        host = None
    if host is None:
        raise PropertyError("endpoint is not a URL; write one")
    return next((listed for listed in CHAT_HOSTS if fnmatchcase(host, listed)), None)


RULES = (
    Rule(
        name="topic-has-subscriber",
        requirement="Every topic has a subscription.",
        rationale="SNS accepts a message to a topic without subscribers and drops it; the publisher sees a success.",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Subscribe an address, a queue or a function in the same stack.",
        url="https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
        scope=Scope.STACK,
        resource_types=frozenset({TOPIC}),
        evaluate=_no_subscriber,
        limits=(
            Limit(
                key="subscribedElsewhere",
                description="The topics with subscriptions outside of the stack, or that need none.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
    Rule(
        name=NOT_CHAT_WEBHOOK,
        requirement="No subscription delivers directly to a chat webhook.",
        rationale=(
            "SNS delivers to an address only after it has confirmed the subscription, and in a format that chats "
            "reject: a Slack webhook as an https subscription never delivered a message."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Subscribe a function that posts to the chat and keeps the webhook as a secret.",
        url="https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({TOPIC_SUBSCRIPTION}),
        evaluate=_never_confirmed,
    ),
)
