"""Dead-letter queues."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.resources.iam import deny_plain_http, document
from components.settings.names import Names

# 14 days is the longest retention of SQS: two weekly runs may pass before an operator looks.
RETENTION_SECONDS = 14 * 24 * 3600


def dead_letter_queue(
    resource_name: str,
    names: Names,
    name: str,
    key_arn: pulumi.Input[str],
    *senders: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> aws.sqs.Queue:
    """Return an encrypted queue of messages that an operator has to look at, with its policy.

    The policy refuses plain HTTP and holds the statements of `senders`: services that send in their own name.
    """
    queue = aws.sqs.Queue(
        resource_name,
        name=name,
        message_retention_seconds=RETENTION_SECONDS,
        kms_master_key_id=key_arn,
        opts=opts,
    )
    tls_only = deny_plain_http(names.arn("sqs", name), "sqs:*")
    aws.sqs.QueuePolicy(resource_name, queue_url=queue.url, policy=document(*senders, tls_only), opts=opts)
    return queue


def redrive_policy(queue_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the redrive policy of a subscription, with which SNS keeps undelivered messages in a queue."""
    return pulumi.Output.from_input(queue_arn).apply(lambda arn: json.dumps({"deadLetterTargetArn": arn}))
