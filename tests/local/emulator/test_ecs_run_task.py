from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique


@pytest.fixture
def cluster(aws: RunningAws) -> str:
    return aws.create_cluster()


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def environment_of(characters: int) -> dict[str, Any]:
    return {
        "containerOverrides": [{"name": "monitor", "environment": [{"name": "A", "value": "x" * characters}]}]
    }


def test_a_container_needs_no_memory_of_its_own(aws: RunningAws, cluster: str) -> None:
    assert aws.run_task(cluster, aws.register())["memory"] == "512"


def test_security_groups_may_be_left_out_but_subnets_may_not(aws: RunningAws, cluster: str) -> None:
    family = aws.register()

    assert aws.run_task(cluster, family, networkConfiguration=aws.network)
    code, _ = refusal(
        lambda: aws.run_task(cluster, family, networkConfiguration={"awsvpcConfiguration": {"subnets": []}})
    )
    assert code == "InvalidParameterException"


def test_overrides_of_8192_characters_are_taken_and_of_one_more_refused(
    aws: RunningAws, cluster: str
) -> None:
    family = aws.register()
    around = len('{"containerOverrides":[{"name":"monitor","environment":[{"name":"A","value":""}]}]}')

    assert aws.run_task(cluster, family, overrides=environment_of(8192 - around))
    code, message = refusal(lambda: aws.run_task(cluster, family, overrides=environment_of(8193 - around)))
    assert code == "InvalidParameterException"
    assert "at most 8192" in message


def test_an_override_names_a_container_that_exists(aws: RunningAws, cluster: str) -> None:
    code, message = refusal(
        lambda: aws.run_task(cluster, aws.register(), overrides={"containerOverrides": [{"name": "other"}]})
    )

    assert code == "InvalidParameterException"
    assert "other" in message


@pytest.mark.parametrize(("cpu", "memory"), [("256", "4096"), ("300", "512"), ("1024", "1024")])
def test_sizes_that_fargate_does_not_have_are_refused(
    aws: RunningAws, cluster: str, cpu: str, memory: str
) -> None:
    family = aws.register()

    assert refusal(lambda: aws.register(cpu=cpu, memory=memory))[0] == "ClientException"
    code, message = refusal(lambda: aws.run_task(cluster, family, overrides={"cpu": cpu, "memory": memory}))
    assert code == "InvalidParameterException"
    assert message == "No Fargate configuration exists for given values."


def test_a_family_means_its_latest_active_revision(aws: RunningAws, cluster: str) -> None:
    ecs = aws.client("ecs")
    family = aws.register()
    second = ecs.register_task_definition(
        family=family, cpu="256", memory="512", containerDefinitions=[{"name": "monitor", "image": "image"}]
    )["taskDefinition"]
    ecs.deregister_task_definition(taskDefinition=second["taskDefinitionArn"])

    assert aws.run_task(cluster, family)["taskDefinitionArn"].endswith(f"{family}:1")
    assert refusal(lambda: aws.run_task(cluster, f"{family}:2"))[1] == "TaskDefinition is inactive"


def test_capacity_providers_must_belong_to_the_cluster(aws: RunningAws) -> None:
    ecs = aws.client("ecs")
    bare = unique("cluster")
    ecs.create_cluster(clusterName=bare)
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]

    code, message = refusal(
        lambda: ecs.run_task(
            cluster=bare,
            taskDefinition=aws.register(),
            capacityProviderStrategy=spot,
            networkConfiguration=aws.network,
        )
    )

    assert code == "InvalidParameterException"
    assert "FARGATE_SPOT is not associated" in message


def test_a_repeated_client_token_starts_nothing_more_and_another_request_conflicts(
    aws: RunningAws, cluster: str
) -> None:
    family, token = aws.register(), unique("token")

    first = aws.run_task(cluster, family, clientToken=token)
    again = aws.run_task(cluster, family, clientToken=token)

    assert again["taskArn"] == first["taskArn"]
    assert (
        refusal(lambda: aws.run_task(cluster, family, clientToken=token, group="other"))[0]
        == "ConflictException"
    )


def test_a_deleted_cluster_runs_nothing(aws: RunningAws, cluster: str) -> None:
    aws.client("ecs").delete_cluster(cluster=cluster)

    assert refusal(lambda: aws.run_task(cluster, aws.register()))[0] == "ClusterNotFoundException"


def test_tags_of_the_definition_are_propagated_on_request(aws: RunningAws, cluster: str) -> None:
    ecs, family = aws.client("ecs"), unique("family")
    ecs.register_task_definition(
        family=family,
        cpu="256",
        memory="512",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        containerDefinitions=[{"name": "monitor", "image": "image"}],
        tags=[{"key": "project", "value": "ccapi"}],
    )

    task = aws.run_task(cluster, family, propagateTags="TASK_DEFINITION")

    [described] = ecs.describe_tasks(cluster=cluster, tasks=[task["taskArn"]], include=["TAGS"])["tasks"]
    assert described["tags"] == [{"key": "project", "value": "ccapi"}]
