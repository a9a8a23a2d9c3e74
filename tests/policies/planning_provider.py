"""A provider that plans every type of pulumi_aws: the stand-in, which creates some fifty types, without an AWS.

It answers the data sources that programs ask before they say anything else, and never creates a thing.
"""

import json
from typing import Any

from local.provider import functions, table
from local.provider.__main__ import main
from local.provider.aws import Aws
from local.provider.resource_type import Call, ResourceType
from local.provider.schema import resource_schema
from local.provider.values import Properties

LONGEST_NAME = 64
ACCOUNT = "111122223333"
ZONES = "abc"


class EveryType(dict[str, ResourceType]):
    """The stand-in's table of types, with an entry that only supports planning for every other type of pulumi_aws."""

    def __contains__(self, token: object) -> bool:
        return isinstance(token, str) and resource_schema(token) is not None

    def __missing__(self, token: str) -> ResourceType:
        schema = resource_schema(token)
        named = schema is not None and "name" in schema.inputs.properties
        longest = LONGEST_NAME if named else None
        return ResourceType(token, "none", id="$id", create=Call("none"), read=(), autoname=longest)


def _policy_document(_: Aws, arguments: Properties) -> Properties:
    statements = [_statement(statement) for statement in arguments["statements"]]
    return {"id": "1", "json": json.dumps({"Version": "2012-10-17", "Statement": statements})}


def _statement(given: Properties) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": given.get("effect", "Allow")}
    for key in ("actions", "notActions", "resources", "notResources"):
        if key in given:
            statement[key.removesuffix("s")[:1].upper() + key.removesuffix("s")[1:]] = given[key]
    for principal in given.get("principals", []):
        statement.setdefault("Principal", {})[principal["type"]] = principal["identifiers"]
    for condition in given.get("conditions", []):
        test = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        test[condition["variable"]] = condition["values"]
    return statement


def _caller(_: Aws, __: Properties) -> Properties:
    return {
        "id": ACCOUNT,
        "accountId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:user/somebody",
        "userId": "U",
    }


def _zones(aws: Aws, _: Properties) -> Properties:
    return {"id": aws.region, "names": [f"{aws.region}{letter}" for letter in ZONES]}


def _vpc(_: Aws, __: Properties) -> Properties:
    return {"id": "vpc-0default"}


def _subnets(aws: Aws, _: Properties) -> Properties:
    return {"id": aws.region, "ids": [f"subnet-{letter}" for letter in ZONES]}


ANSWERS = {
    **functions.FUNCTIONS,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
}

if __name__ == "__main__":
    table.TABLE = EveryType(table.TABLE)
    functions.FUNCTIONS = ANSWERS
    main()
