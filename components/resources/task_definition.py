"""The Fargate task definition of a worker: image, size, environment, logs and permissions."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.machines.asl import Permission
from components.machines.integrations import CONTAINER, use_of_the_key
from components.resources.base import PipelineComponent
from components.resources.iam import allow, document, trust
from components.resources.program_access import ProgramAccess
from components.settings.command import Command
from components.settings.each import Each
from components.settings.fargate import Size
from components.settings.monitoring import Monitoring
from components.settings.names import Names
from components.settings.run import Run
from components.settings.worker import Worker, Workload

# Writable paths of a worker with a read-only root; the image declares them as volumes that its user owns.
WRITABLE_PATHS = {"tmp": "/tmp", "home": "/home/worker"}  # noqa: S108
# The image's user by number, since its base image need not know a user name.
USER = "10001:10001"
# Use the worker's bundled Python; `-E` ignores `PYTHON*` variables set by the base image.
ENTRY_POINT = ["/opt/worker/venv/bin/python", "-E", "-m", "worker"]
IMAGE_TO_BE_PUSHED = "to-be-pushed"
# Source: Amazon ECR User Guide, "Amazon ECR private registry".
_IMAGE_IN_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<repository>[^:@]+)"
)
HISTORY_KEY = "history.json"

# The prefixes in the cache bucket that a workload keeps between runs.
_CACHES = {
    Workload.COMMAND: ("workloads/command/*",),
    Workload.EACH: (),
    Workload.SAMPLE: ("imagery/sample/*",),
}


@dataclass(frozen=True, kw_only=True)
class TaskDefinitionArgs:
    """The worker's settings, and the repository of its image if the settings name none."""

    names: Names
    worker: Worker
    command: Command
    each: Each
    monitoring: Monitoring
    size: Size
    run: Run
    log_retention_days: int
    disposable: bool
    key_arn: pulumi.Input[str]
    access: ProgramAccess


class TaskDefinition(PipelineComponent):
    """The task definition of a worker.

    Creates: the log group, the role that starts a worker (image, logs), the role of the running worker, and
    the revision of the task definition.
    """

    arn: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: TaskDefinitionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        size = args.size
        super().__init__(
            name,
            {
                "workload": str(args.worker.workload),
                "cpuUnits": size.cpu_units,
                "memoryMib": size.memory_mib,
                "architecture": str(args.worker.architecture),
            },
            opts,
        )
        logs = aws.cloudwatch.LogGroup(
            name,
            name=args.names.worker_log_group,
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            opts=self.child,
        )
        pull_and_log = map(allow, start_permissions(args.names, image_of(args)))
        start_role = self._role(
            f"{name}-start", args.names, "worker-start", (*pull_and_log, *args.access.start_statements())
        )
        shell = shell_permissions(args.names) if args.worker.execute_command else ()
        work = map(allow, (*worker_permissions(args.names, args.worker, args.command), *shell))
        role = self._role(name, args.names, "worker", (*work, *args.access.task_statements()))
        definition = aws.ecs.TaskDefinition(
            name,
            family=args.names.worker_family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(size.cpu_units),
            memory=str(size.memory_mib),
            ephemeral_storage=_ephemeral_storage(args.worker),
            runtime_platform={
                "cpu_architecture": str(args.worker.architecture),
                "operating_system_family": "LINUX",
            },
            execution_role_arn=start_role.arn,
            task_role_arn=role.arn,
            volumes=[{"name": volume} for volume in WRITABLE_PATHS],
            container_definitions=pulumi.Output.json_dumps([container(args)]),
            # A run continues with the revision that it started with, whatever is deployed meanwhile; old
            # revisions are free.
            skip_destroy=True,
            opts=self.child,
        )
        self.arn = definition.arn
        self.log_group_name = logs.name
        self.register_outputs({"arn": self.arn, "logGroupName": self.log_group_name})

    def _role(
        self, name: str, names: Names, whose: str, statements: Sequence[pulumi.Input[Mapping[str, Any]]]
    ) -> aws.iam.Role:
        role = aws.iam.Role(
            name,
            name=names.role(whose),
            # While a task starts, its source is any ARN of ECS. Source: "Amazon ECS task IAM role".
            assume_role_policy=trust(
                "ecs-tasks.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": names.account},
                    "ArnLike": {"aws:SourceArn": names.arn("ecs", "*")},
                },
            ),
            permissions_boundary=names.permissions_boundary,
            opts=self.child,
        )
        aws.iam.RolePolicy(
            name,
            role=role.name,
            name=names.role(whose),
            policy=pulumi.Output.all(*statements).apply(lambda resolved: document(*resolved)),
            opts=self.child,
        )
        return role


def container(args: TaskDefinitionArgs) -> dict[str, Any]:
    """Return the single container of a worker as ECS expects it.

    It has no memory limit of its own: the task's limit applies, so that an attempt with more memory gets all
    of it.
    """
    return {
        "name": CONTAINER,
        "image": image_of(args),
        "essential": True,
        "entryPoint": ENTRY_POINT,
        "command": ["monitor"],
        "user": USER,
        # The agent of a shell session writes to the root file system: Amazon ECS Developer Guide, "Monitor
        # Amazon ECS containers with Amazon ECS Exec", considerations.
        "readonlyRootFilesystem": not args.worker.execute_command,
        "stopTimeout": args.worker.stop_timeout_seconds,
        # A worker does not run as root and needs no capability. Fargate restricts which capabilities can be
        # added, not which can be dropped. Source: "KernelCapabilities" in the Amazon ECS API Reference.
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in WRITABLE_PATHS.items()
        ],
        "environment": [{"name": key, "value": value} for key, value in _environment(args).items()],
        **({"secrets": args.access.container_secrets()} if args.access.secrets else {}),
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": args.names.worker_log_group,
                "awslogs-region": args.names.region,
                "awslogs-stream-prefix": "worker",
            },
        },
    }


