"""Tasks as real processes: their environment, their end, and the reported states."""

import json
import platform
import signal
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.agent.tasks import SECRET_OF_THE_PARENT, RunningAgent, Tasks, agent, daemon, processes_with
from tests.local.emulator.local_aws import RunningAws, eventually, unique


@pytest.fixture(scope="module", autouse=True)
def running_agent(
    aws: RunningAws, image: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningAgent]:
    with agent(aws, image, tmp_path_factory.mktemp("agent")) as running:
        yield running


SAY_AND_SLEEP = "import time; print('up', flush=True); time.sleep(600)"
IGNORE_SIGTERM = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
CLEAN_UP_ON_SIGTERM = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("cleaning up", flush=True), sys.exit(7)))
print("up", flush=True)
time.sleep(600)
"""


def test_a_task_runs_to_its_end_and_its_exit_code_is_reported(tasks: Tasks) -> None:
    task = tasks.python("import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)")

    stopped = tasks.stopped(task)

    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["containers"][0]["exitCode"] == 3
    assert stopped["createdAt"] <= stopped["startedAt"] <= stopped["stoppedAt"]
    assert sorted(tasks.output(task)) == ["one", "two"]


def test_a_python_that_only_the_image_has_is_the_one_of_this_environment(tasks: Tasks) -> None:
    task = tasks.start("/opt/of/the/image/bin/python", "-E", "-c", "import sys; print(sys.executable)")
    tasks.stopped(task)
    assert tasks.output(task) == [sys.executable]


def test_a_container_sees_its_own_environment_and_nothing_of_the_parents(tasks: Tasks) -> None:
    code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd(), os.listdir('.')]))"
    task = tasks.python(code, environment={"SHARDS": "2"})
    tasks.stopped(task)

    environment, folder, files = json.loads(tasks.output(task)[0])

    assert environment["SHARDS"] == "2"
    assert environment["AWS_ENDPOINT_URL"] == tasks.aws.endpoint
    assert SECRET_OF_THE_PARENT not in environment.values()
    assert set(environment) <= {
        *("SHARDS", "PATH", "HOME", "TMPDIR", "ECS_CONTAINER_METADATA_URI_V4", "LC_CTYPE"),
        *(
            "AWS_ENDPOINT_URL",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
        ),
    }
    assert files == ["catalog.json"]
    assert not Path(folder).exists()


def test_overrides_replace_the_command_and_add_to_the_environment(tasks: Tasks) -> None:
    family = tasks.aws.register(
        entryPoint=["python", "-c", "import os, sys; print(sys.argv[1], os.environ['A'], os.environ['B'])"],
        command=["monitor"],
        environment=[{"name": "A", "value": "defined"}, {"name": "B", "value": "defined"}],
        logConfiguration={
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": tasks.log_group,
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "worker",
            },
        },
    )
    override = {
        "name": "monitor",
        "command": ["validate"],
        "environment": [{"name": "B", "value": "overridden"}],
    }
    task = tasks.aws.run_task(tasks.cluster, family, overrides={"containerOverrides": [override]})
    tasks.stopped(task)

    assert tasks.output(task) == ["validate defined overridden"]


def test_tasks_have_files_of_their_own(tasks: Tasks) -> None:
    code = "import pathlib; p = pathlib.Path('catalog.json'); print(p.read_text()); p.write_text('spoilt')"
    started = [tasks.python(code) for _ in range(3)]
    for task in started:
        tasks.stopped(task)

    assert [tasks.output(task) for task in started] == [['["a region"]']] * 3


def test_a_container_learns_its_task_and_its_log_stream(tasks: Tasks) -> None:
    code = (
        "import os, urllib.request as r; u = os.environ['ECS_CONTAINER_METADATA_URI_V4'];"
        "print(r.urlopen(u).read().decode()); print(r.urlopen(u + '/task').read().decode())"
    )
    task = tasks.python(code)
    tasks.stopped(task)

    container, whole = (json.loads(line) for line in tasks.output(task))

    task_id = task["taskArn"].rsplit("/", 1)[-1]
    assert container["LogOptions"]["awslogs-stream"] == f"worker/monitor/{task_id}"
    assert (whole["TaskARN"], whole["Revision"]) == (task["taskArn"], "1")
    assert whole["Limits"] == {"CPU": 0.25, "Memory": 512}


def test_output_arrives_while_the_task_runs_and_in_a_file(tasks: Tasks, running_agent: RunningAgent) -> None:
    task = tasks.python(SAY_AND_SLEEP)
    tasks.reaches(task, "RUNNING")

    assert eventually(lambda: tasks.output(task)) == ["up"]
    task_id = task["taskArn"].rsplit("/", 1)[-1]
    assert (running_agent.output_folder / f"{task_id}.log").read_text() == "up\n"


def test_ten_thousand_lines_arrive_whole_and_in_order(tasks: Tasks) -> None:
    task = tasks.python("[print(n, 'x' * 100) for n in range(10_000)]")
    tasks.stopped(task)

    logs, stream = tasks.aws.client("logs"), f"worker/monitor/{task['taskArn'].rsplit('/', 1)[-1]}"
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=tasks.log_group, logStreamNames=[stream], PaginationConfig={"PageSize": 10_000}
    )
    numbers = [int(event["message"].split()[0]) for page in pages for event in page["events"]]
    assert numbers == list(range(10_000))


def test_a_stopped_task_may_clean_up(tasks: Tasks) -> None:
    task = tasks.python(CLEAN_UP_ON_SIGTERM)
    eventually(lambda: tasks.aws.task(task)["lastStatus"] == "RUNNING" and tasks.output(task))

    tasks.aws.client("ecs").stop_task(cluster=tasks.cluster, task=task["taskArn"], reason="stalled")
    stopped = tasks.stopped(task)

    assert stopped["containers"][0]["exitCode"] == 7
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "stalled")
    assert tasks.output(task) == ["up", "cleaning up"]


def test_a_task_that_does_not_heed_sigterm_is_killed_after_its_stop_timeout(tasks: Tasks) -> None:
    task = tasks.python(IGNORE_SIGTERM, stopTimeout=2)
    eventually(lambda: tasks.aws.task(task)["lastStatus"] == "RUNNING" and tasks.output(task))

    tasks.aws.client("ecs").stop_task(cluster=tasks.cluster, task=task["taskArn"])
    stopped = tasks.stopped(task)

    assert stopped["containers"][0]["exitCode"] == 128 + signal.SIGKILL
    assert (stopped["stoppedAt"] - stopped["stoppingAt"]).total_seconds() >= 2


def test_a_spot_interruption_stops_the_task_with_its_code(tasks: Tasks) -> None:
    task = tasks.python(SAY_AND_SLEEP)
    eventually(lambda: tasks.aws.task(task)["lastStatus"] == "RUNNING" and tasks.output(task))

    tasks.aws.admin("POST", "interrupt", {"task": task["taskArn"]})
    stopped = tasks.stopped(task)

    assert stopped["stopCode"] == "SpotInterruption"
    assert stopped["containers"][0]["exitCode"] == 128 + signal.SIGTERM


def test_a_task_that_uses_more_than_its_memory_is_killed(tasks: Tasks) -> None:
    hog = "import time; hog = bytearray(600 * 1024 * 1024); time.sleep(600)"
    task = tasks.python(f"import subprocess; subprocess.run(['python', '-c', '{hog}'], process_group=0)")

    stopped = tasks.stopped(task)
    (container,) = stopped["containers"]

    assert container.get("exitCode") == 137, stopped
    assert container["reason"] == "OutOfMemoryError: Container killed due to memory usage"


@pytest.mark.parametrize("group", ["None", "0"], ids=["in its group", "in a group of its own"])
def test_child_processes_of_a_task_end_with_the_task(tasks: Tasks, group: str) -> None:
    marker = unique("grandchild")
    sleeper = f"[sys.executable, '-c', 'import time; time.sleep(600)', '{marker}']"
    code = f"import subprocess, sys; subprocess.Popen({sleeper}, process_group={group})"

    tasks.stopped(tasks.python(code))

    assert processes_with(marker) == []


def test_a_daemon_that_a_task_started_ends_with_it(tasks: Tasks) -> None:
    marker = unique("daemon")

    tasks.stopped(tasks.start("python", "-c", daemon(marker), "ends"))

    assert processes_with(marker) == []


@pytest.mark.parametrize(
    ("command", "container", "reason"),
    [
        (["no-such-program"], {}, 'CannotStartContainerError: exec: "no-such-program"'),
        ([], {}, "CannotStartContainerError"),
        (
            ["python"],
            {"secrets": [{"name": "KEY", "valueFrom": "/none"}]},
            "ResourceInitializationError: unable to pull",
        ),
    ],
)
def test_a_task_that_cannot_start_reports_the_reason(
    tasks: Tasks, command: list[str], container: dict[str, Any], reason: str
) -> None:
    stopped = tasks.stopped(tasks.start(*command, **container))

    assert stopped["stopCode"] == "TaskFailedToStart"
    assert reason in stopped["stoppedReason"]
    assert "startedAt" not in stopped


def test_a_program_for_another_processor_is_reported_as_by_a_runtime(tasks: Tasks, tmp_path: Path) -> None:
    # An ELF executable whose header names another machine (EM_AARCH64 or EM_X86_64) than this one.
    foreign = 62 if platform.machine() == "aarch64" else 183
    fields = struct.pack("<HHIQQQIHHHHHH", 2, foreign, 1, 0, 64, 0, 0, 64, 56, 0, 0, 0, 0)
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + fields
    (tmp_path / "program").write_bytes(header)
    (tmp_path / "program").chmod(0o755)

    stopped = tasks.stopped(tasks.start(str(tmp_path / "program")))

    assert stopped["stopCode"] == "TaskFailedToStart"
    assert "exec format error" in stopped["stoppedReason"].lower()


def test_a_missing_log_group_keeps_a_task_from_starting(tasks: Tasks) -> None:
    tasks.aws.client("logs").delete_log_group(logGroupName=tasks.log_group)

    stopped = tasks.stopped(tasks.python("pass"))

    assert stopped["stopCode"] == "TaskFailedToStart"
    assert "failed to validate logger args" in stopped["stoppedReason"]


def test_a_task_whose_log_driver_lacks_a_required_option_does_not_start(tasks: Tasks) -> None:
    options = {"awslogs-group": tasks.log_group}
    family = tasks.aws.register(logConfiguration={"logDriver": "awslogs", "options": options})

    stopped = tasks.stopped(tasks.aws.run_task(tasks.cluster, family))

    assert stopped["stopCode"] == "TaskFailedToStart"
    assert "the task definition lacks 'awslogs-region'" in stopped["stoppedReason"]


def test_secrets_come_from_parameters_and_from_secrets_manager(tasks: Tasks) -> None:
    parameter, secret = unique("/parameter"), unique("secret")
    tasks.aws.client("ssm").put_parameter(Name=parameter, Value="one", Type="SecureString")
    arn = tasks.aws.client("secretsmanager").create_secret(Name=secret, SecretString='{"key": "two"}')["ARN"]
    task = tasks.python(
        "import os; print(os.environ['ONE'], os.environ['TWO'], os.environ['ALL'])",
        secrets=[
            {"name": "ONE", "valueFrom": parameter},
            {"name": "TWO", "valueFrom": f"{arn}:key::"},
            {"name": "ALL", "valueFrom": arn},
        ],
    )
    tasks.stopped(task)

    assert tasks.output(task) == ['one two {"key": "two"}']


def test_the_requests_logs_and_secrets_of_a_container_are_metered_as_its_own(tasks: Tasks) -> None:
    def metered() -> dict[str, Any]:
        return dict(tasks.aws.admin("GET", "meter")["others"])

    arn = tasks.aws.client("secretsmanager").create_secret(Name=unique("secret"), SecretString="one")["ARN"]
    before = metered()["requests"].get("tasks", {})
    task = tasks.python(
        "import boto3; boto3.client('s3').list_buckets(); print('Größe')",
        secrets=[{"name": "ONE", "valueFrom": arn}],
    )
    tasks.stopped(task)

    after = metered()
    asked = {name: count - before.get(name, 0) for name, count in after["requests"]["tasks"].items()}
    assert {name: count for name, count in asked.items() if count} == {
        "s3:ListBuckets": 1,
        "secretsmanager:GetSecretValue": 1,
    }
    assert after["log_bytes"][tasks.log_group] == len("Größe".encode()) + 26
    (own,) = (account for account in after["tasks"] if account["task"] == task["taskArn"])
    assert own["stopped"]
    assert own["seconds"] > 0


def test_many_tasks_run_at_once_and_each_once(tasks: Tasks) -> None:
    family = tasks.start("python", "-c", "import time; time.sleep(1)")["taskDefinitionArn"].split("/")[-1]
    for _ in range(2):
        tasks.aws.run_task(tasks.cluster, family, count=5)

    def all_stopped() -> list[str]:
        ecs = tasks.aws.client("ecs")
        return [] if ecs.list_tasks(cluster=tasks.cluster)["taskArns"] else ["none runs"]

    eventually(all_stopped)
    ecs = tasks.aws.client("ecs")
    arns = ecs.list_tasks(cluster=tasks.cluster, desiredStatus="STOPPED")["taskArns"]
    described = ecs.describe_tasks(cluster=tasks.cluster, tasks=arns)["tasks"]
    assert [task["containers"][0]["exitCode"] for task in described] == [0] * 11


def test_an_aws_that_fails_for_a_while_loses_no_task(tasks: Tasks) -> None:
    for operation in ("ecs:ListTasks", "ecs:SubmitTaskStateChange", "logs:PutLogEvents"):
        fault = {"operation": operation, "error": "InternalFailure", "status": 500, "times": 7}
        tasks.aws.admin("POST", "faults", fault)

    task = tasks.python("print('through')")

    assert tasks.stopped(task)["containers"][0]["exitCode"] == 0
    assert tasks.output(task) == ["through"]
