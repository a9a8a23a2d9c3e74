"""A run of 45 shards with real workers: each is a child execution of a distributed Map on the local AWS."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from cli.app import ccapi
from cli.invocation import Invocation
from cli.output import Output
from cli.stack import Stack
from components.machines.weekly.machine import weekly_machine
from components.resources.iam import trust
from components.resources.program_access import ProgramAccess
from components.resources.reporter_settings import reporter_settings
from components.resources.task_definition import TaskDefinitionArgs, container
from components.settings import Settings
from components.settings.names import Names
from local.agent.image import assemble
from tests.components.machines.runs import run_settings
from tests.local.agent.tasks import agent
from tests.local.emulator.local_aws import ROLE, ROOT, RunningAws, eventually
from tests.local.lambdas import zipped
from tests.stacks import settings_of

SHARDS = 45
REGIONS = [f"region-{number:02}" for number in range(SHARDS)]
HELD = "region-07"
RUN = "many"
SERVICES = ("ecs", "lambda", "logs", "s3", "ssm", "stepfunctions")


def settings(hold: Path) -> Settings:
    """Return settings with a shard for each region, one of which does not end while the file exists."""
    wait = f'while [ "$0" = {HELD} ] && [ -e {hold} ]; do sleep 0.1; done'
    return settings_of(
        "local",
        monitoring={"catalog": None, "items": REGIONS},
        worker={"workload": "each", "shards": SHARDS},
        each={"program": ["sh", "-c", wait, "{region}"]},
        # A busy machine answers late.
        run={"heartbeatSeconds": 600},
    )


class Deployed:
    """The resources of the stack that a run uses, and the operator's commands on it."""

    def __init__(self, aws: RunningAws, settings: Settings) -> None:
        self.aws = aws
        self.names = names = Names.of(settings)
        self.states = aws.client("stepfunctions")
        for bucket in ("reports", "cache"):
            aws.client("s3").create_bucket(Bucket=names.bucket(bucket))
        aws.client("logs").create_log_group(logGroupName=names.worker_log_group)
        # The reporter fails, and the outcome is published.
        aws.client("sns").create_topic(Name=names.topic("failure"))
        role = aws.client("iam").create_role(
            RoleName=names.role("reporter"), AssumeRolePolicyDocument=trust("lambda.amazonaws.com")
        )["Role"]["Arn"]
        aws.client("lambda").create_function(
            FunctionName=names.reporter,
            Runtime="python3.13",
            Handler="app.handle",
            Role=role,
            Code={"ZipFile": zipped("")},
            Environment={"Variables": {"REPORTER_SETTINGS": json.dumps(reporter_settings(settings, names))}},
        )
        self.cluster = aws.client("ecs").create_cluster(
            clusterName=names.cluster, capacityProviders=["FARGATE", "FARGATE_SPOT"]
        )["cluster"]["clusterArn"]
        pinned = {
            **run_settings(settings),
            "cluster": self.cluster,
            "taskDefinition": self._task_definition(settings),
            "subnets": [aws.subnet],
            "securityGroups": [],
        }
        aws.client("ssm").put_parameter(Name=names.run_settings, Type="String", Value=json.dumps(pinned))
        machine = self.states.create_state_machine(
            name=names.machine,
            definition=json.dumps(weekly_machine(settings, names).definition),
            roleArn=ROLE,
        )["stateMachineArn"]
        self.stack = Stack(
            "dev",
            {
                "aws_region": names.region,
                "step_functions_state_machine_arn": machine,
                "ecs_cluster_arn": self.cluster,
                "worker_log_group": names.worker_log_group,
                "s3_reports_bucket": names.bucket("reports"),
                "s3_cache_bucket": names.bucket("cache"),
                "reporter_function_name": names.reporter,
                "run_settings_parameter": names.run_settings,
            },
        )
        self.stack._clients.update({service: aws.client(service) for service in SERVICES})

    def _task_definition(self, settings: Settings) -> str:
        size = settings.worker.task_size(settings.monitoring.regions_count)
        args = TaskDefinitionArgs(
            names=self.names,
            worker=settings.worker,
            command=settings.command,
            each=settings.each,
            monitoring=settings.monitoring,
            size=size,
            run=settings.run,
            log_retention_days=1,
            disposable=True,
            key_arn="",
            access=ProgramAccess(),
        )
        registered = self.aws.client("ecs").register_task_definition(
            family=self.names.worker_family,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu=str(size.cpu_units),
            memory=str(size.memory_mib),
            taskRoleArn=ROLE,
            executionRoleArn=ROLE,
            volumes=[{"name": "tmp"}, {"name": "home"}],
            containerDefinitions=[container(args)],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def start(self, name: str) -> str:
        machine = self.stack["step_functions_state_machine_arn"]
        return str(
            self.states.start_execution(stateMachineArn=machine, name=name, input="{}")["executionArn"]
        )

    def type(self, *words: str) -> str:
        """Type a command, and return what it printed."""
        with patch.dict(os.environ, {"COLUMNS": "140", "CCAPI_STACK": "dev"}):
            invocation = Invocation(stack_name="dev", output=Output(as_json="--json" in words))
            invocation.__dict__["stack"] = self.stack
            done = CliRunner().invoke(ccapi, list(words), obj=invocation, standalone_mode=False)
        if done.exception:
            raise done.exception
        return done.stdout

    def children(self, execution: str, status: str) -> list[dict[str, Any]]:
        runs = self.states.list_map_runs(executionArn=execution)["mapRuns"]
        return [
            child
            for run in runs
            for child in self.states.list_executions(
                mapRunArn=run["mapRunArn"], statusFilter=status, maxResults=1_000
            )["executions"]
        ]

    def shard_of(self, child: dict[str, Any]) -> int:
        described = self.states.describe_execution(executionArn=child["executionArn"])
        return int(json.loads(described["input"])["shard"])

    def done(self) -> list[str]:
        """Return the regions that have a result."""
        prefix = f"weekly/{RUN}/"
        pages = self.aws.client("s3").get_paginator("list_objects_v2")
        keys = [
            item["Key"].removeprefix(prefix).removesuffix(".json")
            for page in pages.paginate(Bucket=self.names.bucket("reports"), Prefix=prefix)
            for item in page.get("Contents", ())
        ]
        return sorted(set(keys) & set(REGIONS))

    def tasks(self) -> list[str]:
        return list(self.aws.client("ecs").list_tasks(cluster=self.cluster)["taskArns"])


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    path = tmp_path / "hold"
    path.touch()
    return path


@pytest.fixture
def deployed(aws: RunningAws, hold: Path, tmp_path: Path) -> Iterator[Deployed]:
    image = tmp_path / "image"
    assemble(dockerfile=ROOT / "container" / "Dockerfile", context=ROOT, to=image)
    stack = Deployed(aws, settings(hold))
    with agent(aws, image, tmp_path):
        yield stack


def test_a_lost_shard_of_many_is_found_shown_and_done_again(deployed: Deployed, hold: Path) -> None:
    execution = deployed.start(RUN)
    eventually(lambda: len(deployed.children(execution, "SUCCEEDED")) == SHARDS - 1)
    (held,) = deployed.children(execution, "RUNNING")
    shard = deployed.shard_of(held)
    assert deployed.done() == [region for region in REGIONS if region != HELD]
    line = deployed.type("show", RUN).splitlines()[0]
    assert f"{SHARDS - 1} of {SHARDS} regions; shards: 1 running, {SHARDS - 1} succeeded" in line

    # No state of the child handles this end, and the worker goes on until the sweep stops it.
    deployed.states.stop_execution(executionArn=held["executionArn"], cause="lost")
    ended = deployed.aws.ended(execution)
    assert (ended.status, ended.output["status"]) == ("SUCCEEDED", "partial")
    assert ended.output["succeeded"] == SHARDS - 1
    assert [failure["region"] for failure in ended.output["failures"]] == [HELD]
    eventually(lambda: not deployed.tasks())

    text = deployed.type("show", RUN)
    assert f"Run {RUN} is partial: 1 of {SHARDS} regions failed, {SHARDS - 1} were monitored" in text
    rows = [line.split() for line in text.splitlines() if line.startswith("shard ")]
    assert sorted(int(row[1]) for row in rows) == list(range(SHARDS))
    assert [int(row[1]) for row in rows if "stopped" in row] == [shard]
    assert sum("succeeded" in row for row in rows) == SHARDS - 1

    hold.unlink()
    deployed.type("redo", RUN)
    machine = deployed.stack["step_functions_state_machine_arn"]
    redo, _ = deployed.states.list_executions(stateMachineArn=machine)["executions"]
    again = deployed.aws.ended(redo["executionArn"])
    assert (again.status, again.output["status"]) == ("SUCCEEDED", "succeeded")
    assert deployed.done() == REGIONS
    eventually(lambda: not deployed.tasks())
    assert deployed.type("show", RUN).startswith(
        f"Run {RUN} is complete: all {SHARDS} regions were monitored"
    )
