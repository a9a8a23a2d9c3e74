"""A small pipeline without violations, as plain data in which a test can break one thing."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.aws import types
from guardrails.plan import UNKNOWN, Plan, Resource


@dataclass(frozen=True)
class Later:
    """A value that comes from another resource, and is unknown until that is created."""

    of: str


Pipeline = dict[str, dict[str, Any]]
"""The properties of each resource, by its name; JSON documents are still objects."""

DOCUMENTS = frozenset({"assumeRolePolicy", "containerDefinitions", "definition", "eventPattern", "policy"})

COMPONENT = "acme:pipelines:Pipeline"

TYPES = {
    "pipeline": COMPONENT,
    "machine": types.STATE_MACHINE,
    "machine-role": types.ROLE,
    "machine-policy": types.ROLE_POLICY,
    "cluster": types.CLUSTER,
    "cluster-capacity": types.CLUSTER_CAPACITY_PROVIDERS,
    "subnet": types.SUBNET,
    "routes": types.ROUTE_TABLE,
    "subnet-routes": types.ROUTE_TABLE_ASSOCIATION,
    "way-out": types.ROUTE,
    "workers": types.SECURITY_GROUP,
    "workers-https": types.EGRESS_RULE,
    "task": types.TASK_DEFINITION,
    "task-start-role": types.ROLE,
    "task-start-policy": types.ROLE_POLICY,
    "task-role": types.ROLE,
    "task-policy": types.ROLE_POLICY,
    "image": types.ECR_REPOSITORY,
    "start-group": types.SCHEDULE_GROUP,
    "start": types.SCHEDULE,
    "start-role": types.ROLE,
    "start-policy": types.ROLE_POLICY,
    "lost-starts": types.QUEUE,
    "lost-starts-policy": types.QUEUE_POLICY,
    "stopped-rule": types.EVENT_RULE,
    "upload-rule": types.EVENT_RULE,
    "upload-target": types.EVENT_TARGET,
    "upload-role": types.ROLE,
    "upload-policy": types.ROLE_POLICY,
    "news": types.TOPIC,
    "news-policy": types.TOPIC_POLICY,
    "news-mail": types.TOPIC_SUBSCRIPTION,
    "reporter": types.FUNCTION,
    "reporter-role": types.ROLE,
    "reporter-policy": types.ROLE_POLICY,
    "reporter-logs": types.LOG_GROUP,
    "reporter-events": types.TOPIC_SUBSCRIPTION,
    "reporter-permission": types.FUNCTION_PERMISSION,
    "reporter-url": types.FUNCTION_URL,
    "failed": types.METRIC_ALARM,
    "timed-out": types.METRIC_ALARM,
    "aborted": types.METRIC_ALARM,
    "slow": types.METRIC_ALARM,
    "start-lost": types.METRIC_ALARM,
    "few-tiles": types.METRIC_ALARM,
    "machine-logs": types.LOG_GROUP,
    "task-logs": types.LOG_GROUP,
    "key": types.KEY,
    "key-alias": types.KEY_ALIAS,
    "budget": "aws:budgets/budget:Budget",
    "database": "aws:rds/instance:Instance",
    "second-start": types.SCHEDULE,
    "worker-permission": types.FUNCTION_PERMISSION,
    "nat": "aws:ec2/natGateway:NatGateway",
    "endpoint": "aws:ec2/vpcEndpoint:VpcEndpoint",
    **{f"dashboard-{number}": "aws:cloudwatch/dashboard:Dashboard" for number in range(4)},
    "bucket": types.BUCKET,
    "service": types.SERVICE,
    "bus-permission": types.EVENT_PERMISSION,
    "errors": types.LOG_METRIC_FILTER,
    "stack": types.STACK,
}


def arn(service: str, name: str) -> str:
    """Return an ARN in the account and the region of the pipeline."""
    region, account = ("", "111122223333") if service == "iam" else ("eu-west-1", "111122223333")
    return f"arn:aws:{service}:{region}:{account}:{name}"


ACCOUNT = "111122223333"
MACHINE_ARN = arn("states", "stateMachine:tiles")
NEWS_ARN = arn("sns", "tiles-news")
QUEUE_ARN = arn("sqs", "tiles-lost-starts")
RULE_ARN = arn("events", "rule/tiles-uploaded")
REPORTER_ARN = arn("lambda", "function:tiles-reporter")
KEY_ALIAS = "alias/tiles"
SECRET_ARN = arn("secretsmanager", "secret:tiler-token-a1b2c3")

_USE_OF_KEY = ["kms:Decrypt", "kms:GenerateDataKey*"]

_NAMED_BY = {
    MACHINE_ARN: "machine",
    NEWS_ARN: "news",
    QUEUE_ARN: "lost-starts",
    REPORTER_ARN: "reporter",
    arn("iam", "role/tiles-reporter-role"): "reporter-role",
    "tiles-reporter": "reporter",
    "tiles-reporter-role": "reporter-role",
    arn("iam", "role/tiles-machine"): "machine-role",
    arn("iam", "role/tiles-start"): "start-role",
    arn("iam", "role/tiles-upload"): "upload-role",
    arn("iam", "role/tiler"): "task-role",
    arn("iam", "role/tiler-execution"): "task-start-role",
    "tiles": "start-group",
    "tiles-machine": "machine-role",
    "tiles-start": "start-role",
    "tiles-uploaded": "upload-rule",
    "tiles-cluster": "cluster",
}
"""The resource that an ARN or a name means."""


def good_pipeline() -> Pipeline:
    """Return a new copy of the pipeline, which can be changed."""
    return {
        "pipeline": {
            "bounds": {"items": {"Tiles": 8}},
            "expected": {
                "seconds": {"Check": 60, "WorkOnTile": 300, "reporter": 2},
                "month": {"lambda_request": 40},
                "starts": 4,
            },
        },
        "key": {
            "description": "Tiles",
            "enableKeyRotation": True,
            "policy": _key_policy(),
            **_tags(),
        },
        "key-alias": {"name": KEY_ALIAS, "targetKeyId": Later("key")},
        **_machine(),
        **_network(),
        **_workers(),
        **_start(),
        **_news(),
        **_reporter(),
        **_alarms(),
        "stack": {},
    }


def linked(pipeline: Pipeline) -> Pipeline:
    """Return a pipeline whose resources name each other by values that are known only later, as in most programs."""
    return {
        name: {key: _link(key, value) for key, value in properties.items()}
        for name, properties in pipeline.items()
    }


def _link(key: str, value: Any) -> Any:
    if key in DOCUMENTS or key == "name":
        return value
    if isinstance(value, dict):
        return {inner: _link(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_link(key, one) for one in value]
    return Later(_NAMED_BY[value]) if value in _NAMED_BY else value


def plan_of(pipeline: Pipeline) -> Plan:
    """Return the plan of a pipeline, as rules see it."""
    component, *others = [_resource(name, properties) for name, properties in pipeline.items()]
    return Plan.of([component, *others], [component])


def written(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties in the form that a program passes to Pulumi, with documents as text."""
    return {
        key: json.dumps(value) if key in DOCUMENTS and isinstance(value, dict | list) else value
        for key, value in properties.items()
    }


