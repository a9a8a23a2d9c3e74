"""The supported data sources of pulumi-aws."""

from collections.abc import Callable, Mapping

from local.provider.aws import Aws
from local.provider.errors import ProviderError
from local.provider.values import Properties


def _caller_identity(aws: Aws, _: Properties) -> Properties:
    identity = aws.client("sts").get_caller_identity()
    account = identity["Account"]
    return {"id": account, "accountId": account, "arn": identity["Arn"], "userId": identity["UserId"]}


def _region(aws: Aws, _: Properties) -> Properties:
    return {"id": aws.region, "region": aws.region, "name": aws.region, "description": aws.region}


def _partition(aws: Aws, _: Properties) -> Properties:
    suffix = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    reverse = ".".join(reversed(suffix.split(".")))
    return {
        "id": aws.partition,
        "partition": aws.partition,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": reverse,
    }


def _availability_zones(aws: Aws, arguments: Properties) -> Properties:
    state = arguments.get("state", "available")
    zones = aws.client("ec2").describe_availability_zones()["AvailabilityZones"]
    found = [zone for zone in zones if zone["State"] == state]
    return {
        "id": aws.region,
        "region": aws.region,
        "names": [zone["ZoneName"] for zone in found],
        "zoneIds": [zone["ZoneId"] for zone in found],
        "groupNames": sorted({zone["GroupName"] for zone in found if "GroupName" in zone}),
    }


FUNCTIONS: Mapping[str, Callable[[Aws, Properties], Properties]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
}


def invoke(token: str, arguments: Properties, aws: Aws) -> Properties:
    """Return the result of a data source."""
    if token not in FUNCTIONS:
        raise ProviderError(
            f"the stand-in provider does not support this data source. It supports {', '.join(FUNCTIONS)}; "
            f"add it to local/provider/functions.py."
        )
    return {**arguments, **FUNCTIONS[token](aws, arguments)}
