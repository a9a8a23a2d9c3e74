from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.model import Shape, StructureShape

from local.provider.errors import ProviderError
from local.provider.schema import Many, Object, Scalar, Table, resource_schema
from local.provider.shapes import fill, incoming, incoming_properties, outgoing, property_of


@pytest.fixture(scope="module")
def session() -> Any:
    return boto3.Session("local", "local", region_name="us-east-1")


def parameters(session: Any, service: str, operation: str) -> StructureShape:
    shape = session.client(service).meta.service_model.operation_model(operation).input_shape
    assert isinstance(shape, StructureShape)
    return shape


def member(session: Any, service: str, operation: str, name: str) -> Shape:
    return parameters(session, service, operation).members[name]


@pytest.mark.parametrize(
    ("aws", "ours"),
    [
        ("DisplayName", "displayName"),
        ("KMSMasterKeyID", "kmsMasterKeyId"),
        ("defaultCapacityProviderStrategy", "defaultCapacityProviderStrategies"),
        ("Dimension", "dimensions"),
        ("ResourceArn", "arn"),
        ("TopicArn", "topic"),
        ("Unheard", None),
    ],
)
def test_a_member_stands_for_the_property_of_its_name(aws: str, ours: str | None) -> None:
    known = [
        "displayName",
        "kmsMasterKeyId",
        "defaultCapacityProviderStrategies",
        "dimensions",
        "arn",
        "topic",
    ]

    assert property_of(aws, known, {"TopicArn": "topic"}) == ours


def test_a_table_becomes_a_list_of_pairs_if_the_api_expects_one(session: Any) -> None:
    shape = member(session, "cloudwatch", "PutMetricAlarm", "Dimensions")

    assert outgoing({"Queue": "dlq"}, shape, {}) == [{"Name": "Queue", "Value": "dlq"}]


def test_a_document_given_as_json_text_is_parsed(session: Any) -> None:
    shape = member(session, "ecs", "RegisterTaskDefinition", "containerDefinitions")

    assert outgoing('[{"name": "monitor"}]', shape, {}) == [{"name": "monitor"}]


def test_a_list_of_one_element_becomes_that_element_if_the_api_expects_no_list(session: Any) -> None:
    shape = member(session, "ecr", "CreateRepository", "encryptionConfiguration")

    assert outgoing([{"encryptionType": "KMS"}], shape, {}) == {"encryptionType": "KMS"}


def test_scalars_are_converted_to_the_type_of_the_shape(session: Any) -> None:
    assert outgoing(True, member(session, "ec2", "ModifyVpcAttribute", "EnableDnsSupport"), {}) == {
        "Value": True
    }
    assert outgoing(512, member(session, "ecs", "RegisterTaskDefinition", "cpu"), {}) == "512"
    assert outgoing("7", member(session, "logs", "PutRetentionPolicy", "retentionInDays"), {}) == 7


def test_a_property_that_the_api_does_not_have_is_refused_by_name(session: Any) -> None:
    shape = member(session, "scheduler", "CreateSchedule", "FlexibleTimeWindow")

    with pytest.raises(ProviderError, match="no member for minutes in FlexibleTimeWindow"):
        outgoing({"mode": "OFF", "minutes": 5}, shape, {})


def test_a_structure_that_the_sdk_has_not_takes_the_properties_around_it(session: Any) -> None:
    members = parameters(session, "events", "PutTargets").members
    properties = {"rule": "stopped", "targetId": "watch", "arn": "arn"}

    assert fill(members, properties, {"Id": "targetId"}, ("Targets",)) == {
        "Rule": "stopped",
        "Targets": [{"Id": "watch", "Arn": "arn"}],
    }


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("true", Scalar("boolean"), True),
        ("30", Scalar("integer"), 30),
        (0.5, Scalar("number"), 0.5),
        (30, Scalar("string"), "30"),
        ({"a": 1}, Scalar("string"), '{"a": 1}'),
        (datetime(2026, 1, 1, tzinfo=UTC), Scalar("string"), "2026-01-01T00:00:00+00:00"),
        ([{"Key": "team", "Value": "forest"}], Table(Scalar("string")), {"team": "forest"}),
        ("subnet-1", Many(Scalar("string")), ["subnet-1"]),
    ],
)
def test_responses_are_converted_to_the_types_of_the_pulumi_sdk(value: Any, kind: Any, expected: Any) -> None:
    assert incoming(value, kind, {}) == expected


def test_unknown_and_empty_attributes_of_a_response_are_omitted() -> None:
    answer = {"DisplayName": "Success", "SubscriptionsConfirmed": "1", "Policy": ""}
    schema = resource_schema("aws:sns/topic:Topic")
    assert schema is not None

    assert incoming_properties(answer, schema.outputs, {}) == {"displayName": "Success"}


def test_nested_answers_follow_the_sdk_s_own_classes() -> None:
    schema = resource_schema("aws:scheduler/schedule:Schedule")
    assert schema is not None
    target = schema.outputs["target"]
    assert isinstance(target, Object)

    answer = {"Arn": "arn", "RetryPolicy": {"MaximumRetryAttempts": 3}, "Unheard": 1}

    assert incoming(answer, target, {}) == {"arn": "arn", "retryPolicy": {"maximumRetryAttempts": 3}}