def _resource(name: str, properties: Mapping[str, Any]) -> Resource:
    return Resource(
        urn=_urn(name),
        type=TYPES[name],
        name=name,
        properties={key: _known(value) for key, value in written(properties).items()},
        parent=_urn("pipeline") if TYPES[name].startswith("aws:") else None,
        provider={"region": "eu-west-1", "allowedAccountIds": [ACCOUNT]},
        sources={key: tuple(map(_urn, _later(value))) for key, value in properties.items()},
    )


def _urn(name: str) -> str:
    return f"urn:pulumi:prod::tiles::{TYPES[name]}::{name}"


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return UNKNOWN if isinstance(value, Later) else value


def _later(value: Any) -> Iterator[str]:
    if isinstance(value, Later):
        yield value.of
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _later(inner)


def _key_policy() -> dict[str, Any]:
    own_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    log_groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn("logs", "log-group:*")}}
    logs = {"Action": ["kms:Encrypt*", "kms:Decrypt", "kms:GenerateDataKey*", "kms:Describe*"]}
    return _document(
        {"Effect": "Allow", "Principal": {"AWS": arn("iam", "root")}, "Action": "kms:*", "Resource": "*"},
        {**_admit("cloudwatch", _USE_OF_KEY, "*"), "Condition": own_account},
        _admit("events", _USE_OF_KEY, "*"),
        {**_admit("logs.eu-west-1", _USE_OF_KEY, "*"), **logs, "Condition": log_groups},
    )


