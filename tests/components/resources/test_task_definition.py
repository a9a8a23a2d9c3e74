import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.resources.task_definition import start_permissions
from components.settings.worker import LogLevel
from tests.components.deployment import deploy, deployed
from tests.stacks import CATALOG_NAME, ENVIRONMENTS, names_of, stack_file
from worker.workloads.command import settings as worker_command

TASK = "aws:ecs/taskDefinition:TaskDefinition"


def container_of(environment: str, **changes: Any) -> dict[str, Any]:
    deployment = deploy(environment, **changes) if changes else deployed(environment)
    (container,) = json.loads(deployment.the(TASK).inputs["containerDefinitions"])
    found: dict[str, Any] = container
    return found


def statements_of(environment: str, role: str) -> list[dict[str, Any]]:
    names = names_of(environment)
    policies = deployed(environment).of_type("aws:iam/rolePolicy:RolePolicy")
    (policy,) = (item for item in policies if item.inputs["name"] == names.role(role))
    statements: list[dict[str, Any]] = policy.policy()["Statement"]
    return statements


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_one_container_is_the_one_that_a_run_overrides(environment: str) -> None:
    container = container_of(environment)
    definition = (
        deployed(environment).the("aws:sfn/stateMachine:StateMachine", "ccapi-machine").inputs["definition"]
    )
    assert f'"Name": "{container["name"]}", "Command"' in definition


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_container_has_no_limit_below_that_of_its_task(environment: str) -> None:
    assert not {"cpu", "memory", "memoryReservation"} & set(container_of(environment))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_container_does_not_run_as_root_and_writes_only_to_its_mounted_volumes(environment: str) -> None:
    container = container_of(environment)
    assert container["user"] not in {"", "root", "0"}
    assert container["readonlyRootFilesystem"] is True
    assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    mounted = {mount["sourceVolume"]: mount["containerPath"] for mount in container["mountPoints"]}
    assert {"/tmp", "/home/worker"} == set(mounted.values())  # noqa: S108 - inside the container
    assert [volume["name"] for volume in deployed(environment).the(TASK).inputs["volumes"]] == list(mounted)


def test_a_container_has_as_long_to_stop_as_the_settings_say() -> None:
    assert container_of("prod")["stopTimeout"] == 120
    assert container_of("local")["stopTimeout"] == 30


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_logs_go_to_the_group_that_is_created_for_them(environment: str) -> None:
    log = container_of(environment)["logConfiguration"]
    groups = [
        item.inputs["name"] for item in deployed(environment).of_type("aws:cloudwatch/logGroup:LogGroup")
    ]
    assert log["logDriver"] == "awslogs"
    assert log["options"]["awslogs-group"] in groups
    assert log["options"]["awslogs-region"] == "us-east-1"
    assert log["options"]["awslogs-stream-prefix"] == "worker"


@pytest.mark.parametrize(("environment", "days"), [("dev", 7), ("prod", 90)])
def test_logs_have_the_configured_retention(environment: str, days: int) -> None:
    groups = deployed(environment).of_type("aws:cloudwatch/logGroup:LogGroup")
    assert {group.inputs["retentionInDays"] for group in groups} == {days}


def test_without_an_image_the_stacks_repository_is_named() -> None:
    assert container_of("prod")["image"] == f"{names_of('prod').repository_url}:to-be-pushed"


def test_the_image_of_the_settings_is_run() -> None:
    assert container_of("local")["image"].endswith("/ccapi-monitor-local:local")