def image_of(args: TaskDefinitionArgs) -> str:
    """Return the image of the settings, or else the one that is to be pushed to the stack's repository."""
    return args.worker.image or f"{args.names.repository_url}:{IMAGE_TO_BE_PUSHED}"


def _ephemeral_storage(worker: Worker) -> aws.ecs.TaskDefinitionEphemeralStorageArgsDict | None:
    return {"size_in_gib": worker.ephemeral_storage_gib} if worker.ephemeral_storage_gib else None


def _environment(args: TaskDefinitionArgs) -> dict[str, str]:
    programs = {
        Workload.COMMAND: {"COMMAND": args.command.model_dump_json(by_alias=True)},
        Workload.EACH: {"EACH": _each_document(args.each, args.access)},
    }
    monitoring = args.monitoring
    return {
        **programs.get(args.worker.workload, {}),
        **(
            {"CATALOG": monitoring.catalog}
            if monitoring.catalog
            else {"ITEMS": monitoring.items_document(args.names.project)}
        ),
        "ENVIRONMENT": args.names.environment,
        "GEE_CREDENTIALS_SECRET": args.names.secret("gee-credentials"),
        "GEE_PROJECT_ID": args.worker.earth_engine_project,
        "HEARTBEAT_SECONDS": str(args.run.heartbeat_seconds),
        "LOG_LEVEL": str(args.worker.log_level),
        "REGIONS_COUNT": str(args.monitoring.regions_count),
        "S3_CACHE_BUCKET": args.names.bucket("cache"),
        "S3_REPORTS_BUCKET": args.names.bucket("reports"),
        "SHARDS": str(args.worker.shards),
        "TASK_TIMEOUT_SECONDS": str(args.run.task_timeout_seconds),
        "WORKLOAD": str(args.worker.workload),
    }


def _each_document(each: Each, access: ProgramAccess) -> str:
    document = {
        **each.model_dump(mode="json", by_alias=True),
        **({"secrets": sorted(access.secrets)} if access.secrets else {}),
        **({"usesAws": True} if access.uses_aws else {}),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def start_permissions(names: Names, image: str) -> tuple[Permission, ...]:
    """Return the permissions to pull an image, which only ECR asks for, and to write the logs."""
    found = _IMAGE_IN_ECR.match(image)
    repository = found and (
        f"arn:{names.partition}:ecr:{found['region']}:{found['account']}:repository/{found['repository']}"
    )
    pull = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    # A registry token cannot be limited to a resource.
    token = Permission(("ecr:GetAuthorizationToken",), ("*",))
    return (
        *((token, Permission(pull, (repository,))) if repository else ()),
        Permission(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (names.arn("logs", f"log-group:{names.worker_log_group}:*"),),
        ),
    )


def worker_permissions(names: Names, worker: Worker, command: Command) -> tuple[Permission, ...]:
    """Return the permissions of a worker: the calls of its code, limited to the prefixes that it uses.

    Only the machines access the claims and the last success in the cache bucket. All runs share this role, so
    a worker could write the plan and the results of another run.
    """
    reports, cache = names.bucket_arn("reports"), names.bucket_arn("cache")
    caches = _CACHES[worker.workload]
    reads_the_key = worker.workload is Workload.COMMAND and command.earth_engine
    return (
        # Without it, S3 answers 403 instead of 404 for an object that does not exist, see `worker.s3`.
        _list(reports, "weekly/*"),
        _list(reports, HISTORY_KEY),
        _list(cache, "runs/*"),
        *(_list(cache, prefix) for prefix in caches),
        Permission(("s3:GetObject", "s3:PutObject"), (f"{reports}/weekly/*",)),
        # The page of a run shows the areas of earlier runs; the reporter writes them.
        Permission(("s3:GetObject",), (f"{reports}/{HISTORY_KEY}",)),
        Permission(
            ("s3:GetObject", "s3:PutObject"),
            (
                f"{cache}/runs/*/plan.json",
                # The journal of a shard identifies the region that ended an attempt.
                f"{cache}/runs/*/shards/*",
                *(f"{cache}/{prefix}" for prefix in caches),
            ),
        ),
        # The check of the buckets writes a probe object and deletes it.
        Permission(("s3:PutObject",), (f"{cache}/runs/*/probe",)),
        Permission(("s3:DeleteObject",), (f"{cache}/runs/*/probe", f"{reports}/weekly/*/probe")),
        *(
            [Permission(("secretsmanager:GetSecretValue",), (names.secret_arn("gee-credentials"),))]
            if reads_the_key
            else []
        ),
        use_of_the_key(names),
        Permission(
            ("states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"),
            names.token_machine_arns,
        ),
    )


def shell_permissions(names: Names) -> tuple[Permission, ...]:
    """Return the permissions that a worker needs so that an operator can open a logged shell in it.

    Shells in an adopted cluster are logged as its owner has configured. Source: Amazon ECS Developer Guide,
    "Monitor Amazon ECS containers with Amazon ECS Exec".
    """
    channels = Permission(
        (
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ),
        # Permissions for channels cannot be limited to a resource.
        ("*",),
    )
    if "cluster" in names.adopted:
        return (channels,)
    return (
        channels,
        # The agent looks up the log group before it writes; this call cannot be limited to one group.
        Permission(("logs:DescribeLogGroups",), ("*",)),
        Permission(
            ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            (names.arn("logs", f"log-group:{names.shell_log_group}:*"),),
        ),
    )


def _list(bucket_arn: str, prefix: str) -> Permission:
    return Permission(("s3:ListBucket",), (bucket_arn,), (("StringLike", "s3:prefix", prefix),))