def _admit(service: str, actions: list[str], resource: str) -> dict[str, Any]:
    return {**_allow(actions, [resource]), "Principal": {"Service": f"{service}.amazonaws.com"}}


def _machine() -> Pipeline:
    return {
        "machine": {
            "name": "tiles",
            "type": "STANDARD",
            "roleArn": arn("iam", "role/tiles-machine"),
            "definition": _definition(),
            "loggingConfiguration": {
                "level": "ALL",
                "includeExecutionData": True,
                "logDestination": f"{arn('logs', 'log-group:/aws/vendedlogs/states/tiles')}:*",
            },
            "tracingConfiguration": {"enabled": True},
            **_tags(),
        },
        "machine-role": {
            "name": "tiles-machine",
            "assumeRolePolicy": _trust("states", {"ArnLike": {"aws:SourceArn": MACHINE_ARN}}),
            **_tags(),
        },
        "machine-policy": {"role": "tiles-machine", "name": "tiles-machine", "policy": _machine_policy()},
        "machine-logs": {
            "name": "/aws/vendedlogs/states/tiles",
            "retentionInDays": 90,
            "kmsKeyId": Later("key"),
            **_tags(),
        },
    }


def _definition() -> dict[str, Any]:
    """Return a machine that checks, works on some tiles at once, and reports the outcome."""
    retry = {"BackoffRate": 2, "JitterStrategy": "FULL", "IntervalSeconds": 10, "MaxDelaySeconds": 60}
    return {
        "QueryLanguage": "JSONata",
        "TimeoutSeconds": 21_600,
        "StartAt": "AnyTiles?",
        "States": {
            "AnyTiles?": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $exists($states.input.tiles) %}", "Next": "Check"}],
                "Default": "TellFailure",
            },
            "Check": {
                "Type": "Task",
                "Resource": "arn:aws:states:::ecs:runTask.sync",
                "Arguments": {**_run_task(), "Overrides": {"ContainerOverrides": [{"Name": "tiler"}]}},
                "TimeoutSeconds": 600,
                "Retry": [{"ErrorEquals": ["AmazonECS.Unknown"], "MaxAttempts": 2, **retry}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "TellFailure"}],
                "Output": {"tiles": "{% $states.input.tiles %}"},
                "Next": "Tiles",
            },
            "Tiles": {
                "Type": "Map",
                "Items": "{% $states.input.tiles %}",
                "MaxConcurrency": 4,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "WorkOnTile",
                    "States": {
                        "WorkOnTile": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken",
                            "Arguments": {
                                **_on_capacity(_run_task()),
                                "Overrides": {
                                    "Cpu": "1024",
                                    "Memory": "4096",
                                    "ContainerOverrides": [
                                        {
                                            "Name": "tiler",
                                            "Environment": [
                                                {
                                                    "Name": "TASK_TOKEN",
                                                    "Value": "{% $states.context.Task.Token %}",
                                                }
                                            ],
                                        }
                                    ],
                                },
                            },
                            "TimeoutSeconds": 1200,
                            "HeartbeatSeconds": 300,
                            "Retry": [
                                {
                                    "ErrorEquals": ["AmazonECS.Unknown", "States.HeartbeatTimeout"],
                                    "MaxAttempts": 3,
                                    **retry,
                                }
                            ],
                            "End": True,
                        }
                    },
                },
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "TellFailure"}],
                "Next": "Measure",
            },
            "Measure": _telling(
                "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
                {
                    "Namespace": "Tiles",
                    "MetricData": [{"MetricName": "TilesDone", "Value": "{% $count($states.input) %}"}],
                },
                retry,
                "MeasureCost",
            ),
            "MeasureCost": _telling(
                "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
                {
                    "Namespace": "Tiles",
                    "MetricData": [{"MetricName": "Cost", "Value": "{% $count($states.input) %}"}],
                },
                retry,
                "Report",
            ),
            "Report": {
                **_telling(
                    "arn:aws:states:::lambda:invoke",
                    {"FunctionName": REPORTER_ARN, "Payload": {"outcome": "success"}},
                    retry,
                    "Tell",
                ),
                "TimeoutSeconds": 90,
            },
            "Tell": _telling(
                "arn:aws:states:::sns:publish", {"TopicArn": NEWS_ARN, "Message": "Done."}, retry, "Done"
            ),
            "Done": {"Type": "Succeed"},
            "TellFailure": _telling(
                "arn:aws:states:::sns:publish", {"TopicArn": NEWS_ARN, "Message": "Failed."}, retry, "Failed"
            ),
            "Failed": {"Type": "Fail", "Error": "Tiles.Failed"},
        },
    }


