import json
from typing import Any

from tests.local.emulator.local_aws import RunningAws, unique


def subscribe(aws: RunningAws, pattern: dict[str, Any]) -> str:
    """Send the events of a pattern to a new queue; return its URL."""
    url, arn = aws.queue()
    rule = unique("rule")
    aws.client("events").put_rule(Name=rule, EventPattern=json.dumps(pattern))
    aws.client("events").put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def test_every_change_of_a_task_is_an_event_with_the_whole_task(aws: RunningAws) -> None:
    cluster = aws.create_cluster()
    cluster_arn = aws.client("ecs").describe_clusters(clusters=[cluster])["clusters"][0]["clusterArn"]
    url = subscribe(
        aws,
        {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {"clusterArn": [cluster_arn], "group": [{"prefix": "ccapi/"}]},
        },
    )
    token = [{"name": "TASK_TOKEN", "value": "t" * 700}]
    overrides = {"containerOverrides": [{"name": "monitor", "environment": token}]}

    task = aws.run_task(
        cluster,
        aws.register(),
        group="ccapi/run",
        overrides=overrides,
        launchType="FARGATE",
    )
    aws.report(task, "RUNNING")
    killed = {
        "containerName": "monitor",
        "status": "STOPPED",
        "exitCode": 137,
        "reason": "OutOfMemoryError: x",
    }
    aws.report(task, "STOPPED", containers=[killed])

    events = aws.messages(url, 3)
    assert [event["detail"]["lastStatus"] for event in events] == ["PROVISIONING", "RUNNING", "STOPPED"]
    versions = [event["detail"]["version"] for event in events]
    assert versions == sorted(set(versions))
    last = events[-1]
    assert (last["resources"], last["account"], last["region"]) == (
        [task["taskArn"]],
        "123456789012",
        "us-east-1",
    )
    assert last["time"].endswith("Z")
    detail = last["detail"]
    assert (detail["desiredStatus"], detail["stopCode"]) == ("STOPPED", "EssentialContainerExited")
    assert detail["overrides"]["containerOverrides"][0]["environment"] == token
    assert (detail["containers"][0]["exitCode"], detail["containers"][0]["reason"]) == (
        137,
        "OutOfMemoryError: x",
    )
    assert detail["startedAt"] <= detail["stoppedAt"]


def test_the_event_names_the_capacity_provider(aws: RunningAws) -> None:
    cluster = aws.create_cluster()
    url = subscribe(aws, {"source": ["aws.ecs"], "detail": {"capacityProviderName": ["FARGATE_SPOT"]}})

    aws.client("ecs").run_task(
        cluster=cluster,
        taskDefinition=aws.register(),
        networkConfiguration=aws.network,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )

    [event] = [event for event in aws.messages(url, 1) if cluster in event["detail"]["clusterArn"]]
    assert event["detail"]["launchType"] == "FARGATE"
