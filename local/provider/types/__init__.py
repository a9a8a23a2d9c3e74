"""The entries of the table, by service."""

from local.provider.resource_type import ResourceType
from local.provider.types import (
    budgets,
    cloudwatch,
    ec2,
    ecr,
    ecs,
    events,
    iam,
    kms,
    lambda_,
    s3,
    scheduler,
    secretsmanager,
    security_groups,
    sfn,
    sns,
    sqs,
    ssm,
)

TYPES: tuple[ResourceType, ...] = (
    *budgets.TYPES,
    *cloudwatch.TYPES,
    *ec2.TYPES,
    *ecr.TYPES,
    *ecs.TYPES,
    *events.TYPES,
    *iam.TYPES,
    *kms.TYPES,
    *lambda_.TYPES,
    *s3.TYPES,
    *scheduler.TYPES,
    *secretsmanager.TYPES,
    *security_groups.TYPES,
    *sfn.TYPES,
    *sns.TYPES,
    *sqs.TYPES,
    *ssm.TYPES,
)
