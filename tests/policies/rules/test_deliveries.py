import json
from typing import Any

import pytest

from guardrails.aws.types import (
    BUCKET_NOTIFICATION,
    BUDGET,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_PERMISSION,
    KEY,
    KEY_ALIAS,
    LOG_GROUP,
    METRIC_ALARM,
    QUEUE,
    QUEUE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    TOPIC_SUBSCRIPTION,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

ADMITS = rule("policy-admits-senders")
KEYS = rule("key-admits-senders")

NEWS_ARN = "arn:aws:sns:eu-west-1:111122223333:news"
LOST_ARN = "arn:aws:sqs:eu-west-1:111122223333:lost"
REPORT_ARN = "arn:aws:lambda:eu-west-1:111122223333:function:report"

NEWS = resource(TOPIC, "news", name="news")
LOST = resource(QUEUE, "lost", name="lost")
ALARM = resource(METRIC_ALARM, "failed", name="failed", alarmActions=[NEWS_ARN])
EVENT = resource(EVENT_TARGET, "target", rule="uploaded", arn=NEWS_ARN)
BUDGETED = resource(BUDGET, "budget", notifications=[{"subscriberSnsTopicArns": [NEWS_ARN]}])
UPLOADED = resource(BUCKET_NOTIFICATION, "uploads", bucket="b", topics=[{"topicArn": NEWS_ARN}])


def admitting(service: str, action: str | list[str] = "*", **fields: Any) -> dict[str, Any]:
    principal = {"Service": f"{service}.amazonaws.com"}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **fields}


def policy(type_: str, *statements: Any, **properties: Any) -> Resource:
    return resource(type_, "policy", policy=json.dumps({"Statement": statements}), **properties)


