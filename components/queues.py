"""Dead-letter queues."""

import pulumi
import pulumi_aws as aws

# The longest that SQS keeps a message, 14 days: two weekly runs may pass before somebody looks.
RETENTION_SECONDS = 14 * 24 * 3600


def dead_letter_queue(
    resource_name: str, name: str, key_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> aws.sqs.Queue:
    """Return an encrypted queue of messages that somebody has to look at."""
    return aws.sqs.Queue(
        resource_name,
        name=name,
        message_retention_seconds=RETENTION_SECONDS,
        kms_master_key_id=key_arn,
        opts=opts,
    )
