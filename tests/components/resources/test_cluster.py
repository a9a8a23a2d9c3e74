from functools import cache

import pytest

from tests.components.adoption import ADOPTED_CLUSTER, CLUSTER
from tests.components.deployment import Deployment, deploy, deployed
from tests.stacks import names_of

ARN = f"arn:aws:ecs:us-east-1:222222222222:cluster/{CLUSTER}"


@cache
def adopted() -> Deployment:
    return deploy("prod", cluster=ADOPTED_CLUSTER)


def test_workers_may_run_on_demand_and_on_spare_capacity() -> None:
    providers = deployed("prod").the("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    assert providers.inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert providers.inputs["clusterName"] == "ccapi-cluster-prod"


@pytest.mark.parametrize(("wanted", "value"), [(True, "enabled"), (False, "disabled")])
def test_cpu_and_memory_are_measured_if_the_setting_is_true(wanted: bool, value: str) -> None:
    cluster = deploy("dev", observability={"containerInsights": wanted}).the("aws:ecs/cluster:Cluster")
    assert cluster.inputs["settings"] == [{"name": "containerInsights", "value": value}]


def test_an_adopted_cluster_and_its_capacity_providers_are_left_as_they_are() -> None:
    ours = {item.type for item in adopted().resources.values() if item.type.startswith("aws:ecs/")}
    assert ours == {"aws:ecs/taskDefinition:TaskDefinition"}


def test_a_run_starts_its_workers_in_the_adopted_cluster() -> None:
    assert adopted().run_settings["cluster"] == ARN
    assert adopted().outputs["ecs_cluster_arn"] == ARN


def test_the_machine_may_start_workers_in_the_adopted_cluster_and_in_no_other() -> None:
    policies = adopted().of_type("aws:iam/rolePolicy:RolePolicy")
    (policy,) = (
        item.policy() for item in policies if item.inputs["name"] == names_of("prod").role("step-functions")
    )
    (start,) = (item for item in policy["Statement"] if item["Action"] == ["ecs:RunTask"])
    assert start["Condition"] == {"ArnEquals": {"ecs:cluster": ARN}}
    (tag,) = (item for item in policy["Statement"] if item["Action"] == ["ecs:TagResource"])
    assert tag["Resource"] == [f"arn:aws:ecs:us-east-1:222222222222:task/{CLUSTER}/*"]


def test_nothing_names_an_own_cluster_beside_an_adopted_one() -> None:
    assert names_of("prod").cluster not in adopted().text
