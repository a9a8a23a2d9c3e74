"""A sample of each type in the table: inputs, the resources that it needs, and an update."""

import json
from dataclasses import dataclass, field
from typing import Any

from local.provider.values import ARCHIVE, ASSET, SIGNATURE


@dataclass(frozen=True)
class Sample:
    """A resource that can be created. `$bucket.arn` stands for an output of a needed resource."""

    inputs: dict[str, Any]
    change: dict[str, Any] = field(default_factory=dict)
    """Inputs that an update changes; None removes an input. Empty if the type cannot be updated."""
    needs: dict[str, str] = field(default_factory=dict)
    """Names of needed resources, with the type whose sample is created first."""
    stays: bool = False
    """True if AWS has nothing to delete: the setting is deleted with its parent."""


def document(*actions: str, resource: str = "*") -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": list(actions), "Resource": resource}
            ],
        }
    )


TRUST, BROADER_TRUST = (
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": actions}
            ],
        }
    )
    for actions in ("sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"])
)


def permissions(*actions: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}],
        }
    )


def keep_untagged(images: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": images}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


def archive(source: str) -> dict[str, Any]:
    text = {SIGNATURE: ASSET, "text": source}
    return {SIGNATURE: ARCHIVE, "assets": {"notifier.py": text}}


ROLE_ARN = "arn:aws:iam::123456789012:role/any"
TAGS = {"tags": {"team": "forest", "stage": "test"}}
RETAGGED = {"tags": {"team": "rivers", "tier": "1"}}

BUCKET = {"bucket": "aws:s3/bucket:Bucket"}
VPC = {"vpc": "aws:ec2/vpc:Vpc"}
CLUSTER = {"cluster": "aws:ecs/cluster:Cluster"}

SAMPLES: dict[str, Sample] = {
    "aws:cloudwatch/dashboard:Dashboard": Sample(
        {"dashboardName": "overview", "dashboardBody": '{"widgets": []}'},
        {"dashboardBody": json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "hello"}}]})},
    ),
    "aws:cloudwatch/logGroup:LogGroup": Sample(
        {"name": "/ccapi/worker", "retentionInDays": 7, "skipDestroy": False, **TAGS},
        {"retentionInDays": 30, **RETAGGED},
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Sample(
        {
            "name": "ccapi/errors",
            "logGroupNames": ["/ccapi/worker"],
            "queryString": "fields @timestamp, message",
        },
        {"queryString": "fields @message"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Sample(
        {
            "name": "failed",
            "alarmDescription": "A run failed.",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "metricName": "ExecutionsFailed",
            "namespace": "AWS/States",
            "period": 300,
            "statistic": "Sum",
            "threshold": 0.5,
            "dimensions": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"},
            "alarmActions": ["arn:aws:sns:us-east-1:123456789012:alarms"],
            "treatMissingData": "notBreaching",
            **TAGS,
        },
        {"threshold": 2, "alarmDescription": None, **RETAGGED},
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Sample(
        {"repository": "$repository.name", "policy": keep_untagged(3)},
        {"policy": keep_untagged(1)},
        needs={"repository": "aws:ecr/repository:Repository"},
    ),
    "aws:ecr/repository:Repository": Sample(
        {
            "name": "ccapi-worker",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "AES256"}],
            "forceDelete": True,
            **TAGS,
        },
        {"imageTagMutability": "MUTABLE", "imageScanningConfiguration": {"scanOnPush": False}, **RETAGGED},
    ),
    "aws:ecs/cluster:Cluster": Sample(
        {"name": "ccapi", "settings": [{"name": "containerInsights", "value": "enabled"}], **TAGS},
        {"settings": [{"name": "containerInsights", "value": "disabled"}], **RETAGGED},
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Sample(
        {
            "clusterName": "$cluster.name",
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "defaultCapacityProviderStrategies": [
                {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}
            ],
        },
        {"defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]},
        needs=CLUSTER,
        stays=True,
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Sample(
        {
            "family": "ccapi-worker",
            "containerDefinitions": json.dumps(
                [
                    {
                        "name": "monitor",
                        "image": "ccapi:1",
                        "essential": True,
                        "entryPoint": ["python", "-m", "worker"],
                        "environment": [{"name": "LOG_LEVEL", "value": "INFO"}],
                        "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/scratch"}],
                        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ccapi"}},
                    }
                ]
            ),
            "cpu": "1024",
            "memory": "2048",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
            "ephemeralStorage": {"sizeInGib": 30},
            "executionRoleArn": ROLE_ARN,
            "taskRoleArn": ROLE_ARN,
            "volumes": [{"name": "scratch"}],
            **TAGS,
        },
        RETAGGED,
    ),
    "aws:iam/policy:Policy": Sample(
        {"name": "read-logs", "policy": permissions("logs:GetLogEvents"), "description": "May read.", **TAGS},
        {"policy": permissions("logs:GetLogEvents", "logs:FilterLogEvents"), **RETAGGED},
    ),
    "aws:iam/role:Role": Sample(
        {
            "name": "ccapi-task",
            "assumeRolePolicy": TRUST,
            "description": "What the worker may do.",
            "maxSessionDuration": 7200,
            **TAGS,
        },
        {"assumeRolePolicy": BROADER_TRUST, "description": None, **RETAGGED},
    ),
    "aws:iam/rolePolicy:RolePolicy": Sample(
        {"role": "$role.name", "name": "logs", "policy": permissions("logs:PutLogEvents")},
        {"policy": permissions("logs:PutLogEvents", "logs:CreateLogStream")},
        needs={"role": "aws:iam/role:Role"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Sample(
        {"role": "$role.name", "policyArn": "$policy.arn"},
        needs={"role": "aws:iam/role:Role", "policy": "aws:iam/policy:Policy"},
    ),
    "aws:s3/bucket:Bucket": Sample({"bucket": "ccapi-reports", "forceDestroy": True, **TAGS}, RETAGGED),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Sample(
        {
            "bucket": "$bucket.bucket",
            "rules": [
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": "runs/"},
                    "expiration": {"days": 30},
                    "noncurrentVersionExpiration": {"noncurrentDays": 7},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
                }
            ],
        },
        {
            "rules": [
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": "runs/"},
                    "expiration": {"days": 90},
                }
            ]
        },
        needs=BUCKET,
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Sample(
        {"bucket": "$bucket.bucket", "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
        needs=BUCKET,
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Sample(
        {
            "bucket": "$bucket.bucket",
            "policy": document("s3:GetObject", resource="arn:aws:s3:::ccapi-reports/*"),
        },
        {"policy": document("s3:PutObject", resource="arn:aws:s3:::ccapi-reports/*")},
        needs=BUCKET,
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Sample(
        {
            "bucket": "$bucket.bucket",
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        {"restrictPublicBuckets": False},
        needs=BUCKET,
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Sample(
        {
            "bucket": "$bucket.bucket",
            "rules": [
                {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": True}
            ],
        },
        {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": "arn:aws:kms:us-east-1:123456789012:key/1",
                    },
                    "bucketKeyEnabled": True,
                }
            ]
        },
        needs=BUCKET,
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Sample(
        {"bucket": "$bucket.bucket", "versioningConfiguration": {"status": "Enabled"}},
        {"versioningConfiguration": {"status": "Suspended"}},
        needs=BUCKET,
        stays=True,
    ),
    "aws:scheduler/schedule:Schedule": Sample(
        {
            "name": "weekly",
            "groupName": "$group.name",
            "description": "Every Monday.",
            "scheduleExpression": "cron(0 9 ? * MON *)",
            "scheduleExpressionTimezone": "Asia/Jakarta",
            "flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15},
            "target": {
                "arn": "arn:aws:states:us-east-1:123456789012:stateMachine:m",
                "roleArn": ROLE_ARN,
                "input": '{"scheduled_time": "<aws.scheduler.scheduled-time>"}',
                "retryPolicy": {"maximumEventAgeInSeconds": 7200, "maximumRetryAttempts": 3},
                "deadLetterConfig": {"arn": "arn:aws:sqs:us-east-1:123456789012:dlq"},
            },
            "state": "ENABLED",
        },
        {"state": "DISABLED", "description": None, "scheduleExpression": "cron(0 10 ? * MON *)"},
        needs={"group": "aws:scheduler/scheduleGroup:ScheduleGroup"},
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": Sample({"name": "ccapi", **TAGS}, RETAGGED),
    "aws:sfn/stateMachine:StateMachine": Sample(
        {
            "name": "ccapi-weekly",
            "definition": '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}',
            "roleArn": ROLE_ARN,
            "type": "STANDARD",
            "loggingConfiguration": {
                "level": "ALL",
                "includeExecutionData": True,
                "logDestination": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/m:*",
            },
            "tracingConfiguration": {"enabled": True},
            **TAGS,
        },
        {"definition": '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}', **RETAGGED},
    ),
    "aws:sns/topic:Topic": Sample(
        {"name": "success", "displayName": "Success", "kmsMasterKeyId": "alias/aws/sns", **TAGS},
        {"displayName": "Well done", "kmsMasterKeyId": None, **RETAGGED},
    ),
    "aws:sns/topicPolicy:TopicPolicy": Sample(
        {"arn": "$topic.arn", "policy": document("sns:Publish")},
        {"policy": document("sns:Publish", "sns:Subscribe")},
        needs={"topic": "aws:sns/topic:Topic"},
        stays=True,
    ),
    "aws:sns/topicSubscription:TopicSubscription": Sample(
        {
            "topic": "$topic.arn",
            "protocol": "sqs",
            "endpoint": "$queue.arn",
            "rawMessageDelivery": True,
            "filterPolicy": '{"kind": ["failure"]}',
        },
        {"filterPolicy": '{"kind": ["failure", "partial"]}', "rawMessageDelivery": False},
        needs={"topic": "aws:sns/topic:Topic", "queue": "aws:sqs/queue:Queue"},
    ),
    "aws:sqs/queue:Queue": Sample(
        {"name": "dlq", "messageRetentionSeconds": 1209600, "sqsManagedSseEnabled": True, **TAGS},
        {"messageRetentionSeconds": None, "visibilityTimeoutSeconds": 60, **RETAGGED},
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Sample(
        {"queueUrl": "$queue.url", "policy": document("sqs:SendMessage")},
        {"policy": document("sqs:SendMessage", "sqs:ReceiveMessage")},
        needs={"queue": "aws:sqs/queue:Queue"},
    ),
    "aws:budgets/budget:Budget": Sample(
        {
            "name": "ccapi",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "50",
            "limitUnit": "USD",
            "timePeriodStart": "2026-01-01_00:00",
            "costFilters": [{"name": "TagKeyValue", "values": ["user:team$forest"]}],
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["alerts@example.com"],
                }
            ],
        },
    ),
    "aws:cloudwatch/eventRule:EventRule": Sample(
        {
            "name": "task-stopped",
            "description": "A worker stopped.",
            "eventPattern": '{"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"]}',
            "state": "ENABLED",
            **TAGS,
        },
        {"state": "DISABLED", "description": None, **RETAGGED},
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Sample(
        {
            "rule": "$rule.name",
            "targetId": "watch",
            "arn": "arn:aws:states:us-east-1:123456789012:stateMachine:watch",
            "roleArn": ROLE_ARN,
            "inputTransformer": {
                "inputPaths": {"task": "$.detail.taskArn"},
                "inputTemplate": '{"task": <task>}',
            },
            "retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 3},
            "deadLetterConfig": {"arn": "arn:aws:sqs:us-east-1:123456789012:dlq"},
        },
        {"retryPolicy": {"maximumEventAgeInSeconds": 600, "maximumRetryAttempts": 1}},
        needs={"rule": "aws:cloudwatch/eventRule:EventRule"},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Sample(
        {"vpcId": "$vpc.id", **TAGS},
        {
            "egress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/16"]}],
            **RETAGGED,
        },
        needs=VPC,
        stays=True,
    ),
    "aws:ec2/eip:Eip": Sample({"domain": "vpc", **TAGS}, RETAGGED),
    "aws:ec2/internetGateway:InternetGateway": Sample({"vpcId": "$vpc.id", **TAGS}, RETAGGED, needs=VPC),
    "aws:ec2/natGateway:NatGateway": Sample(
        {"subnetId": "$subnet.id", "allocationId": "$address.allocationId", **TAGS},
        RETAGGED,
        needs={"subnet": "aws:ec2/subnet:Subnet", "address": "aws:ec2/eip:Eip"},
    ),
    "aws:ec2/route:Route": Sample(
        {
            "routeTableId": "$table.id",
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": "$gateway.id",
        },
        needs={
            "table": "aws:ec2/routeTable:RouteTable",
            "gateway": "aws:ec2/internetGateway:InternetGateway",
        },
    ),
    "aws:ec2/routeTable:RouteTable": Sample({"vpcId": "$vpc.id", **TAGS}, RETAGGED, needs=VPC),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Sample(
        {"routeTableId": "$table.id", "subnetId": "$subnet.id"},
        needs={"table": "aws:ec2/routeTable:RouteTable", "subnet": "aws:ec2/subnet:Subnet"},
    ),
    "aws:ec2/securityGroup:SecurityGroup": Sample(
        {
            "name": "worker",
            "description": "What the worker reaches.",
            "vpcId": "$vpc.id",
            "egress": [
                {
                    "protocol": "tcp",
                    "fromPort": 443,
                    "toPort": 443,
                    "cidrBlocks": ["0.0.0.0/0"],
                    "description": "Everything over HTTPS.",
                }
            ],
            **TAGS,
        },
        {
            "egress": [{"protocol": "udp", "fromPort": 53, "toPort": 53, "cidrBlocks": ["10.0.0.2/32"]}],
            "ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "self": True}],
            **RETAGGED,
        },
        needs=VPC,
    ),
    "aws:ec2/subnet:Subnet": Sample(
        {
            "vpcId": "$vpc.id",
            "cidrBlock": "10.0.1.0/24",
            "availabilityZone": "us-east-1a",
            "mapPublicIpOnLaunch": True,
            **TAGS,
        },
        {"mapPublicIpOnLaunch": False, **RETAGGED},
        needs=VPC,
    ),
    "aws:ec2/vpc:Vpc": Sample(
        {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True, "enableDnsHostnames": True, **TAGS},
        {"enableDnsHostnames": False, **RETAGGED},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Sample(
        {
            "vpcId": "$vpc.id",
            "serviceName": "com.amazonaws.us-east-1.s3",
            "vpcEndpointType": "Gateway",
            "routeTableIds": ["$table.id"],
            "policy": document("s3:GetObject"),
            **TAGS,
        },
        {"policy": document("s3:*"), **RETAGGED},
        needs={"vpc": "aws:ec2/vpc:Vpc", "table": "aws:ec2/routeTable:RouteTable"},
    ),
    "aws:kms/alias:Alias": Sample(
        {"name": "alias/ccapi", "targetKeyId": "$key.keyId"}, needs={"key": "aws:kms/key:Key"}
    ),
    "aws:kms/key:Key": Sample(
        {
            "description": "Encrypts notifications.",
            "enableKeyRotation": True,
            "deletionWindowInDays": 7,
            "policy": document("kms:*"),
            **TAGS,
        },
        {"description": "Encrypts everything.", "enableKeyRotation": False, **RETAGGED},
    ),
    "aws:lambda/function:Function": Sample(
        {
            "name": "notifier",
            "role": "$role.arn",
            "runtime": "python3.12",
            "handler": "notifier.handler",
            "code": archive("def handler(event, context):\n    return event\n"),
            "timeout": 30,
            "memorySize": 256,
            "architectures": ["arm64"],
            "kmsKeyArn": "$key.arn",
            "tracingConfig": {"mode": "Active"},
            "reservedConcurrentExecutions": 5,
            "environment": {"variables": {"CHANNEL": "#alerts"}},
            **TAGS,
        },
        {
            "timeout": 60,
            "environment": {"variables": {"CHANNEL": "#reports"}},
            "reservedConcurrentExecutions": 2,
            **RETAGGED,
        },
        needs={"role": "aws:iam/role:Role", "key": "aws:kms/key:Key"},
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Sample(
        {
            "functionName": "$function.name",
            "maximumRetryAttempts": 1,
            "maximumEventAgeInSeconds": 3600,
            "destinationConfig": {"onFailure": {"destination": "arn:aws:sqs:us-east-1:123456789012:letters"}},
        },
        needs={"function": "aws:lambda/function:Function"},
    ),
    "aws:lambda/permission:Permission": Sample(
        {
            "statementId": "from-topic",
            "function": "$function.name",
            "action": "lambda:InvokeFunction",
            "principal": "sns.amazonaws.com",
            "sourceArn": "arn:aws:sns:us-east-1:123456789012:failure",
        },
        needs={"function": "aws:lambda/function:Function"},
    ),
    "aws:secretsmanager/secret:Secret": Sample(
        {"name": "ccapi/earth-engine", "description": "The key.", "recoveryWindowInDays": 0, **TAGS},
        {"description": "The service account's key.", **RETAGGED},
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Sample(
        {"secretId": "$secret.arn", "secretString": "hunter2"},
        needs={"secret": "aws:secretsmanager/secret:Secret"},
        stays=True,
    ),
    "aws:ssm/parameter:Parameter": Sample(
        {
            "name": "/ccapi/run-settings",
            "type": "String",
            "value": '{"subnets": ["subnet-1"]}',
            "description": "What a run reads first.",
            **TAGS,
        },
        {"value": '{"subnets": ["subnet-2"]}', "description": "What every run reads first.", **RETAGGED},
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Sample(
        {
            "securityGroupId": "$group.id",
            "ipProtocol": "udp",
            "fromPort": 53,
            "toPort": 53,
            "cidrIpv4": "0.0.0.0/0",
            "description": "Names.",
            **TAGS,
        },
        {"description": "Names of hosts.", **RETAGGED},
        needs={"group": "aws:ec2/securityGroup:SecurityGroup"},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Sample(
        {
            "securityGroupId": "$group.id",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "referencedSecurityGroupId": "$group.id",
            **TAGS,
        },
        {"fromPort": 80, **RETAGGED},
        needs={"group": "aws:ec2/securityGroup:SecurityGroup"},
    ),
}
