from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import RunningAws, unique


@pytest.fixture
def group(aws: RunningAws) -> str:
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    return str(ec2.create_security_group(GroupName=unique("sg"), Description="x", VpcId=vpc)["GroupId"])


def target(group: str, kind: str, description: str) -> dict[str, Any]:
    described = {"Description": description}
    return {
        "group": {"UserIdGroupPairs": [{"GroupId": group, **described}]},
        "block": {"IpRanges": [{"CidrIp": "10.0.0.0/24", **described}]},
        "block 6": {"Ipv6Ranges": [{"CidrIpv6": "::/0", **described}]},
        "prefix list": {"PrefixListIds": [{"PrefixListId": "pl-00a54069", **described}]},
    }[kind]


KINDS = ["group", "block", "block 6", "prefix list"]
HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


@pytest.mark.parametrize("direction", ["ingress", "egress"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_keeps_its_description(aws: RunningAws, group: str, kind: str, direction: str) -> None:
    ec2 = aws.client("ec2")
    authorize = getattr(ec2, f"authorize_security_group_{direction}")

    made = authorize(GroupId=group, IpPermissions=[{**HTTPS, **target(group, kind, "endpoints")}])

    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    [found] = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    assert found["Description"] == "endpoints"


def test_a_referenced_group_keeps_its_description_in_the_group_too(aws: RunningAws, group: str) -> None:
    ec2 = aws.client("ec2")
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**HTTPS, **target(group, "group", "endpoints")}]
    )

    [described] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]

    assert described["IpPermissions"][0]["UserIdGroupPairs"][0]["Description"] == "endpoints"


def test_rules_that_differ_in_their_description_alone_are_the_same(aws: RunningAws, group: str) -> None:
    ec2 = aws.client("ec2")
    one, other = ({**HTTPS, **target(group, "group", text)} for text in ("one", "other"))
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[one])

    with pytest.raises(ClientError, match="Duplicate"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[other])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[other])

    [described] = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert described["IpPermissions"] == []
