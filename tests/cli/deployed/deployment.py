"""A stack in moto with the names, policies and definitions that the program gives it."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import boto3

from cli.stack import Stack
from components.machines.watch.machine import watch_machine
from components.machines.weekly.machine import weekly_machine
from components.resources.alarms import alarms
from components.resources.encryption import key_document
from components.resources.iam import trust
from components.resources.reporter_settings import reporter_settings
from components.resources.watch_triggers import patterns
from components.settings import Settings
from components.settings.names import Names
from tests.stacks import settings_of

REGION, ACCOUNT = "us-east-1", "123456789012"
RUN = "2026-W49"


@dataclass(frozen=True)
class Deployment:
    """A deployed stack, with its settings and names."""

    stack: Stack
    settings: Settings
    names: Names

    def client(self, service: str) -> Any:
        """Return the client that the command line uses."""
        return self.stack.client(service)

    def put(self, queue_output: str, body: Any, **attributes: str) -> None:
        """Put a message into a queue."""
        self.client("sqs").send_message(
            QueueUrl=self.stack[queue_output],
            MessageBody=body if isinstance(body, str) else json.dumps(body),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )


def deploy(**changes: Any) -> Deployment:
    """Create the resources of a stack in moto."""
    worker = {"image": "111111111111.dkr.ecr.us-east-1.amazonaws.com/ccapi-monitor-prod:2026-11-23"}
    settings = settings_of("prod", **{"worker": worker, **changes})
    settings = settings.model_copy(update={"account": ACCOUNT})
    names = Names.of(settings)
    outputs: dict[str, str] = {
        "aws_region": REGION,
        "next_step": "Nothing.",
        "eventbridge_schedule_state": "ENABLED",
    }
    stack = Stack("prod", outputs)
    _storage(stack, names, outputs)
    _messages(stack, settings, names, outputs)
    _compute(stack, settings, names, outputs)
    _triggers(stack, settings, names, outputs)
    return Deployment(stack, settings, names)


def _storage(stack: Stack, names: Names, outputs: dict[str, str]) -> None:
    key = stack.client("kms").create_key(Policy=key_document(names))["KeyMetadata"]["KeyId"]
    stack.client("kms").enable_key_rotation(KeyId=key)
    outputs["kms_key_id"] = key
    s3 = stack.client("s3")
    for what in ("reports", "cache"):
        name = outputs[f"s3_{what}_bucket"] = names.bucket(what)
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocks, True))
    secret = stack.client("secretsmanager").create_secret(Name=names.secret("gee-credentials"))
    outputs["gee_credentials_secret_arn"] = secret["ARN"]


def _messages(stack: Stack, settings: Settings, names: Names, outputs: dict[str, str]) -> None:
    sns, sqs = stack.client("sns"), stack.client("sqs")
    for what in ("success", "failure", "alarms"):
        outputs[f"pipeline_{what}_topic_arn"] = sns.create_topic(Name=names.topic(what))["TopicArn"]
    for output, queue in (
        ("dlq_url", names.schedule_queue),
        ("watch_dlq_url", names.watch_queue),
        ("notifications_dlq_url", names.message_queue),
    ):
        outputs[output] = sqs.create_queue(QueueName=queue)["QueueUrl"]
    addresses = {
        "success": settings.notifications.success_emails,
        "failure": settings.notifications.failure_emails,
        "alarms": settings.notifications.alarm_emails,
    }
    for what, emails in addresses.items():
        for email in emails:
            sns.subscribe(TopicArn=outputs[f"pipeline_{what}_topic_arn"], Protocol="email", Endpoint=email)
    outputs["reporter_function_name"] = names.reporter
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("handler.py", "")
    stack.client("lambda").create_function(
        FunctionName=names.reporter,
        Runtime="python3.13",
        Handler="handler.handle",
        Role=_role(stack, names, "reporter", "lambda.amazonaws.com"),
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"REPORTER_SETTINGS": json.dumps(reporter_settings(settings, names))}},
    )
    for alarm in alarms(names, timeout_seconds=3600, schedule=settings.schedule):
        stack.client("cloudwatch").put_metric_alarm(
            AlarmName=names.resource_name(alarm.what),
            AlarmDescription=alarm.text,
            AlarmActions=[outputs["pipeline_failure_topic_arn"]],
            Namespace=alarm.namespace,
            MetricName=alarm.metric,
            Statistic=alarm.statistic,
            Period=alarm.period_seconds,
            EvaluationPeriods=alarm.periods,
            Threshold=alarm.threshold,
            ComparisonOperator=alarm.comparison,
        )


def _compute(stack: Stack, settings: Settings, names: Names, outputs: dict[str, str]) -> None:
    ecs = stack.client("ecs")
    outputs["worker_log_group"] = names.worker_log_group
    outputs["ecs_cluster_arn"] = ecs.create_cluster(
        clusterName=names.cluster, capacityProviders=["FARGATE", "FARGATE_SPOT"]
    )["cluster"]["clusterArn"]
    stack.client("ecr").create_repository(repositoryName=names.worker_family)
    outputs["ecr_repository_url"] = names.repository_url
    definition = ecs.register_task_definition(
        family=names.worker_family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="1024",
        memory="4096",
        taskRoleArn=_role(stack, names, "worker", "ecs-tasks.amazonaws.com"),
        executionRoleArn=_role(stack, names, "worker-start", "ecs-tasks.amazonaws.com"),
        runtimePlatform={"cpuArchitecture": "X86_64"},
        containerDefinitions=[
            {
                "name": "monitor",
                "image": f"{names.repository_url}:2026-11-23",
                "environment": [
                    {"name": "WORKLOAD", "value": "command"},
                    {"name": "COMMAND", "value": settings.command.model_dump_json(by_alias=True)},
                    {"name": "SHARDS", "value": "2"},
                ],
            }
        ],
    )["taskDefinition"]
    outputs["ecs_task_definition_arn"] = definition["taskDefinitionArn"]
    ec2 = stack.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName="worker", Description="worker", VpcId=vpc)["GroupId"]
    outputs["vpc_id"] = vpc
    outputs["run_settings_parameter"] = names.run_settings
    value = {
        "cluster": outputs["ecs_cluster_arn"],
        "taskDefinition": definition["taskDefinitionArn"],
        "subnets": [subnet],
        "securityGroups": [group],
        "assignPublicIp": "ENABLED",
    }
    stack.client("ssm").put_parameter(Name=names.run_settings, Type="String", Value=json.dumps(value))


def _triggers(stack: Stack, settings: Settings, names: Names, outputs: dict[str, str]) -> None:
    states, scheduler, events = (stack.client(name) for name in ("stepfunctions", "scheduler", "events"))
    for output, name, machine, whose in (
        (
            "step_functions_state_machine_arn",
            names.machine,
            weekly_machine(settings, names),
            "step-functions",
        ),
        ("watch_state_machine_arn", names.watch, watch_machine(settings, names), "watch"),
    ):
        outputs[output] = states.create_state_machine(
            name=name,
            definition=json.dumps(machine.definition),
            roleArn=_role(stack, names, whose, "states.amazonaws.com"),
        )["stateMachineArn"]
    outputs["eventbridge_schedule_group"] = names.schedule_group
    outputs["eventbridge_schedule_name"] = names.schedule
    scheduler.create_schedule_group(Name=names.schedule_group)
    role = _role(stack, names, "scheduler", "scheduler.amazonaws.com")
    for name, output, expression in (
        (names.schedule, "step_functions_state_machine_arn", settings.schedule.cron),
        (names.watch_schedule, "watch_state_machine_arn", "rate(6 hours)"),
    ):
        scheduler.create_schedule(
            Name=name,
            GroupName=names.schedule_group,
            ScheduleExpression=expression,
            ScheduleExpressionTimezone=settings.schedule.time_zone,
            FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            Description="of the program",
            Target={
                "Arn": outputs[output],
                "RoleArn": role,
                "Input": json.dumps({"scheduled_time": "<aws.scheduler.scheduled-time>"}),
                "RetryPolicy": {"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 20},
                "DeadLetterConfig": {"Arn": names.arn("sqs", names.schedule_queue)},
            },
        )
    for what, pattern in patterns(names).items():
        events.put_rule(Name=names.rule(what), EventPattern=json.dumps(pattern))
        events.put_targets(
            Rule=names.rule(what),
            Targets=[{"Id": "watch", "Arn": outputs["watch_state_machine_arn"], "RoleArn": role}],
        )


def _role(stack: Stack, names: Names, whose: str, service: str) -> str:
    iam = stack.client("iam")
    arn: str = iam.create_role(RoleName=names.role(whose), AssumeRolePolicyDocument=trust(service))["Role"][
        "Arn"
    ]
    return arn


def push_image(deployment: Deployment, tag: str) -> None:
    """Push an image with a tag to the stack's repository."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {"digest": f"sha256:{'0' * 64}", "platform": {"architecture": "amd64", "os": "linux"}, "size": 1}
        ],
        "annotations": {"tag": tag},
    }
    boto3.client("ecr", region_name=REGION).put_image(
        repositoryName=deployment.names.worker_family, imageManifest=json.dumps(manifest), imageTag=tag
    )
