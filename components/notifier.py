"""Who is told: one topic for good news, one for bad."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import allow_service, document
from components.names import Names
from components.part import Part


@dataclass(frozen=True, kw_only=True)
class NotifierArgs:
    """The addresses of each topic."""

    names: Names
    success_emails: Sequence[str]
    failure_emails: Sequence[str]


class Notifier(Part):
    """The topics that a run publishes to, and their subscribers.

    Creates: for each of success and failure a topic, its policy and a subscription an address.
    """

    success_topic_arn: pulumi.Output[str]
    failure_topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: NotifierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # How many are told, not who: addresses stay out of what policies and logs see.
        super().__init__(
            name,
            {"successSubscribers": len(args.success_emails), "failureSubscribers": len(args.failure_emails)},
            opts,
        )
        self.success_topic_arn = self._topic(name, "success", args.names, args.success_emails)
        self.failure_topic_arn = self._topic(name, "failure", args.names, args.failure_emails)
        self.register_outputs(
            {"successTopicArn": self.success_topic_arn, "failureTopicArn": self.failure_topic_arn}
        )

    def _topic(self, name: str, what: str, names: Names, emails: Sequence[str]) -> pulumi.Output[str]:
        topic = aws.sns.Topic(f"{name}-{what}", name=names.topic(what), opts=self.child)
        aws.sns.TopicPolicy(
            f"{name}-{what}", arn=topic.arn, policy=topic_document(names, what), opts=self.child
        )
        for index, email in enumerate(emails, start=1):
            aws.sns.TopicSubscription(
                f"{name}-{what}-{index}", topic=topic.arn, protocol="email", endpoint=email, opts=self.child
            )
        return topic.arn


def topic_document(names: Names, what: str) -> str:
    """Return a topic's policy: the alarms of this account may publish, and, by their own policies, its roles."""
    return document(
        allow_service(
            "cloudwatch.amazonaws.com",
            "sns:Publish",
            names.topic_arn(what),
            {
                "StringEquals": {"aws:SourceAccount": names.account},
                "ArnLike": {"aws:SourceArn": names.arn("cloudwatch", "alarm:*")},
            },
        )
    )
