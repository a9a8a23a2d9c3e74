"""EC2's security groups, with inline rules or with rules as separate resources."""

from collections.abc import Iterator
from typing import Any

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, Made, ResourceType
from local.provider.types.ec2 import TAGGING
from local.provider.values import Properties

_DIRECTIONS = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}


def _permission(rule: Properties, group: str) -> Properties:
    """Return EC2's IpPermission for a rule of the SDK."""
    said = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*rule.get("securityGroups", []), *([group] if rule.get("self") else [])]
    parts: dict[str, list[Properties]] = {
        "IpRanges": [{"CidrIp": cidr} | said for cidr in rule.get("cidrBlocks", [])],
        "Ipv6Ranges": [{"CidrIpv6": cidr} | said for cidr in rule.get("ipv6CidrBlocks", [])],
        "PrefixListIds": [{"PrefixListId": prefix} | said for prefix in rule.get("prefixListIds", [])],
        "UserIdGroupPairs": [{"GroupId": other} | said for other in groups],
    }
    ports = {} if rule["protocol"] == "-1" else {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    return {"IpProtocol": rule["protocol"], **ports, **{name: part for name, part in parts.items() if part}}


def _rule(permission: Properties, group: str) -> Properties:
    """Return the SDK's rule for EC2's IpPermission."""
    others = [pair["GroupId"] for pair in permission.get("UserIdGroupPairs", [])]
    rule: dict[str, Any] = {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
        "cidrBlocks": [part["CidrIp"] for part in permission.get("IpRanges", [])],
        "ipv6CidrBlocks": [part["CidrIpv6"] for part in permission.get("Ipv6Ranges", [])],
        "prefixListIds": [part["PrefixListId"] for part in permission.get("PrefixListIds", [])],
        "securityGroups": [other for other in others if other != group],
        "self": group in others,
        "description": next(_descriptions(permission), ""),
    }
    return {name: value for name, value in rule.items() if value not in ([], "", False)}


def _descriptions(permission: Properties) -> Iterator[str]:
    for member in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"):
        for part in permission.get(member, []):
            if part.get("Description"):
                yield part["Description"]


def _describe(aws: Aws, properties: Properties) -> Properties:
    (found,) = aws.client("ec2").describe_security_groups(GroupIds=[properties["id"]])["SecurityGroups"]
    return dict(found)


def _set_rules(direction: str) -> Action:
    """Return the action that updates the rules of one direction to the program's inputs."""

    def run(aws: Aws, properties: Properties) -> None:
        ec2, group = aws.client("ec2"), properties["id"]
        revoke = getattr(ec2, f"revoke_security_group_{direction}")
        authorize = getattr(ec2, f"authorize_security_group_{direction}")
        if before := _describe(aws, properties)[_DIRECTIONS[direction]]:
            revoke(GroupId=group, IpPermissions=before)
        if after := [_permission(rule, group) for rule in properties.get(direction, [])]:
            authorize(GroupId=group, IpPermissions=after)

    return Action(run, (direction,))


def _create_group(aws: Aws, properties: Properties) -> Properties:
    """Create a group and revoke its default rule for all outgoing traffic, as the released provider does."""
    place = {"VpcId": properties["vpcId"]} if "vpcId" in properties else {}
    answer = aws.client("ec2").create_security_group(
        GroupName=properties["name"], Description=properties["description"], **place
    )
    _set_rules("egress").run(aws, {"id": answer["GroupId"]})
    return {"id": answer["GroupId"]}


def _adopt_default_group(aws: Aws, properties: Properties) -> Properties:
    """Adopt the VPC's default group and remove its rules."""
    filters = [
        {"Name": "vpc-id", "Values": [properties["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    (found,) = aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    for direction in _DIRECTIONS:
        _set_rules(direction).run(aws, {"id": found["GroupId"]})
    return {"id": found["GroupId"]}


def _read_rules(aws: Aws, properties: Properties) -> Properties:
    group = _describe(aws, properties)
    return {
        direction: [_rule(permission, properties["id"]) for permission in group[member]]
        for direction, member in _DIRECTIONS.items()
        if group[member]
    }


_READ = (
    Call(
        "describe_security_groups", select="SecurityGroups[0]", properties=(), arguments={"GroupIds": ["$id"]}
    ),
    Action(_read_rules),
)
_ARN = {"arn": "arn:$partition:ec2:$region:$account:security-group/$id"}

_SECURITY_GROUP = ResourceType(
    "aws:ec2/securityGroup:SecurityGroup",
    "ec2",
    id="$id",
    names={"GroupId": "id", "GroupName": "name"},
    autoname=255,
    replace_on=("description", "vpcId"),
    computed=_ARN,
    create=Action(_create_group, ("description", "name", "vpcId")),
    read=_READ,
    update=(_set_rules("ingress"), _set_rules("egress")),
    delete=(Call("delete_security_group", properties=("id",)),),
    tagging=TAGGING,
)

_DEFAULT_SECURITY_GROUP = ResourceType(
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "ec2",
    id="$id",
    names={"GroupId": "id", "GroupName": "name"},
    replace_on=("vpcId",),
    computed=_ARN,
    create=Action(_adopt_default_group, ("vpcId",)),
    read=_READ,
    update=(_set_rules("ingress"), _set_rules("egress")),
    tagging=TAGGING,
)


def _rule_as_permission(properties: Properties) -> list[Properties]:
    """Return EC2's IpPermission for a rule that is a separate resource."""
    plural = {
        "cidrIpv4": "cidrBlocks",
        "cidrIpv6": "ipv6CidrBlocks",
        "prefixListId": "prefixListIds",
        "referencedSecurityGroupId": "securityGroups",
    }
    rule: Properties = {
        name: [properties[singular]] for singular, name in plural.items() if singular in properties
    }
    scalars: Properties = {
        name: properties[name] for name in ("fromPort", "toPort", "description") if name in properties
    }
    return [
        _permission({**rule, **scalars, "protocol": properties["ipProtocol"]}, properties["securityGroupId"])
    ]


_RULE = (
    "cidrIpv4", "cidrIpv6", "description", "fromPort", "ipProtocol", "prefixListId", "referencedSecurityGroupId",
    "securityGroupId", "toPort",
)  # fmt: skip


def _modify_rule(aws: Aws, properties: Properties) -> None:
    members = {name: name[0].upper() + name[1:] for name in _RULE if name != "securityGroupId"}
    members["referencedSecurityGroupId"] = "ReferencedGroupId"
    rule = {member: properties[name] for name, member in members.items() if name in properties}
    aws.client("ec2").modify_security_group_rules(
        GroupId=properties["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": properties["id"], "SecurityGroupRule": rule}],
    )


def _rule_type(direction: str) -> ResourceType:
    name = f"SecurityGroup{direction.capitalize()}Rule"
    return ResourceType(
        f"aws:vpc/s{name[1:]}:{name}",
        "ec2",
        id="$securityGroupRuleId",
        names={"GroupId": "securityGroupId", "SecurityGroupRuleArn": "arn"},
        replace_on=("securityGroupId",),
        computed={"arn": "arn:$partition:ec2:$region:$account:security-group-rule/$id"},
        create=Call(
            f"authorize_security_group_{direction}",
            select="SecurityGroupRules[0].{SecurityGroupRuleId: SecurityGroupRuleId}",
            properties=("securityGroupId",),
            arguments={"IpPermissions": Made(_RULE, _rule_as_permission)},
        ),
        read=(
            Call(
                "describe_security_group_rules",
                select="SecurityGroupRules[].merge(@, {referencedSecurityGroupId: ReferencedGroupInfo.GroupId}) | [0]",
                properties=(),
                arguments={"SecurityGroupRuleIds": ["$id"]},
            ),
        ),
        update=(Action(_modify_rule, _RULE),),
        delete=(
            Call(
                f"revoke_security_group_{direction}",
                properties=("securityGroupId",),
                arguments={"SecurityGroupRuleIds": ["$id"]},
            ),
        ),
        tagging=TAGGING,
    )


TYPES = (_DEFAULT_SECURITY_GROUP, _SECURITY_GROUP, _rule_type("egress"), _rule_type("ingress"))
