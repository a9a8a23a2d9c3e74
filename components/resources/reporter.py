"""The Lambda function of the reporter, with its role, log group and subscription; its code is in reporter/."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.cost.expected import expected_reporter
from components.cost.usage import REPORTER_MEMORY_MIB
from components.machines.asl import Permission
from components.machines.integrations import use_of_the_key
from components.resources.base import PipelineComponent
from components.resources.iam import allow, document, trust
from components.resources.notifier import email_topics
from components.resources.queues import redrive_policy
from components.settings.bounds import REPORTER_TIMEOUT_SECONDS
from components.settings.data_folders import data_folder
from components.settings.names import Names

FOLDER = data_folder("reporter")
HANDLER = "reporter.handler.handle"
RUNTIME = "python3.13"
ARCHIVED = (".py", ".html")
SETTINGS_VARIABLE = "REPORTER_SETTINGS"


@dataclass(frozen=True, kw_only=True)
class ReporterArgs:
    """The settings of the function, and the resources that it uses."""

    names: Names
    settings: Mapping[str, Any]
    """The settings in the function's environment; they contain no secrets."""
    secret: str | None
    """The name of the secret with the channels' credentials, or None."""
    key_arn: pulumi.Input[str]
    events_topic_arn: pulumi.Input[str]
    has_alarms_topic: bool
    dead_letter_queue_arn: pulumi.Input[str]
    log_retention_days: int
    tracing: bool
    reserved_concurrency: int | None


class Reporter(PipelineComponent):
    """The function that turns outcomes, alarms and budget notices into messages.

    Creates: its log group, its role with one policy, the function, its subscription to the topic of events, and the
    permission of that topic to invoke it.
    """

    arn: pulumi.Output[str]
    function_name: pulumi.Output[str]

    def __init__(self, name: str, args: ReporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name,
            {
                "timeoutSeconds": REPORTER_TIMEOUT_SECONDS,
                "memoryMib": REPORTER_MEMORY_MIB,
                "expected": expected_reporter(name),
            },
            opts,
        )
        names = args.names
        logs = aws.cloudwatch.LogGroup(
            name,
            name=names.reporter_log_group,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            opts=self.child,
        )
        role = aws.iam.Role(
            name,
            name=names.role("reporter"),
            assume_role_policy=trust("lambda.amazonaws.com"),
            permissions_boundary=names.permissions_boundary,
            opts=self.child,
        )
        policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            name=names.role("reporter"),
            policy=role_document(
                names,
                secret=args.secret,
                tracing=args.tracing,
                has_alarms_topic=args.has_alarms_topic,
            ),
            opts=self.child,
        )
        function = aws.lambda_.Function(
            name,
            name=names.reporter,
            description=f"{names.project} {names.environment}: sends the messages of the pipeline",
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=HANDLER,
            code=code(),
            role=role.arn,
            memory_size=REPORTER_MEMORY_MIB,
            timeout=REPORTER_TIMEOUT_SECONDS,
            reserved_concurrent_executions=args.reserved_concurrency,
            kms_key_arn=args.key_arn,
            environment={"variables": {SETTINGS_VARIABLE: compact_json(args.settings)}},
            dead_letter_config={"target_arn": args.dead_letter_queue_arn},
            logging_config={"log_format": "Text", "log_group": logs.name},
            tracing_config={"mode": "Active" if args.tracing else "PassThrough"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        permission = aws.lambda_.Permission(
            name,
            action="lambda:InvokeFunction",
            function=function.name,
            principal="sns.amazonaws.com",
            source_arn=args.events_topic_arn,
            statement_id="events",
            opts=self.child,
        )
        aws.sns.TopicSubscription(
            name,
            topic=args.events_topic_arn,
            protocol="lambda",
            # The name instead of an output, so that a preview knows it before the function exists.
            endpoint=names.reporter_arn,
            # The function's own queue keeps events with which it failed; this one keeps those that SNS could
            # not deliver.
            redrive_policy=redrive_policy(args.dead_letter_queue_arn),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.arn = function.arn
        self.function_name = function.name
        self.register_outputs({"arn": self.arn})


def compact_json(settings: Mapping[str, Any]) -> str:
    """Return the settings as compact JSON, since Lambda allows 4 KB for all variables of a function.

    Source: AWS Lambda Developer Guide, "Lambda quotas".
    """
    return json.dumps(settings, ensure_ascii=False, separators=(",", ":"))


def code() -> pulumi.AssetArchive:
    """Return the function's code: the modules of the folder and the page of the dashboard, without bytecode."""
    return pulumi.AssetArchive(
        {
            f"reporter/{path.relative_to(FOLDER).as_posix()}": pulumi.FileAsset(str(path))
            for path in sorted(FOLDER.rglob("*"))
            if path.suffix in ARCHIVED
        }
    )


def role_document(names: Names, *, secret: str | None, tracing: bool, has_alarms_topic: bool) -> str:
    """Return the policy of the function's role."""
    cache = names.bucket_arn("cache")
    topics = tuple(names.topic_arn(what) for what in email_topics(has_alarms=has_alarms_topic))
    executions = names.arn("states", f"execution:{names.machine}:*")
    permissions = (
        Permission(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (names.arn("logs", f"log-group:{names.reporter_log_group}:*"),),
        ),
        Permission(("sns:Publish",), topics),
        Permission(("sqs:SendMessage",), (names.arn("sqs", names.message_queue),)),
        Permission(("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), (f"{cache}/reported/*",)),
        # Checking that a record exists requires permission to list.
        Permission(("s3:ListBucket",), (cache,), (("StringLike", "s3:prefix", "reported/*"),)),
        *_of_the_dashboard(names),
        Permission(("states:ListExecutions",), (names.machine_arn,)),
        Permission(("states:DescribeExecution",), (executions,)),
        Permission(
            ("cloudwatch:PutMetricData",),
            # Metrics have no ARN; only their namespace can limit the permission.
            ("*",),
            (("StringEquals", "cloudwatch:namespace", names.metric_namespace),),
        ),
        use_of_the_key(names),
        *([Permission(("secretsmanager:GetSecretValue",), (names.secret_arn(secret),))] if secret else []),
        # X-Ray permissions cannot be limited to a resource.
        *([Permission(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",))] if tracing else []),
    )
    return document(*(allow(permission) for permission in permissions))


def _of_the_dashboard(names: Names) -> tuple[Permission, ...]:
    """Return the permissions for the history of runs and the page about them."""
    reports = names.bucket_arn("reports")
    return (
        Permission(("s3:GetObject",), (f"{reports}/history.json", f"{reports}/weekly/*/summary.json")),
        Permission(
            ("s3:PutObject",),
            (f"{reports}/history.json", f"{reports}/history.unreadable/*", f"{reports}/dashboard.html"),
        ),
        # DescribeAlarms with a prefix is allowed only on all alarms.
        Permission(("cloudwatch:DescribeAlarms",), (names.arn("cloudwatch", "alarm:*"),)),
        Permission(
            ("scheduler:GetSchedule",),
            (names.arn("scheduler", f"schedule/{names.schedule_group}/{names.schedule}"),),
        ),
    )
