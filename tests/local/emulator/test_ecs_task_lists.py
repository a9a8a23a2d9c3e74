import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique


def test_only_tasks_that_should_run_are_listed_by_default(aws: RunningAws) -> None:
    cluster, family, ecs = aws.create_cluster(), aws.register(), aws.client("ecs")
    kept, stopped = aws.run_task(cluster, family), aws.run_task(cluster, family)
    ecs.stop_task(cluster=cluster, task=stopped["taskArn"])

    assert ecs.list_tasks(cluster=cluster)["taskArns"] == [kept["taskArn"]]
    assert ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED")["taskArns"] == [stopped["taskArn"]]


def test_a_family_lists_the_tasks_of_all_its_revisions(aws: RunningAws) -> None:
    cluster, family, other = aws.create_cluster(), aws.register(), aws.register()
    ours = aws.run_task(cluster, family)
    aws.run_task(cluster, other)
    aws.client("ecs").deregister_task_definition(taskDefinition=f"{family}:1")

    assert aws.client("ecs").list_tasks(cluster=cluster, family=family)["taskArns"] == [ours["taskArn"]]


def test_a_list_comes_in_pages(aws: RunningAws) -> None:
    cluster, family, ecs = aws.create_cluster(), aws.register(), aws.client("ecs")
    started = {aws.run_task(cluster, family)["taskArn"] for _ in range(5)}

    pages = [
        page["taskArns"]
        for page in ecs.get_paginator("list_tasks").paginate(
            cluster=cluster, PaginationConfig={"PageSize": 2}
        )
    ]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert {arn for page in pages for arn in page} == started


def test_an_unknown_task_is_reported_as_missing(aws: RunningAws) -> None:
    cluster = aws.create_cluster()
    task = aws.run_task(cluster, aws.register())

    answer = aws.client("ecs").describe_tasks(cluster=cluster, tasks=[task["taskArn"], "none"])

    assert [found["taskArn"] for found in answer["tasks"]] == [task["taskArn"]]
    assert answer["failures"] == [{"arn": "none", "reason": "MISSING"}]


def test_more_than_a_hundred_tasks_cannot_be_described_at_once(aws: RunningAws) -> None:
    with pytest.raises(ClientError, match="more than 100"):
        aws.client("ecs").describe_tasks(
            cluster=aws.create_cluster(), tasks=[unique("task") for _ in range(101)]
        )
