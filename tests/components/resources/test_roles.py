"""The permissions boundary of every role, and the permissions for a shell in a worker."""

import json
from typing import Any

import pytest

from tests.components.deployment import Deployment, deploy
from tests.stacks import ENVIRONMENTS, settings_of, values_of

ROLE = "aws:iam/role:Role"


def roles(deployment: Deployment) -> dict[str, str | None]:
    return {
        one.name: one.inputs.get("permissionsBoundary")
        for one in deployment.resources.values()
        if one.type == ROLE
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_role_has_the_boundary_and_none_has_one_by_itself(environment: str) -> None:
    boundary = f"arn:aws:iam::{settings_of(environment).account}:policy/boundary"
    bounded = roles(deploy(environment, roles={"permissionsBoundary": boundary}))
    assert len(bounded) >= 8
    assert "ccapi-reporter" in bounded
    assert set(bounded.values()) == {boundary}
    assert set(roles(deploy(environment)).values()) == {None}


def with_shells(environment: str = "dev", **others: Any) -> Deployment:
    worker = {**values_of(environment)["worker"], "executeCommand": True}
    return deploy(environment, worker=worker, **others)


def worker_actions(deployment: Deployment) -> set[str]:
    policy = json.loads(deployment.the("aws:iam/rolePolicy:RolePolicy", "ccapi-worker").inputs["policy"])
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def test_a_shell_is_encrypted_logged_and_allowed() -> None:
    deployment = with_shells()
    assert {
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "kms:Decrypt",
        "logs:PutLogEvents",
    } <= worker_actions(deployment)
    configuration = deployment.the("aws:ecs/cluster:Cluster").inputs["configuration"]
    shells = configuration["executeCommandConfiguration"]
    assert (shells["logging"], shells["logConfiguration"]["cloudWatchEncryptionEnabled"]) == (
        "OVERRIDE",
        True,
    )
    log = deployment.the("aws:cloudwatch/logGroup:LogGroup", "ccapi-cluster-shell").inputs
    assert log["name"] == shells["logConfiguration"]["cloudWatchLogGroupName"] == "/aws/ecs/ccapi-dev/shell"
    assert shells["kmsKeyId"] == log["kmsKeyId"]


@pytest.mark.parametrize("allowed", [True, False])
def test_only_for_a_shell_can_the_root_file_system_be_written(allowed: bool) -> None:
    deployment = with_shells() if allowed else deploy("dev")
    task = deployment.the("aws:ecs/taskDefinition:TaskDefinition").inputs
    (container,) = json.loads(task["containerDefinitions"])
    assert container["readonlyRootFilesystem"] is not allowed
    assert container["linuxParameters"]["initProcessEnabled"] is True
    assert any(action.startswith("ssmmessages:") for action in worker_actions(deployment)) is allowed
    assert ("configuration" in deployment.the("aws:ecs/cluster:Cluster").inputs) is allowed


def test_in_private_subnets_a_shell_has_endpoints() -> None:
    deployment = with_shells(network={"egress": "endpoints"})
    services = {
        one.inputs["serviceName"].rpartition(".")[2]
        for one in deployment.resources.values()
        if one.type == "aws:ec2/vpcEndpoint:VpcEndpoint"
    }
    assert {"kms", "ssmmessages"} <= services


def test_an_adopted_cluster_logs_shells_as_its_owner_says() -> None:
    deployment = with_shells(cluster={"adopt": {"name": "somebodys"}})
    assert "ssmmessages:OpenDataChannel" in worker_actions(deployment)
    assert not {"logs:PutLogEvents", "logs:DescribeLogGroups"} & worker_actions(deployment)
