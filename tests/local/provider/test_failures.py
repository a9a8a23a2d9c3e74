import json
from collections.abc import Callable

import pytest
from pulumi.runtime.proto import provider_pb2, status_pb2

from local.provider.errors import hide
from local.provider.servicer import Provider
from local.provider.values import Properties, receive, send
from tests.local.provider.conftest import AbortedError, Engine
from tests.local.provider.samples import ROLE_ARN

BUCKET, GATEWAY, TOPIC, SUBSCRIPTION, VERSION = (
    "aws:s3/bucket:Bucket",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:sns/topic:Topic",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:secretsmanager/secretVersion:SecretVersion",
)


def create_with_secrets(engine: Engine, token: str, inputs: Properties, *secrets: str) -> Properties:
    request = provider_pb2.CreateRequest(type=token, name="it", properties=send(inputs, frozenset(secrets)))
    received = receive(engine.provider.Create(request, engine.context).properties)
    return {name: name in received.secret_names for name in received.properties}


def test_an_error_names_the_resource_and_quotes_the_error_of_aws(engine: Engine) -> None:
    inputs = {"topic": "arn:aws:sns:us-east-1:123456789012:none", "protocol": "sqs", "endpoint": "arn:queue"}

    with pytest.raises(AbortedError) as failure:
        engine.create(SUBSCRIPTION, inputs)

    assert str(failure.value).startswith(
        f'{SUBSCRIPTION} "it": Subscribe failed with NotFound: Topic does not exist'
    )


def test_an_error_with_a_known_remedy_names_it(engine: Engine) -> None:
    bucket, _, state = engine.create_sample(BUCKET)
    put_object(engine, bucket)

    with pytest.raises(AbortedError, match=r"failed with BucketNotEmpty: .* set forceDestroy on it"):
        engine.delete(BUCKET, bucket, {**state, "forceDestroy": False})


def test_a_bucket_that_may_be_emptied_is_emptied_and_deleted(engine: Engine) -> None:
    bucket, inputs, state = engine.create_sample(BUCKET)
    put_object(engine, bucket)

    engine.delete(BUCKET, bucket, state)

    assert engine.read(BUCKET, bucket, state, inputs)[0] == ""


def put_object(engine: Engine, bucket: str) -> None:
    s3 = engine.provider._region({}).client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="report", Body=b"1")
    s3.put_object(Bucket=bucket, Key="report", Body=b"2")
    s3.delete_object(Bucket=bucket, Key="report")


def test_a_property_that_no_operation_carries_is_refused_before_anything_is_made(engine: Engine) -> None:
    with pytest.raises(AbortedError, match=r"does not support policy, website of aws:s3/bucket:Bucket"):
        engine.create(BUCKET, {"bucket": "b", "website": {"indexDocument": "i"}, "policy": "{}"})

    assert engine.read(BUCKET, "b", {}, {})[0] == ""


def test_a_nested_property_without_a_place_in_the_api_is_refused(engine: Engine) -> None:
    schedule = {
        "name": "s",
        "scheduleExpression": "rate(1 hour)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {
            "arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c",
            "roleArn": ROLE_ARN,
            "ecsParameters": {"taskDefinitionArn": "arn", "networkConfiguration": {"subnets": ["subnet-1"]}},
        },
    }

    with pytest.raises(AbortedError, match="no member for subnets in NetworkConfiguration"):
        engine.create("aws:scheduler/schedule:Schedule", schedule)


def test_a_resource_that_could_not_be_finished_keeps_its_id_and_is_finished_later(engine: Engine) -> None:
    _, _, vpc = engine.create_sample("aws:ec2/vpc:Vpc")

    with pytest.raises(AbortedError, match="vpc-12345678 does not exist") as failure:
        engine.create(GATEWAY, {"vpcId": "vpc-12345678"})

    half = half_made(failure.value)
    assert half.id.startswith("igw-")
    assert "vpc-12345678 does not exist" in half.reasons[0]
    inputs = {"vpcId": vpc["id"]}
    state = engine.update(GATEWAY, half.id, receive(half.properties).properties, inputs, inputs)
    assert state["vpcId"] == vpc["id"]


def half_made(failure: AbortedError) -> provider_pb2.ErrorResourceInitFailed:
    ((key, value),) = failure.metadata
    assert key == "grpc-status-details-bin"
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(value).details[0].Unpack(detail)
    return detail


def test_secrets_stay_secret_in_outputs(engine: Engine) -> None:
    _, _, secret = engine.create_sample("aws:secretsmanager/secret:Secret")

    outputs = create_with_secrets(
        engine, VERSION, {"secretId": secret["arn"], "secretString": "hunter2"}, "secretString"
    )

    assert outputs["secretString"]
    assert not outputs["versionId"]


def test_tags_made_of_a_secret_are_secret_in_all_tags(engine: Engine) -> None:
    outputs = create_with_secrets(engine, TOPIC, {"name": "t", "tags": {"owner": "hunter2"}}, "tags")

    assert outputs["tags"]
    assert outputs["tagsAll"]


def test_a_secret_that_aws_quotes_does_not_appear_in_the_error(engine: Engine) -> None:
    inputs = {"name": "hunter2 is no name", "definition": "{}", "roleArn": ROLE_ARN}

    with pytest.raises(AbortedError, match=r"Invalid Name: '\[secret\]'"):
        create_with_secrets(engine, "aws:sfn/stateMachine:StateMachine", inputs, "name")


@pytest.mark.parametrize("secret", ["hunter2", 'with "quotes"', "two\nlines", "it's", "back\\slash"])
@pytest.mark.parametrize("quote", [str, repr, json.dumps])
def test_a_secret_is_hidden_however_it_is_quoted(secret: str, quote: Callable[[str], str]) -> None:
    message = hide(f"Value {quote(secret)} is too long", [secret, "two"])

    assert "[secret]" in message
    assert quote(secret) not in message


def test_an_endpoint_that_does_not_answer_is_reported_with_the_remedy() -> None:
    engine = Engine(Provider(), "http://127.0.0.1:1")
    engine.configure()

    with pytest.raises(AbortedError, match=r'"it": the local AWS does not answer: .* `make run` starts it'):
        engine.create(TOPIC, {"name": "t"})
