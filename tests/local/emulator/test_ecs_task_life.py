from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique


@pytest.fixture
def task(aws: RunningAws) -> dict[str, Any]:
    return aws.run_task(aws.create_cluster(), aws.register(), launchType="FARGATE")


def exited(code: int) -> list[dict[str, Any]]:
    return [{"containerName": "monitor", "status": "STOPPED", "exitCode": code}]


def test_a_new_task_is_provisioning_and_describing_does_not_change_it(
    aws: RunningAws, task: dict[str, Any]
) -> None:
    seen = {aws.task(task)["lastStatus"] for _ in range(5)}

    assert seen == {"PROVISIONING"}
    assert task["desiredStatus"] == "RUNNING"
    assert "exitCode" not in task["containers"][0]


def test_a_tasks_status_follows_its_agents_reports(aws: RunningAws, task: dict[str, Any]) -> None:
    aws.report(task, "PENDING")
    assert aws.task(task)["lastStatus"] == "PENDING"

    aws.report(task, "RUNNING")
    running = aws.task(task)
    assert (running["lastStatus"], running["containers"][0]["lastStatus"]) == ("RUNNING", "RUNNING")
    assert running["startedAt"] >= running["createdAt"]

    aws.report(task, "STOPPED", containers=exited(3))
    stopped = aws.task(task)
    assert (stopped["lastStatus"], stopped["desiredStatus"]) == ("STOPPED", "STOPPED")
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["stoppedReason"] == "Essential container in task exited"
    assert stopped["containers"][0]["exitCode"] == 3
    assert stopped["stoppedAt"] >= stopped["startedAt"]


def test_a_task_that_stops_before_it_ran_failed_to_start(aws: RunningAws, task: dict[str, Any]) -> None:
    aws.report(task, "STOPPED", reason="ResourceInitializationError: no secret")

    stopped = aws.task(task)
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"] == "ResourceInitializationError: no secret"


def test_stop_task_only_sets_the_desired_status_and_the_agent_stops_the_task(
    aws: RunningAws, task: dict[str, Any]
) -> None:
    aws.report(task, "RUNNING")

    aws.client("ecs").stop_task(cluster=task["clusterArn"], task=task["taskArn"], reason="enough")
    asked = aws.task(task)
    assert (asked["lastStatus"], asked["desiredStatus"]) == ("RUNNING", "STOPPED")
    assert (asked["stopCode"], asked["stoppedReason"]) == ("UserInitiated", "enough")

    aws.report(task, "STOPPED", containers=exited(143))
    assert aws.task(task)["stopCode"] == "UserInitiated"


def test_a_spot_interruption_is_a_stop_of_its_own_kind(aws: RunningAws, task: dict[str, Any]) -> None:
    aws.report(task, "RUNNING")

    aws.admin("POST", "interrupt", {"task": task["taskArn"]})

    interrupted = aws.task(task)
    assert (interrupted["desiredStatus"], interrupted["stopCode"]) == ("STOPPED", "SpotInterruption")


def test_a_stopped_task_stays_as_it_stopped(aws: RunningAws, task: dict[str, Any]) -> None:
    aws.report(task, "RUNNING")
    aws.report(task, "STOPPED", containers=exited(0))

    aws.report(task, "RUNNING")
    aws.client("ecs").stop_task(cluster=task["clusterArn"], task=task["taskArn"])

    stopped = aws.task(task)
    assert (stopped["lastStatus"], stopped["stopCode"]) == ("STOPPED", "EssentialContainerExited")


@pytest.mark.parametrize("call", ["stop_task", "submit_task_state_change"])
def test_a_task_that_does_not_exist_is_refused(aws: RunningAws, call: str) -> None:
    cluster = aws.create_cluster()

    with pytest.raises(ClientError, match="The referenced task was not found"):
        getattr(aws.client("ecs"), call)(cluster=cluster, task=unique("task"))


def test_overrides_are_described_as_they_were_given(aws: RunningAws) -> None:
    overrides = {
        "cpu": "512",
        "memory": "1024",
        "containerOverrides": [
            {"name": "monitor", "command": ["validate"], "environment": [{"name": "SHARD", "value": "0"}]}
        ],
    }

    task = aws.run_task(aws.create_cluster(), aws.register(command=["monitor"]), overrides=overrides)

    assert aws.task(task)["overrides"] == overrides
    assert (task["cpu"], task["memory"]) == ("512", "1024")