def _run_task() -> dict[str, Any]:
    """Return the arguments of a task whose network is known only when the machine runs."""
    network = "{% $states.context.Execution.Input.network"
    return {
        "Cluster": arn("ecs", "cluster/tiles-cluster"),
        "TaskDefinition": "tiler",
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": f"{network}.subnets %}}",
                "SecurityGroups": f"{network}.groups %}}",
                "AssignPublicIp": "ENABLED",
            }
        },
    }


def _on_capacity(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a task that the cluster's capacity providers run."""
    del arguments["LaunchType"]
    return {**arguments, "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}]}


def _telling(resource_: str, arguments: dict[str, Any], retry: dict[str, Any], then: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": resource_,
        "Arguments": arguments,
        "TimeoutSeconds": 60,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, **retry}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": then}],
        "Next": then,
    }


def _machine_policy() -> dict[str, Any]:
    rule = arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")
    roles = [arn("iam", "role/tiler"), arn("iam", "role/tiler-execution")]
    return _document(
        _allow(["ecs:RunTask"], [arn("ecs", "task-definition/tiler"), arn("ecs", "task-definition/tiler:*")]),
        _allow(["ecs:StopTask", "ecs:DescribeTasks"], [arn("ecs", "task/tiles-cluster/*")]),
        _allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], [rule]),
        {
            **_allow(["iam:PassRole"], roles),
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
        _allow(["sns:Publish"], [NEWS_ARN]),
        _allow(["lambda:InvokeFunction"], [REPORTER_ARN]),
        _allow(["kms:GenerateDataKey*", "kms:Decrypt"], [arn("kms", "key/*")]),
        _allow(["cloudwatch:PutMetricData"], ["*"]),
        _allow(
            [
                "logs:CreateLogDelivery",
                "logs:GetLogDelivery",
                "logs:UpdateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
            ],
            ["*"],
        ),
    )


def _network() -> Pipeline:
    """Return a cluster, and a public subnet with a security group that lets out HTTPS."""
    return {
        "cluster": {"name": "tiles-cluster", **_tags()},
        "cluster-capacity": {
            "clusterName": "tiles-cluster",
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        },
        "subnet": {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24", **_tags()},
        "routes": {"vpcId": "vpc-1", **_tags()},
        "subnet-routes": {"subnetId": Later("subnet"), "routeTableId": Later("routes")},
        "way-out": {
            "routeTableId": Later("routes"),
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": "igw-1",
        },
        "workers": {"vpcId": "vpc-1", **_tags()},
        "workers-https": {
            "securityGroupId": Later("workers"),
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "cidrIpv4": "0.0.0.0/0",
        },
    }


def _workers() -> Pipeline:
    return {
        "task": {
            "family": "tiler",
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "1024",
            "memory": "4096",
            "executionRoleArn": arn("iam", "role/tiler-execution"),
            "taskRoleArn": arn("iam", "role/tiler"),
            "containerDefinitions": [
                {
                    "name": "tiler",
                    "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/tiler@sha256:{'0123456789abcdef' * 4}",
                    "essential": True,
                    "cpu": 1024,
                    "memory": 4096,
                    "stopTimeout": 120,
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": "/ecs/tiler",
                            "awslogs-region": "eu-west-1",
                            "awslogs-stream-prefix": "tiler",
                        },
                    },
                    "secrets": [{"name": "TOKEN", "valueFrom": SECRET_ARN}],
                }
            ],
            **_tags(),
        },
        "task-start-role": {
            "name": "tiler-execution",
            "assumeRolePolicy": _trust("ecs-tasks", {}),
            **_tags(),
        },
        "task-start-policy": {
            "role": "tiler-execution",
            "policy": _document(
                _allow(["ecr:GetAuthorizationToken"], ["*"]),
                _allow(
                    ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    [arn("ecr", "repository/tiler")],
                ),
                _allow(
                    ["logs:CreateLogStream", "logs:PutLogEvents"], [arn("logs", "log-group:/ecs/tiler:*")]
                ),
                _allow(["secretsmanager:GetSecretValue"], [SECRET_ARN]),
            ),
        },
        "task-role": {"name": "tiler", "assumeRolePolicy": _trust("ecs-tasks", {}), **_tags()},
        "task-policy": {
            "role": "tiler",
            "policy": _document(
                _allow(
                    ["states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"],
                    [MACHINE_ARN],
                )
            ),
        },
        "image": {"name": "tiler", "imageTagMutability": "IMMUTABLE", **_tags()},
        "task-logs": {"name": "/ecs/tiler", "retentionInDays": 90, "kmsKeyId": Later("key"), **_tags()},
    }


