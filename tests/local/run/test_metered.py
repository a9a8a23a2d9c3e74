from typing import Any

import pytest

from local.run import metered
from tests.local.emulator.local_aws import RunningAws, running_aws

TASK: dict[str, Any] = {
    "command": ["monitor"],
    "cpu_units": 512,
    "memory_mib": 1024,
    "storage_gib": 20,
    "architecture": "ARM64",
    "capacity_provider": "FARGATE_SPOT",
    "public_ip": False,
    "seconds": 61.26,
}
ALIKE = "monitor, 0.5 vCPU, 1 GB, ARM64 on FARGATE_SPOT"


def told(*tasks: dict[str, Any], **usage: int) -> list[tuple[str, str]]:
    return list(metered.quantities({"usage": usage, "tasks": tasks}))


def test_usage_that_is_billed_by_count_is_reported_in_words() -> None:
    assert told(state_transitions=18, log_bytes=61676) == [
        ("18", "state transitions of Step Functions"),
        ("61,676", "bytes of CloudWatch Logs"),
    ]


def test_tasks_that_cost_the_same_by_the_second_are_reported_together() -> None:
    other = {**TASK, "command": ["validate"], "seconds": 1.0}

    assert told(TASK, other, {**TASK, "seconds": 4000}) == [
        ("4,061.3 s", f"2 tasks {ALIKE}"),
        ("1.0 s", f"1 task {ALIKE.replace('monitor', 'validate')}"),
    ]


def test_the_other_billed_quantities_of_a_task_are_reported() -> None:
    assert told({**TASK, "storage_gib": 40, "public_ip": True}) == [
        ("61.3 s", f"1 task {ALIKE}, 40 GB storage, public address")
    ]


def run_one_task(aws: RunningAws) -> tuple[str, dict[str, Any]]:
    arguments = {
        "Cluster": aws.create_cluster(),
        "TaskDefinition": aws.register(command=["monitor"]),
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [aws.subnet]}},
    }
    work = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask", "Arguments": arguments, "End": True}
    execution = aws.start({"Work": work})
    (started,) = aws.ended(execution).output["Tasks"]
    return execution, {"taskArn": started["TaskArn"], "clusterArn": started["ClusterArn"]}


@pytest.mark.processes
def test_the_meter_is_read_once_the_tasks_have_stopped_and_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metered, "STOP_SECONDS", 0.5)
    with running_aws() as aws:
        execution, task = run_one_task(aws)
        (still,) = metered.read_meter(aws.aws, execution)["tasks"]
        aws.report(task, "STOPPED")
        (stopped,) = metered.read_meter(aws.aws, execution)["tasks"]

    assert (still["stopped"], stopped["stopped"]) == (False, True)
