from typing import Any

import pytest

from tests.local.emulator.local_aws import RunningAws, eventually

NO_CAPACITY = (
    "Capacity is unavailable at this time. Please try again later or in a different availability zone"
)


def run_task_state(aws: RunningAws, cluster: str, family: str, **arguments: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.waitForTaskToken",
        "TimeoutSeconds": 20,
        "Arguments": {
            "Cluster": cluster,
            "TaskDefinition": family,
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {"Subnets": [aws.subnet], "AssignPublicIp": "ENABLED"}
            },
            "Overrides": {
                "ContainerOverrides": [
                    {
                        "Name": "monitor",
                        "Environment": [{"Name": "TASK_TOKEN", "Value": "{% $states.context.Task.Token %}"}],
                    }
                ]
            },
            **arguments,
        },
        "End": True,
    }


@pytest.fixture
def cluster(aws: RunningAws) -> str:
    return aws.create_cluster()


def test_every_argument_reaches_the_task(aws: RunningAws, cluster: str) -> None:
    state = run_task_state(
        aws,
        cluster,
        aws.register(),
        CapacityProviderStrategy=[{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}],
        Group="ccapi/run",
        Tags=[{"Key": "a", "Value": "b"}],
        EnableECSManagedTags=True,
    )
    state["Arguments"]["Overrides"] |= {"Cpu": "512", "Memory": "1024"}
    execution = aws.start({"Run": state})

    arns = eventually(lambda: aws.client("ecs").list_tasks(cluster=cluster)["taskArns"])
    aws.client("stepfunctions").stop_execution(executionArn=execution)
    [task] = aws.client("ecs").describe_tasks(cluster=cluster, tasks=arns, include=["TAGS"])["tasks"]

    assert task["capacityProviderName"] == "FARGATE_SPOT"
    assert (task["group"], task["startedBy"]) == ("ccapi/run", "AWS Step Functions")
    assert (task["cpu"], task["memory"]) == ("512", "1024")
    assert {tag["key"] for tag in task["tags"]} == {"a", "aws:ecs:clusterName"}


def test_a_task_that_does_not_start_fails_the_state_with_its_reason(aws: RunningAws, cluster: str) -> None:
    aws.admin(
        "POST",
        "faults",
        {"operation": "ecs:RunTask", "failure": NO_CAPACITY, "match": {"capacityProvider": "FARGATE_SPOT"}},
    )
    spot = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]

    ended = aws.run({"Run": run_task_state(aws, cluster, aws.register(), CapacityProviderStrategy=spot)})

    assert ended.error == "AmazonECS.Unknown"
    assert NO_CAPACITY in str(ended.cause)


def test_a_strategy_beside_a_launch_type_is_refused(aws: RunningAws, cluster: str) -> None:
    state = run_task_state(
        aws,
        cluster,
        aws.register(),
        LaunchType="FARGATE",
        CapacityProviderStrategy=[{"CapacityProvider": "FARGATE", "Weight": 1}],
    )

    assert aws.run({"Run": state}).error == "ECS.InvalidParameterException"


def test_the_token_in_the_overrides_answers_the_state(aws: RunningAws, cluster: str) -> None:
    execution = aws.start({"Run": run_task_state(aws, cluster, aws.register(), LaunchType="FARGATE")})
    token = the_token(aws, cluster)

    aws.client("stepfunctions").send_task_success(taskToken=token, output='{"shard": 0}')

    assert aws.ended(execution).output == {"shard": 0}


def the_token(aws: RunningAws, cluster: str) -> str:
    arns = eventually(lambda: aws.client("ecs").list_tasks(cluster=cluster)["taskArns"])
    [task] = aws.client("ecs").describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    [container] = task["overrides"]["containerOverrides"]
    return str(container["environment"][0]["value"])