def _start() -> Pipeline:
    group_arn = arn("scheduler", "schedule-group/tiles")
    return {
        "start-group": {"name": "tiles", **_tags()},
        "start": {
            "name": "tiles-weekly",
            "groupName": "tiles",
            "scheduleExpression": "cron(0 6 ? * MON *)",
            "scheduleExpressionTimezone": "Europe/Dublin",
            "flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15},
            "target": {
                "arn": MACHINE_ARN,
                "roleArn": arn("iam", "role/tiles-start"),
                "input": '{"scheduled": "<aws.scheduler.scheduled-time>"}',
                "retryPolicy": {"maximumRetryAttempts": 5, "maximumEventAgeInSeconds": 7200},
                "deadLetterConfig": {"arn": QUEUE_ARN},
            },
        },
        "start-role": {
            "name": "tiles-start",
            "assumeRolePolicy": _trust(
                "scheduler",
                {"StringEquals": {"aws:SourceArn": group_arn, "aws:SourceAccount": "111122223333"}},
            ),
            **_tags(),
        },
        "start-policy": {
            "role": "tiles-start",
            "policy": _document(
                _allow(["states:StartExecution"], [MACHINE_ARN]),
                _allow(["sqs:SendMessage"], [QUEUE_ARN]),
                _allow(["kms:GenerateDataKey", "kms:Decrypt"], [arn("kms", "key/*")]),
            ),
        },
        "lost-starts": {
            "name": "tiles-lost-starts",
            "kmsMasterKeyId": KEY_ALIAS,
            "messageRetentionSeconds": 1_209_600,
            **_tags(),
        },
        "lost-starts-policy": {
            "queueUrl": Later("lost-starts"),
            "policy": _document(
                {
                    **_admit("events", ["sqs:SendMessage"], QUEUE_ARN),
                    "Condition": {"ArnEquals": {"aws:SourceArn": RULE_ARN}},
                }
            ),
        },
        "stopped-rule": {
            "name": "tiles-stopped",
            "eventPattern": {
                "source": ["aws.ecs"],
                "detail-type": ["ECS Task State Change"],
                "detail": {"group": [{"prefix": "tiles/"}], "lastStatus": ["STOPPED"]},
            },
            **_tags(),
        },
        "upload-rule": {
            "name": "tiles-uploaded",
            "eventPattern": {"source": ["aws.s3"], "detail-type": ["Object Created"]},
            **_tags(),
        },
        "upload-role": {
            "name": "tiles-upload",
            "assumeRolePolicy": _trust("events", {"ArnLike": {"aws:SourceArn": RULE_ARN}}),
            **_tags(),
        },
        "upload-policy": {
            "role": "tiles-upload",
            "policy": _document(_allow(["states:StartExecution"], [MACHINE_ARN])),
        },
        "upload-target": {
            "rule": "tiles-uploaded",
            "arn": MACHINE_ARN,
            "roleArn": arn("iam", "role/tiles-upload"),
            "inputTransformer": {
                "inputPaths": {"key": "$.detail.object.key"},
                "inputTemplate": '{"tiles": [<key>], "at": <aws.events.event.ingestion-time>}',
            },
            "retryPolicy": {"maximumRetryAttempts": 5, "maximumEventAgeInSeconds": 7200},
            "deadLetterConfig": {"arn": QUEUE_ARN},
        },
    }