def test_a_worker_receives_the_settings() -> None:
    changes = {
        "worker": {
            "workload": "sample",
            "shards": 3,
            "logLevel": "DEBUG",
        },
        "run": {"heartbeatSeconds": 120, "taskTimeoutSeconds": 1800},
    }
    environment = {item["name"]: item["value"] for item in container_of("dev", **changes)["environment"]}
    assert environment == {
        "CATALOG": CATALOG_NAME,
        "ENVIRONMENT": "dev",
        "GEE_CREDENTIALS_SECRET": "ccapi-gee-credentials-dev",
        "GEE_PROJECT_ID": "",
        "HEARTBEAT_SECONDS": "120",
        "LOG_LEVEL": LogLevel.DEBUG.value,
        "REGIONS_COUNT": "5",
        "S3_CACHE_BUCKET": "ccapi-cache-dev-111111111111",
        "S3_REPORTS_BUCKET": "ccapi-reports-dev-111111111111",
        "SHARDS": "3",
        "TASK_TIMEOUT_SECONDS": "1800",
        "WORKLOAD": "sample",
    }


def test_a_worker_that_runs_a_program_receives_its_settings() -> None:
    changes = {
        "command": {
            "program": ["python", "monitor.py"],
            "confirmation": "y",
            "stallSeconds": 900,
            "results": {"regions": "areas"},
        }
    }
    environment = {item["name"]: item["value"] for item in container_of("prod", **changes)["environment"]}
    command = json.loads(environment["COMMAND"])
    assert (command["confirmation"], command["stallSeconds"]) == ("y", 900)
    assert command["program"] == ["python", "monitor.py"]
    assert command["results"]["regions"] == "areas"
    assert worker_command.Command.model_validate(command).stall_seconds == 900


@pytest.mark.parametrize(
    ("worker", "cpu", "memory"),
    [
        ({"size": "small"}, "1024", "2048"),
        ({"size": "large"}, "4096", "8192"),
        ({"cpuUnits": 256, "memoryMib": 1024}, "256", "1024"),
    ],
)
def test_a_task_has_the_size_of_the_settings(worker: dict[str, Any], cpu: str, memory: str) -> None:
    inputs = deploy("dev", worker={"workload": "sample", **worker}).the(TASK).inputs
    assert (inputs["cpu"], inputs["memory"]) == (cpu, memory)
    assert inputs["requiresCompatibilities"] == ["FARGATE"]
    assert inputs["networkMode"] == "awsvpc"


@pytest.mark.parametrize("architecture", ["X86_64", "ARM64"])
def test_a_task_runs_on_the_processor_that_its_image_is_built_for(architecture: str) -> None:
    task = deploy("dev", worker={"workload": "sample", "architecture": architecture}).the(TASK)
    assert task.inputs["runtimePlatform"] == {
        "cpuArchitecture": architecture,
        "operatingSystemFamily": "LINUX",
    }


def test_a_run_of_prod_keeps_the_revision_that_it_began_with() -> None:
    assert deployed("prod").the(TASK).inputs["skipDestroy"] is True


@pytest.mark.parametrize("role", ["worker", "worker-start"])
def test_only_tasks_of_this_account_may_take_a_role(role: str) -> None:
    roles = deployed("prod").of_type("aws:iam/role:Role")
    (found,) = (item for item in roles if item.inputs["name"] == names_of("prod").role(role))
    (statement,) = found.policy("assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "222222222222"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:us-east-1:222222222222:*"},
    }


def test_a_worker_has_only_the_permissions_that_it_uses() -> None:
    allowed = {action for statement in statements_of("prod", "worker") for action in statement["Action"]}
    assert allowed == {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "states:SendTaskFailure",
        "states:SendTaskHeartbeat",
        "states:SendTaskSuccess",
    }


def test_a_worker_writes_reports_only_below_their_prefix_and_deletes_only_its_probe() -> None:
    reports = names_of("prod").bucket_arn("reports")
    allowed = {
        resource: statement["Action"]
        for statement in statements_of("prod", "worker")
        for resource in statement["Resource"]
        if resource.startswith(f"{reports}/")
    }
    assert allowed == {
        f"{reports}/weekly/*": ["s3:GetObject", "s3:PutObject"],
        f"{reports}/weekly/*/probe": ["s3:DeleteObject"],
        f"{reports}/history.json": ["s3:GetObject"],
    }


