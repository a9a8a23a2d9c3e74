"""The key that encrypts the messages, queues, logs, reports and secrets of a stack."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.resources import budget
from components.resources.base import PipelineComponent
from components.resources.iam import document
from components.settings.names import Names

DELETION_WINDOW_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class EncryptionArgs:
    """The names of the stack; `disposable` allows the key to be deleted with it."""

    names: Names
    disposable: bool


class Encryption(PipelineComponent):
    """The customer-managed key of a stack.

    Creates: the key with yearly rotation, its policy, and its alias.
    """

    key_arn: pulumi.Output[str]
    key_id: pulumi.Output[str]

    def __init__(self, name: str, args: EncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {}, opts, keeps_data=not args.disposable)
        key = aws.kms.Key(
            name,
            description=f"{args.names.project} {args.names.environment}: messages, queues, logs, reports, secrets",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=key_document(args.names),
            opts=self.stateful,
        )
        alias = aws.kms.Alias(name, name=args.names.key_alias, target_key_id=key.key_id, opts=self.child)
        # Policies may refer to the key by its alias for callers that encrypt by its ARN.
        self.key_arn = pulumi.Output.all(key.arn, alias.id).apply(lambda found: str(found[0]))
        self.key_id = key.key_id
        self.register_outputs({"keyArn": self.key_arn})


def key_document(names: Names) -> str:
    """Return the key's policy: the account manages access by IAM, and only these services use the key themselves.

    For alarms and topics, AWS documents the account as their source, not an ARN.

    Services that act for a caller, such as S3, SQS, Scheduler or Secrets Manager, need no principal here.
    Sources: "Key management" in the SNS developer guide, "Encrypt log data in CloudWatch Logs using KMS",
    "Using dead-letter queues to process undelivered events" in the EventBridge user guide.
    """
    own_account = {"StringEquals": {"aws:SourceAccount": names.account}}
    log_groups = {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": names.arn("logs", "log-group:*")},
    }
    budget_to_topics = _service_statement(
        "BudgetToTopics", "budgets.amazonaws.com", {**own_account, **budget.source(names)}
    )
    return document(
        {
            "Sid": "AccountDecides",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{names.partition}:iam::{names.account}:root"},
            # All access to a key is derived from its own policy; without this statement no principal could
            # change the policy.
            "Action": "kms:*",
            # In a key's policy, * means this key.
            "Resource": "*",
        },
        _service_statement("AlarmsToTopics", "cloudwatch.amazonaws.com", own_account),
        # In other partitions Budgets does not exist, and AWS rejects a policy that names it.
        *([budget_to_topics] if names.partition in budget.PARTITIONS else []),
        # SNS puts messages that a subscriber did not accept into an encrypted queue.
        _service_statement("TopicsToQueues", "sns.amazonaws.com", own_account),
        # EventBridge puts events that it could not deliver into an encrypted queue. It supports no source
        # condition here: with one, no event arrives. The queue's own policy names the rules.
        _service_statement("EventsToQueues", "events.amazonaws.com", None),
        _service_statement(
            "Logs",
            f"logs.{names.region}.{names.domain}",
            log_groups,
            extra=("kms:Encrypt*", "kms:ReEncrypt*", "kms:Describe*"),
        ),
    )


def _service_statement(
    sid: str, service: str, condition: dict[str, dict[str, str]] | None, *, extra: tuple[str, ...] = ()
) -> dict[str, object]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*", *extra],
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    }
