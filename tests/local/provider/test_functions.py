import pytest
from pulumi.runtime.proto import provider_pb2

from local.provider.values import Properties, receive, send
from tests.local.provider.conftest import AbortedError, Engine


def invoke(engine: Engine, token: str, arguments: Properties | None = None) -> Properties:
    request = provider_pb2.InvokeRequest(tok=token, args=send(arguments or {}))
    return receive(getattr(engine.provider.Invoke(request, engine.context), "return")).properties


def test_the_caller_is_the_local_account(engine: Engine) -> None:
    identity = invoke(engine, "aws:index/getCallerIdentity:getCallerIdentity")

    assert identity["accountId"] == "123456789012"
    assert identity["arn"].startswith("arn:aws:sts::123456789012:")


def test_the_region_is_the_providers_or_the_requested_one(engine: Engine) -> None:
    assert invoke(engine, "aws:index/getRegion:getRegion")["region"] == "us-east-1"
    assert invoke(engine, "aws:index/getRegion:getRegion", {"region": "eu-west-1"})["region"] == "eu-west-1"


def test_the_partition_follows_the_region(engine: Engine) -> None:
    assert invoke(engine, "aws:index/getPartition:getPartition")["partition"] == "aws"


def test_availability_zones_are_those_of_the_region(engine: Engine) -> None:
    zones = invoke(engine, "aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"})

    assert "us-east-1a" in zones["names"]
    assert len(zones["zoneIds"]) == len(zones["names"])


def test_another_data_source_is_refused_with_the_supported_ones(engine: Engine) -> None:
    with pytest.raises(AbortedError, match=r"does not support this data source.*getCallerIdentity"):
        invoke(engine, "aws:ec2/getAmi:getAmi")