def resources_of(action: str, environment: str = "prod") -> set[str]:
    return {
        resource
        for statement in statements_of(environment, "worker")
        if action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_a_worker_reaches_neither_claims_nor_the_last_success() -> None:
    cache = names_of("prod").bucket_arn("cache")
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        for key in (
            "claims/active",
            "claims/runs/2026-W48",
            "state/last-success.json",
            "runs/2026-W48/other",
        ):
            assert not [found for found in resources_of(action) if fnmatchcase(f"{cache}/{key}", found)]
    assert resources_of("s3:GetObject") >= {f"{cache}/runs/*/plan.json", f"{cache}/workloads/command/*"}


def test_a_worker_lists_only_below_the_prefixes_that_it_uses() -> None:
    listed = [item for item in statements_of("prod", "worker") if item["Action"] == ["s3:ListBucket"]]
    prefixes = [(*item["Resource"], item["Condition"]) for item in listed]
    names = names_of("prod")
    assert prefixes == [
        (names.bucket_arn("reports"), {"StringLike": {"s3:prefix": "weekly/*"}}),
        (names.bucket_arn("reports"), {"StringLike": {"s3:prefix": "history.json"}}),
        (names.bucket_arn("cache"), {"StringLike": {"s3:prefix": "runs/*"}}),
        (names.bucket_arn("cache"), {"StringLike": {"s3:prefix": "workloads/command/*"}}),
    ]


def test_only_a_worker_that_needs_the_key_of_earth_engine_reads_it() -> None:
    assert resources_of("secretsmanager:GetSecretValue")
    worker = {
        key: value for key, value in stack_file("prod")["ccapi:worker"].items() if key != "earthEngineProject"
    }
    changed = deploy("prod", command={"program": ["monitor"], "earthEngine": False}, worker=worker)
    policies = [item.inputs["policy"] for item in changed.of_type("aws:iam/rolePolicy:RolePolicy")]
    assert not [
        policy for policy in policies if "secretsmanager:GetSecretValue" in policy and "weekly" in policy
    ]


def test_a_worker_reads_the_credentials_of_earth_engine_and_no_other_secret() -> None:
    (read,) = (item for item in statements_of("prod", "worker") if "secretsmanager" in item["Action"][0])
    # Secrets Manager appends a hyphen and six random characters to each ARN.
    assert read["Resource"] == [
        "arn:aws:secretsmanager:us-east-1:222222222222:secret:ccapi-gee-credentials-prod-??????"
    ]


def test_every_permission_of_a_worker_is_limited_to_resources() -> None:
    assert all("*" not in statement["Resource"] for statement in statements_of("prod", "worker"))


def test_a_worker_is_pulled_from_the_repository_of_its_image() -> None:
    names = names_of("prod")
    own = f"arn:aws:ecr:us-east-1:222222222222:repository/{names.worker_family}"
    cases: tuple[tuple[str, set[str]], ...] = (
        (f"{names.repository_url}:7", {own}),
        (
            "444455556666.dkr.ecr.eu-west-1.amazonaws.com/team/monitor@sha256:0",
            {"arn:aws:ecr:eu-west-1:444455556666:repository/team/monitor"},
        ),
        ("ghcr.io/team/monitor:7", set()),
    )
    for image, repositories in cases:
        permissions = start_permissions(names, image)
        pulled = {
            arn for each in permissions if "ecr:BatchGetImage" in each.actions for arn in each.resources
        }
        assert pulled == repositories, image
        tokens = [each for each in permissions if "ecr:GetAuthorizationToken" in each.actions]
        assert len(tokens) == len(repositories), image


def test_only_the_login_at_the_registry_is_allowed_on_everything() -> None:
    everywhere = [
        item["Action"] for item in statements_of("prod", "worker-start") if item["Resource"] == ["*"]
    ]
    assert everywhere == [["ecr:GetAuthorizationToken"]]