def _news() -> Pipeline:
    return {
        "news": {"name": "tiles-news", "kmsMasterKeyId": KEY_ALIAS, **_tags()},
        "news-policy": {
            "arn": NEWS_ARN,
            "policy": _document(
                {
                    **_admit("cloudwatch", ["sns:Publish"], NEWS_ARN),
                    "Condition": {"ArnLike": {"aws:SourceArn": arn("cloudwatch", "alarm:*")}},
                }
            ),
        },
        "news-mail": {"topic": NEWS_ARN, "protocol": "email", "endpoint": "tiles@example.org"},
    }


def _reporter() -> Pipeline:
    """Return a function that the machine invokes, and that subscribes to the topic."""
    return {
        "reporter": {
            "name": "tiles-reporter",
            "runtime": "python3.13",
            "handler": "reporter.handler",
            "architectures": ["arm64"],
            "memorySize": 256,
            "timeout": 60,
            "role": arn("iam", "role/tiles-reporter-role"),
            "deadLetterConfig": {"targetArn": QUEUE_ARN},
            "environment": {"variables": {"TOPIC": "tiles-news"}},
            "kmsKeyArn": Later("key"),
            "tracingConfig": {"mode": "Active"},
            "reservedConcurrentExecutions": 2,
            **_tags(),
        },
        "reporter-role": {
            "name": "tiles-reporter-role",
            "assumeRolePolicy": _trust("lambda", {"StringEquals": {"aws:SourceAccount": "111122223333"}}),
            **_tags(),
        },
        "reporter-policy": {
            "role": "tiles-reporter-role",
            "policy": _document(
                _allow(["sns:Publish"], [NEWS_ARN]),
                _allow(["sqs:SendMessage"], [QUEUE_ARN]),
                _allow(["kms:GenerateDataKey", "kms:Decrypt"], [arn("kms", "key/*")]),
                _allow(
                    ["logs:CreateLogStream", "logs:PutLogEvents"],
                    [arn("logs", "log-group:/aws/lambda/tiles-reporter:*")],
                ),
                _allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]),
            ),
        },
        "reporter-logs": {
            "name": "/aws/lambda/tiles-reporter",
            "retentionInDays": 90,
            "kmsKeyId": Later("key"),
            **_tags(),
        },
        "reporter-events": {"topic": NEWS_ARN, "protocol": "lambda", "endpoint": REPORTER_ARN},
        "reporter-permission": {
            "action": "lambda:InvokeFunction",
            "function": "tiles-reporter",
            "principal": "sns.amazonaws.com",
            "sourceArn": NEWS_ARN,
        },
        "reporter-url": {"functionName": "tiles-reporter", "authorizationType": "AWS_IAM"},
    }


def _alarms() -> Pipeline:
    ends = {"failed": "ExecutionsFailed", "timed-out": "ExecutionsTimedOut", "aborted": "ExecutionsAborted"}
    machine = {"StateMachineArn": MACHINE_ARN}
    return {
        **{name: _alarm("AWS/States", metric, machine) for name, metric in ends.items()},
        "slow": {
            **_alarm("AWS/States", "ExecutionTime", machine),
            "statistic": "Maximum",
            "threshold": 11_000_000,
        },
        "start-lost": _alarm(
            "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "tiles-lost-starts"}
        ),
        "few-tiles": {
            **_alarm("Tiles", "TilesDone", {}),
            "comparisonOperator": "LessThanThreshold",
            "threshold": 1,
        },
    }


def _alarm(namespace: str, metric: str, dimensions: dict[str, str]) -> dict[str, Any]:
    return {
        "name": f"tiles-{metric}",
        "namespace": namespace,
        "metricName": metric,
        "dimensions": dimensions,
        "statistic": "Sum",
        "period": 300,
        "evaluationPeriods": 1,
        "threshold": 0,
        "comparisonOperator": "GreaterThanThreshold",
        "treatMissingData": "notBreaching",
        "alarmActions": [NEWS_ARN],
        **_tags(),
    }


def _tags() -> dict[str, dict[str, str]]:
    return {"tags": {"Project": "maps", "Environment": "prod"}}


def _trust(service: str, condition: dict[str, Any]) -> dict[str, Any]:
    return _document(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            **({"Condition": condition} if condition else {}),
        }
    )


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
