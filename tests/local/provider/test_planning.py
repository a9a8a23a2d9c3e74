from typing import Any

from local.provider.values import UNKNOWN, Properties
from tests.local.provider.conftest import Engine

TOPIC, QUEUE, TASK_DEFINITION, SUBNET = (
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:ec2/subnet:Subnet",
)


def diff(engine: Engine, token: str, old: Properties, new: Properties, **more: Any) -> Any:
    return engine.diff(token, {"region": "us-east-1", **old}, old, new, **more)


def test_a_change_that_aws_can_make_in_place_is_an_update(engine: Engine) -> None:
    plan = diff(engine, TOPIC, {"name": "a", "displayName": "A"}, {"name": "a", "displayName": "B"})

    assert list(plan.diffs) == ["displayName"]
    assert not plan.replaces
    assert plan.detailedDiff["displayName"].kind == plan.detailedDiff["displayName"].UPDATE


def test_a_new_name_means_a_new_resource_before_the_old_one_goes(engine: Engine) -> None:
    plan = diff(engine, TOPIC, {"name": "a"}, {"name": "b"})

    assert list(plan.replaces) == ["name"]
    assert plan.detailedDiff["name"].kind == plan.detailedDiff["name"].UPDATE_REPLACE
    assert not plan.deleteBeforeReplace


def test_a_replacement_that_keeps_an_explicit_name_must_wait_for_it(engine: Engine) -> None:
    plan = diff(engine, QUEUE, {"name": "a.fifo"}, {"name": "a.fifo", "fifoQueue": True})

    assert list(plan.replaces) == ["fifoQueue"]
    assert plan.deleteBeforeReplace


def test_a_replacement_with_an_automatic_name_need_not_wait(engine: Engine) -> None:
    named = {"name": "a-1234567", "__defaults": ["name"]}

    plan = diff(engine, QUEUE, named, {**named, "fifoQueue": True})

    assert plan.replaces
    assert not plan.deleteBeforeReplace


def test_a_revision_of_a_task_definition_is_registered_before_the_old_one_goes(engine: Engine) -> None:
    old = {"family": "worker", "containerDefinitions": "[]", "cpu": "256"}

    plan = diff(engine, TASK_DEFINITION, old, {**old, "cpu": "512"})

    assert list(plan.replaces) == ["cpu"]
    assert not plan.deleteBeforeReplace


def test_only_one_association_a_subnet_so_the_old_one_goes_first(engine: Engine) -> None:
    old = {"subnetId": "subnet-1", "routeTableId": "rtb-1"}

    plan = diff(
        engine, "aws:ec2/routeTableAssociation:RouteTableAssociation", old, {**old, "routeTableId": "rtb-2"}
    )

    assert plan.replaces
    assert plan.deleteBeforeReplace


def test_an_unknown_new_value_counts_as_a_change(engine: Engine) -> None:
    plan = diff(engine, SUBNET, {"vpcId": "vpc-1"}, {"vpcId": UNKNOWN})

    assert list(plan.replaces) == ["vpcId"]


def test_a_json_document_written_otherwise_is_no_change(engine: Engine) -> None:
    old, new = '{"a": 1, "b": [2]}', '{"b":[2],"a":1}'

    assert not diff(engine, TOPIC, {"policy": old}, {"policy": new}).diffs


def test_ignored_changes_are_no_changes(engine: Engine) -> None:
    plan = diff(engine, TOPIC, {"displayName": "A"}, {"displayName": "B"}, ignore=["displayName"])

    assert not plan.diffs


def test_a_removed_property_with_a_default_of_aws_causes_no_diff(engine: Engine) -> None:
    assert not diff(engine, TOPIC, {"name": "a", "policy": "{}"}, {"name": "a"}).diffs


def test_a_removed_property_without_a_default_of_aws_causes_a_diff(engine: Engine) -> None:
    assert list(diff(engine, TOPIC, {"name": "a", "displayName": "A"}, {"name": "a"}).diffs) == [
        "displayName"
    ]


def test_new_default_tags_are_an_update_of_all_tags(engine: Engine) -> None:
    engine.configure(defaultTags={"tags": {"project": "ccapi"}})

    plan = diff(engine, TOPIC, {"name": "a"}, {"name": "a"})

    assert list(plan.diffs) == ["tagsAll"]
    assert not plan.replaces


def test_another_region_of_the_provider_means_new_resources(engine: Engine) -> None:
    engine.configure(region="eu-west-1")

    assert list(diff(engine, TOPIC, {"name": "a"}, {"name": "a"}).replaces) == ["region"]