@pytest.mark.parametrize(
    ("sender", "service"),
    [(ALARM, "cloudwatch"), (EVENT, "events"), (BUDGETED, "budgets"), (UPLOADED, "s3")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_policy_of_a_topic_must_admit_the_services_that_publish_to_it(
    sender: Resource, service: str
) -> None:
    assert passes(ADMITS, NEWS, sender, policy(TOPIC_POLICY, admitting(service, "sns:Publish"), arn="news"))
    (told,) = violations(ADMITS, NEWS, sender, policy(TOPIC_POLICY, admitting("ec2"), arn="news"))
    assert told.startswith(
        f"news: its policy does not let {service}.amazonaws.com in, so that what {sender.name}"
    )
    unknown = resource(TOPIC_POLICY, "policy", arn="news", policy=UNKNOWN)
    assert said(ADMITS, NEWS, sender, unknown).outcome is Outcome.NOT_APPLICABLE


def test_the_default_policy_of_a_topic_lets_in_only_alarms() -> None:
    assert passes(ADMITS, NEWS, ALARM)
    assert [bool(violations(ADMITS, NEWS, one)) for one in (EVENT, BUDGETED, UPLOADED)] == [True] * 3


def test_a_receiver_that_no_service_sends_to_is_not_evaluated() -> None:
    assert said(ADMITS, NEWS).outcome is Outcome.NOT_APPLICABLE


def test_a_statement_for_another_sender_lets_nothing_in() -> None:
    def of(alarm: str) -> Resource:
        condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{alarm}"}}
        return policy(TOPIC_POLICY, admitting("cloudwatch", Condition=condition), arn="news")

    assert passes(ADMITS, NEWS, ALARM, of("*"))
    assert passes(ADMITS, NEWS, ALARM, of("failed"))
    assert violations(ADMITS, NEWS, ALARM, of("slow"))


def test_a_denial_of_plain_http_keeps_nothing_out() -> None:
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": plain}
    assert passes(ADMITS, NEWS, ALARM, policy(TOPIC_POLICY, admitting("cloudwatch"), denied, arn="news"))


@pytest.mark.parametrize(
    ("sender", "service"),
    [
        (resource(EVENT_TARGET, "target", arn="x", deadLetterConfig={"arn": LOST_ARN}), "events"),
        (resource(TOPIC_SUBSCRIPTION, "to-queue", topic="news", endpoint=LOST_ARN), "sns"),
        (
            resource(
                TOPIC_SUBSCRIPTION,
                "mail",
                topic="news",
                endpoint="a@b.org",
                redrivePolicy=json.dumps({"deadLetterTargetArn": LOST_ARN}),
            ),
            "sns",
        ),
    ],
    ids=["dead letters", "subscription", "redrive"],
)
def test_the_policy_of_a_queue_must_admit_the_services_that_send_to_it(
    sender: Resource, service: str
) -> None:
    admits = policy(QUEUE_POLICY, admitting(service, "sqs:SendMessage"), queueUrl=LOST_ARN)
    assert passes(ADMITS, LOST, sender, admits)
    assert violations(ADMITS, LOST, sender)
    own = resource(
        QUEUE, "lost", name="lost", policy=json.dumps({"Statement": admitting(service, "sqs:SendMessage")})
    )
    assert passes(ADMITS, own, sender)


def test_a_function_lets_in_events_by_a_permission() -> None:
    function = resource(FUNCTION, "report", name="report")
    sender = resource(EVENT_TARGET, "target", rule="uploaded", arn=REPORT_ARN)
    permission = resource(
        FUNCTION_PERMISSION,
        "may",
        function="report",
        action="lambda:InvokeFunction",
        principal="events.amazonaws.com",
        sourceArn=UNKNOWN,
    )
    assert passes(ADMITS, function, sender, permission)
    assert violations(ADMITS, function, sender)


ENCRYPTED = resource(TOPIC, "news", name="news", kmsMasterKeyId="alias/news")
USE = ["kms:Decrypt", "kms:GenerateDataKey*"]


def key(*statements: Any, **properties: Any) -> Resource:
    written = {"policy": json.dumps({"Statement": list(statements)})} if statements else {}
    return resource(KEY, "key", **{**written, **properties})


def alias(of: Resource) -> Resource:
    target = {"targetKeyId": (of,)}
    return resource(KEY_ALIAS, "alias", name="alias/news", targetKeyId=UNKNOWN, sources=target)


def test_the_policy_of_a_key_must_admit_the_services_that_publish_to_its_topic() -> None:
    given = key(admitting("cloudwatch", USE))
    assert passes(KEYS, ENCRYPTED, ALARM, given, alias(given))
    closed = key(admitting("events", USE))
    (told,) = violations(KEYS, ENCRYPTED, ALARM, closed, alias(closed))
    assert "the policy of its key key does not allow cloudwatch.amazonaws.com to use the key" in told
    default = key()
    assert violations(KEYS, ENCRYPTED, ALARM, default, alias(default))
    later = key(policy=UNKNOWN)
    assert said(KEYS, ENCRYPTED, ALARM, later, alias(later)).outcome is Outcome.NOT_APPLICABLE


def test_the_key_that_aws_manages_lets_no_alarm_in() -> None:
    managed = resource(TOPIC, "news", name="news", kmsMasterKeyId="alias/aws/sns")
    (told,) = violations(KEYS, managed, ALARM)
    assert "the key that AWS manages, which cloudwatch.amazonaws.com cannot use" in told
    assert said(KEYS, managed).outcome is Outcome.NOT_APPLICABLE


def test_eventbridge_uses_a_key_without_naming_its_source() -> None:
    queue = resource(QUEUE, "lost", name="lost", kmsMasterKeyId="alias/news")
    sender = resource(EVENT_TARGET, "target", arn="x", deadLetterConfig={"arn": LOST_ARN})
    conditional = key(
        admitting("events", USE, Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})
    )
    (told,) = violations(KEYS, queue, sender, conditional, alias(conditional))
    assert "without a condition on its source" in told
    given = key(admitting("events", USE))
    assert passes(KEYS, queue, sender, given, alias(given))


@pytest.mark.parametrize("service", ["logs.eu-west-1", "logs"])
def test_a_key_of_a_log_group_lets_in_the_logs_of_its_region(service: str) -> None:
    given = key(admitting(service, "kms:*"))
    group = resource(
        LOG_GROUP,
        "logs",
        name="/ecs/it",
        kmsKeyId=UNKNOWN,
        provider={"region": "eu-west-1"},
        sources={"kmsKeyId": (given,)},
    )
    assert passes(KEYS, group, given)
    other = key(admitting("logs.us-east-1", "kms:*"))
    assert violations(KEYS, group, other)
    closed = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:*:*:log-group:/ecs/others"}}
    assert violations(KEYS, group, key(admitting(service, "kms:*", Condition=closed)))


def test_a_key_that_is_switched_off_is_refused() -> None:
    off = resource(
        KEY, "key", keyId="k", isEnabled=False, policy=json.dumps({"Statement": admitting("cloudwatch")})
    )
    encrypted = resource(
        TOPIC, "news", name="news", kmsMasterKeyId=UNKNOWN, sources={"kmsMasterKeyId": (off,)}
    )
    (told,) = violations(KEYS, encrypted, ALARM, off)
    assert told == (
        "news: its key key is switched off, so that what failed sends to it is lost; remove isEnabled of the key."
    )
