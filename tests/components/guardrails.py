"""The properties that guardrails read, which therefore have to be known before anything is created.

A rule that reads something unknown does not run in a preview: https://www.pulumi.com/docs/insights/policy/policy-packs/
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

READ_BY_GUARDRAILS: dict[str, tuple[str, ...]] = {
    "aws:budgets/budget:Budget": (
        "budgetType",
        "costFilters",
        "limitAmount",
        "limitUnit",
        "name",
        "timeUnit",
    ),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardBody", "dashboardName"),
    "aws:cloudwatch/eventRule:EventRule": ("eventPattern", "name"),
    "aws:cloudwatch/eventTarget:EventTarget": ("retryPolicy", "rule", "targetId"),
    "aws:cloudwatch/logGroup:LogGroup": ("name", "retentionInDays"),
    "aws:cloudwatch/queryDefinition:QueryDefinition": ("name",),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        "comparisonOperator",
        "dimensions",
        "evaluationPeriods",
        "metricName",
        "name",
        "namespace",
        "period",
        "statistic",
        "threshold",
        "treatMissingData",
    ),
    "aws:ec2/eip:Eip": ("domain",),
    "aws:ec2/route:Route": ("destinationCidrBlock",),
    "aws:ec2/subnet:Subnet": ("availabilityZone", "cidrBlock"),
    "aws:ec2/vpc:Vpc": ("cidrBlock",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("serviceName", "vpcEndpointType"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ("policy",),
    "aws:ecr/repository:Repository": ("imageScanningConfiguration", "imageTagMutability", "name"),
    "aws:ecs/cluster:Cluster": ("name", "settings"),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": ("capacityProviders", "clusterName"),
    "aws:ecs/taskDefinition:TaskDefinition": (
        "containerDefinitions",
        "cpu",
        "family",
        "memory",
        "networkMode",
        "requiresCompatibilities",
        "runtimePlatform",
        "volumes",
    ),
    "aws:iam/role:Role": ("assumeRolePolicy", "name"),
    "aws:iam/rolePolicy:RolePolicy": ("name", "policy"),
    "aws:kms/alias:Alias": ("name",),
    "aws:kms/key:Key": ("deletionWindowInDays", "enableKeyRotation", "policy"),
    "aws:lambda/function:Function": (
        "architectures",
        "environment",
        "handler",
        "memorySize",
        "name",
        "runtime",
        "timeout",
        "tracingConfig",
    ),
    "aws:lambda/permission:Permission": ("action", "principal", "statementId"),
    "aws:s3/bucket:Bucket": ("bucket", "forceDestroy"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("rules",),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ("rule",),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy",),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ("versioningConfiguration",),
    "aws:scheduler/schedule:Schedule": (
        "flexibleTimeWindow",
        "groupName",
        "name",
        "scheduleExpression",
        "scheduleExpressionTimezone",
        "state",
        "target.input",
        "target.retryPolicy",
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": ("name",),
    "aws:secretsmanager/secret:Secret": ("name", "recoveryWindowInDays"),
    "aws:sfn/stateMachine:StateMachine": (
        "definition",
        "loggingConfiguration.includeExecutionData",
        "loggingConfiguration.level",
        "name",
        "tracingConfiguration",
        "type",
    ),
    "aws:sns/topic:Topic": ("name",),
    "aws:sns/topicPolicy:TopicPolicy": ("policy",),
    "aws:sns/topicSubscription:TopicSubscription": ("endpoint", "protocol"),
    "aws:sqs/queue:Queue": ("messageRetentionSeconds", "name"),
    "aws:sqs/queuePolicy:QueuePolicy": ("policy",),
    "aws:ssm/parameter:Parameter": ("name", "type"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        "cidrIpv4",
        "fromPort",
        "ipProtocol",
        "toPort",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("fromPort", "ipProtocol", "toPort"),
}

# Unknown are only the IDs of the resources that they connect, which exist after creation.
ONLY_JOINS = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:secretsmanager/secretVersion:SecretVersion",
}


def unknown_to_guardrails(resources: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return every property that a rule reads and that is unknown or missing, by the resources' types and inputs."""
    return [
        f"{type_}.{path}"
        for type_, inputs in resources
        if type_ not in ONLY_JOINS
        for path in READ_BY_GUARDRAILS[type_]
        if not _is_known(inputs, path)
    ]


def _is_known(inputs: Mapping[str, Any], path: str) -> bool:
    value: Any = inputs
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value is not None and UNKNOWN not in str(value)
