import json

import pytest

from tests.components.deployment import deploy, deployed


def test_workers_may_run_on_demand_and_on_spare_capacity() -> None:
    providers = deployed("prod").the("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    assert providers.inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert providers.inputs["clusterName"] == "ccapi-cluster-prod"


@pytest.mark.parametrize(("wanted", "value"), [(True, "enabled"), (False, "disabled")])
def test_cpu_and_memory_are_measured_where_the_settings_say_so(wanted: bool, value: str) -> None:
    cluster = deploy("dev", observability={"containerInsights": wanted}).the("aws:ecs/cluster:Cluster")
    assert cluster.inputs["settings"] == [{"name": "containerInsights", "value": value}]


def test_an_image_that_was_pushed_cannot_be_replaced_and_is_scanned() -> None:
    repository = deployed("prod").the("aws:ecr/repository:Repository")
    assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
    assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}


def test_only_the_newest_images_are_kept() -> None:
    policy = deployed("prod").the("aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs["policy"]
    (rule,) = json.loads(policy)["rules"]
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}
    assert rule["action"] == {"type": "expire"}
