"""The topics of e-mails, for successes, failures and alarms, and the topic of events that the reporter reads."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.resources import budget
from components.resources.base import PipelineComponent
from components.resources.iam import allow_service, deny_plain_http, document
from components.resources.queues import dead_letter_queue, redrive_policy
from components.settings.names import Names

TOPICS = ("success", "failure", "alarms", "events")
ALARM_TOPICS = frozenset({"failure", "alarms", "events"})
"""The topics that alarms publish to: `events`, or the other two for an alarm with `is_direct`."""

# SNS rejects `sns:*` in a topic's policy. Source: "Default Amazon SNS topic policy".
TOPIC_ACTIONS = (
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
)


@dataclass(frozen=True, kw_only=True)
class NotifierArgs:
    """The addresses of each topic."""

    names: Names
    key_arn: pulumi.Input[str]
    success_emails: Sequence[str]
    failure_emails: Sequence[str]
    alarm_emails: Sequence[str]


class Notifier(PipelineComponent):
    """The topics that a run publishes to, and their subscribers.

    Creates: an encrypted topic with its policy for successes, one for failures and, if some addresses get alarms only,
    one for alarms; a subscription for each address; a topic of events, to which alarms and the budget publish; and the
    dead-letter queue of messages that a subscriber did not accept.
    """

    success_topic_arn: pulumi.Output[str]
    failure_topic_arn: pulumi.Output[str]
    alarms_topic_arn: pulumi.Output[str] | None
    """The topic of the addresses that get alarms only; None if there are none."""
    direct_topic_arns: list[pulumi.Output[str]]
    """The topics of each address that gets alarms."""
    events_topic_arn: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]

    def __init__(self, name: str, args: NotifierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # The number of recipients instead of their addresses, which stay out of policies' inputs and of logs.
        super().__init__(
            name,
            {
                "successSubscribers": len(args.success_emails),
                "failureSubscribers": len(args.failure_emails),
                "alarmSubscribers": len(args.alarm_emails),
            },
            opts,
        )
        queue = dead_letter_queue(
            name,
            args.names,
            args.names.message_queue,
            args.key_arn,
            topics_send(args.names, has_alarms=bool(args.alarm_emails)),
            opts=self.child,
        )
        self._redrive = redrive_policy(queue.arn)
        self.success_topic_arn = self._email_topic(name, "success", args, args.success_emails)
        self.failure_topic_arn = self._email_topic(name, "failure", args, args.failure_emails)
        self.alarms_topic_arn = (
            self._email_topic(name, "alarms", args, args.alarm_emails) if args.alarm_emails else None
        )
        direct = (self.failure_topic_arn, self.alarms_topic_arn)
        self.direct_topic_arns = [topic for topic in direct if topic is not None]
        self.events_topic_arn = self._topic(name, "events", args).arn
        self.queue_url = queue.url
        self.queue_arn = queue.arn
        self.register_outputs(
            {"successTopicArn": self.success_topic_arn, "failureTopicArn": self.failure_topic_arn}
        )

    def _topic(self, name: str, what: str, args: NotifierArgs) -> aws.sns.Topic:
        topic = aws.sns.Topic(
            f"{name}-{what}", name=args.names.topic(what), kms_master_key_id=args.key_arn, opts=self.child
        )
        aws.sns.TopicPolicy(
            f"{name}-{what}", arn=topic.arn, policy=topic_document(args.names, what), opts=self.child
        )
        return topic

    def _email_topic(
        self, name: str, what: str, args: NotifierArgs, emails: Sequence[str]
    ) -> pulumi.Output[str]:
        topic = self._topic(name, what, args)
        for email in emails:
            # The name is derived from the address, not from its place in the list. SNS identifies a
            # subscription by its address: under a new name, Pulumi would create the same subscription again
            # and then delete it under its old name.
            aws.sns.TopicSubscription(
                f"{name}-{what}-{_digest(email)}",
                topic=topic.arn,
                protocol="email",
                endpoint=email,
                redrive_policy=self._redrive,
                opts=self.child,
            )
        return topic.arn


def _digest(email: str) -> str:
    """Return a short name for an address that does not reveal the address."""
    return hashlib.sha256(email.encode()).hexdigest()[:8]


def topic_document(names: Names, what: str) -> str:
    """Return a topic's policy, which denies plain HTTP; the account's roles publish by their own policies.

    Alarms and budgets of this account may publish to `events`, and alarms about the messages themselves to `failure`
    and `alarms`.
    """
    own_account = {"StringEquals": {"aws:SourceAccount": names.account}}
    alarms = {**own_account, "ArnLike": {"aws:SourceArn": names.arn("cloudwatch", "alarm:*")}}
    arn = names.topic_arn(what)
    publish_budget = {
        "Sid": "BudgetToTopics",
        **allow_service("budgets.amazonaws.com", "sns:Publish", arn, {**own_account, **budget.source(names)}),
    }
    has_budget = what == "events" and names.partition in budget.PARTITIONS
    return document(
        *(
            [allow_service("cloudwatch.amazonaws.com", "sns:Publish", arn, alarms)]
            if what in ALARM_TOPICS
            else []
        ),
        *([publish_budget] if has_budget else []),
        deny_plain_http(arn, TOPIC_ACTIONS),
    )


def email_topics(*, has_alarms: bool) -> tuple[str, ...]:
    """Return the topics of e-mails; that of alarms exists only for addresses that get nothing else."""
    return ("success", "failure", *(("alarms",) if has_alarms else ()))


def topics_send(names: Names, *, has_alarms: bool) -> dict[str, Any]:
    """Return the statement that lets SNS put messages that a subscriber did not accept into the queue."""
    topics = [names.topic_arn(what) for what in (*email_topics(has_alarms=has_alarms), "events")]
    return allow_service(
        "sns.amazonaws.com",
        "sqs:SendMessage",
        names.arn("sqs", names.message_queue),
        {"ArnEquals": {"aws:SourceArn": topics}},
    )
