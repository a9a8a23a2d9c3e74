"""Elastic Compute Cloud: networks, gateways, routes and endpoints (security groups are in their own file)."""

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, Made, ResourceType, Tagging
from local.provider.values import Properties

TAGGING = Tagging(
    Call("create_tags", arguments={"Resources": ["$id"]}),
    Call(
        "delete_tags",
        arguments={
            "Resources": ["$id"],
            "Tags": Made(("tagKeys",), lambda p: [{"Key": key} for key in p["tagKeys"]]),
        },
    ),
    None,
)
"""EC2 tags resources by id, and describes every resource with its tags."""


def _arn(kind: str) -> dict[str, str]:
    return {"arn": f"arn:$partition:ec2:$region:$account:{kind}/$id"}


def _of_vpc(**more: str) -> dict[str, list[dict[str, object]]]:
    """Return a filter for resources of the VPC."""
    wanted = {"vpc-id": "$id", **{name.replace("_", "-"): value for name, value in more.items()}}
    return {"Filters": [{"Name": name, "Values": [value]} for name, value in wanted.items()]}


_VPC = ResourceType(
    "aws:ec2/vpc:Vpc",
    "ec2",
    id="$id",
    names={"VpcId": "id"},
    replace_on=("cidrBlock", "instanceTenancy"),
    defaults={"instanceTenancy": "default"},
    cleared={"enableDnsSupport": True},
    computed=_arn("vpc"),
    create=Call("create_vpc", select="Vpc", properties=("cidrBlock", "instanceTenancy")),
    read=(
        Call("describe_vpcs", select="Vpcs[0]", arguments={"VpcIds": ["$id"]}),
        Call(
            "describe_vpc_attribute",
            select="{enableDnsSupport: EnableDnsSupport.Value}",
            arguments={"Attribute": "enableDnsSupport"},
        ),
        Call(
            "describe_vpc_attribute",
            select="{enableDnsHostnames: EnableDnsHostnames.Value}",
            arguments={"Attribute": "enableDnsHostnames"},
        ),
        Call(
            "describe_security_groups",
            select="{defaultSecurityGroupId: SecurityGroups[0].GroupId}",
            arguments=_of_vpc(group_name="default"),
        ),
        Call(
            "describe_route_tables",
            select="RouteTables[0].{mainRouteTableId: RouteTableId, defaultRouteTableId: RouteTableId}",
            arguments=_of_vpc(**{"association.main": "true"}),
        ),
        Call(
            "describe_network_acls",
            select="{defaultNetworkAclId: NetworkAcls[0].NetworkAclId}",
            arguments=_of_vpc(default="true"),
        ),
    ),
    update=(
        Call("modify_vpc_attribute", properties=("id", "enableDnsSupport")),
        Call("modify_vpc_attribute", properties=("id", "enableDnsHostnames")),
    ),
    delete=(Call("delete_vpc"),),
    tagging=TAGGING,
)

_SUBNET = ResourceType(
    "aws:ec2/subnet:Subnet",
    "ec2",
    id="$id",
    names={"SubnetId": "id", "SubnetArn": "arn"},
    replace_on=("availabilityZone", "availabilityZoneId", "cidrBlock", "vpcId"),
    cleared={"mapPublicIpOnLaunch": False},
    computed=_arn("subnet"),
    create=Call(
        "create_subnet",
        select="Subnet",
        properties=("availabilityZone", "availabilityZoneId", "cidrBlock", "vpcId"),
    ),
    read=(Call("describe_subnets", select="Subnets[0]", arguments={"SubnetIds": ["$id"]}),),
    update=(Call("modify_subnet_attribute", properties=("id", "mapPublicIpOnLaunch")),),
    delete=(Call("delete_subnet"),),
    tagging=TAGGING,
)


def _attach_gateway(aws: Aws, properties: Properties) -> None:
    """Attach a gateway to its VPC, after detaching it from another one."""
    _detach_gateway(aws, properties)
    aws.client("ec2").attach_internet_gateway(InternetGatewayId=properties["id"], VpcId=properties["vpcId"])


def _detach_gateway(aws: Aws, properties: Properties) -> None:
    ec2, gateway = aws.client("ec2"), properties["id"]
    for found in ec2.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"]:
        for attachment in found["Attachments"]:
            ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=attachment["VpcId"])


_INTERNET_GATEWAY = ResourceType(
    "aws:ec2/internetGateway:InternetGateway",
    "ec2",
    id="$id",
    names={"InternetGatewayId": "id"},
    computed=_arn("internet-gateway"),
    create=Call("create_internet_gateway", select="InternetGateway", properties=()),
    read=(
        Call(
            "describe_internet_gateways",
            select="InternetGateways[0].{OwnerId: OwnerId, Tags: Tags, vpcId: Attachments[0].VpcId}",
            arguments={"InternetGatewayIds": ["$id"]},
        ),
    ),
    update=(Action(_attach_gateway, ("vpcId",)),),
    delete=(Action(_detach_gateway), Call("delete_internet_gateway")),
    tagging=TAGGING,
)

_ROUTE_TABLE = ResourceType(
    "aws:ec2/routeTable:RouteTable",
    "ec2",
    id="$id",
    names={"RouteTableId": "id"},
    computed=_arn("route-table"),
    create=Call("create_route_table", select="RouteTable", properties=("vpcId",)),
    read=(
        Call(
            "describe_route_tables",
            select="RouteTables[0].{VpcId: VpcId, OwnerId: OwnerId, Tags: Tags}",
            arguments={"RouteTableIds": ["$id"]},
        ),
    ),
    delete=(Call("delete_route_table"),),
    tagging=TAGGING,
)

_ROUTE_PROPERTIES = ("routeTableId", "destinationCidrBlock", "gatewayId", "natGatewayId")

_ROUTE = ResourceType(
    "aws:ec2/route:Route",
    "ec2",
    id="$routeTableId/$destinationCidrBlock",
    create=Call("create_route", properties=_ROUTE_PROPERTIES),
    read=(
        Call(
            "describe_route_tables",
            select="RouteTables[0].Routes[?DestinationCidrBlock=='$destinationCidrBlock'] | [0]",
            properties=(),
            arguments={"RouteTableIds": ["$routeTableId"]},
        ),
    ),
    update=(Call("replace_route", properties=_ROUTE_PROPERTIES),),
    delete=(Call("delete_route", properties=("routeTableId", "destinationCidrBlock")),),
)

_ROUTE_TABLE_ASSOCIATION = ResourceType(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "ec2",
    id="$id",
    names={"AssociationId": "id"},
    exclusive=True,
    create=Call("associate_route_table", properties=("gatewayId", "routeTableId", "subnetId")),
    read=(
        Call(
            "describe_route_tables",
            select="RouteTables[].Associations[?RouteTableAssociationId=='$id'][] | [0]",
            arguments={"Filters": [{"Name": "association.route-table-association-id", "Values": ["$id"]}]},
        ),
    ),
    delete=(Call("disassociate_route_table"),),
)


def _modify_endpoint(aws: Aws, properties: Properties) -> None:
    """Update an endpoint's policy and its attachments to the program's inputs."""
    ec2, endpoint = aws.client("ec2"), properties["id"]
    (now,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    before = {
        "RouteTableIds": now.get("RouteTableIds", []),
        "SubnetIds": now.get("SubnetIds", []),
        "SecurityGroupIds": [group["GroupId"] for group in now.get("Groups", [])],
    }
    changes = {}
    for member, old in before.items():
        wanted = properties.get(member[0].lower() + member[1:], old)
        changes[f"Add{member}"] = sorted(set(wanted) - set(old))
        changes[f"Remove{member}"] = sorted(set(old) - set(wanted))
    scalars = {"PolicyDocument": "policy", "PrivateDnsEnabled": "privateDnsEnabled"}
    changes |= {member: properties[name] for member, name in scalars.items() if name in properties}
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint, **{k: v for k, v in changes.items() if v not in ([], None)}
    )


_ENDPOINT_CHANGEABLE = ("policy", "privateDnsEnabled", "routeTableIds", "securityGroupIds", "subnetIds")

_VPC_ENDPOINT = ResourceType(
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "ec2",
    id="$id",
    names={"VpcEndpointId": "id", "PolicyDocument": "policy"},
    replace_on=("serviceName", "vpcEndpointType", "vpcId"),
    defaults={"vpcEndpointType": "Gateway"},
    computed=_arn("vpc-endpoint"),
    create=Call(
        "create_vpc_endpoint",
        select="VpcEndpoint.{VpcEndpointId: VpcEndpointId}",
        properties=("serviceName", "vpcEndpointType", "vpcId", *_ENDPOINT_CHANGEABLE),
    ),
    read=(
        Call(
            "describe_vpc_endpoints",
            select="VpcEndpoints[?State!='deleted'].merge(@, {securityGroupIds: Groups[].GroupId}) | [0]",
            arguments={"VpcEndpointIds": ["$id"]},
        ),
    ),
    update=(Action(_modify_endpoint, _ENDPOINT_CHANGEABLE),),
    delete=(Call("delete_vpc_endpoints", arguments={"VpcEndpointIds": ["$id"]}),),
    tagging=TAGGING,
)

_EIP = ResourceType(
    "aws:ec2/eip:Eip",
    "ec2",
    id="$allocationId",
    defaults={"domain": "vpc"},
    computed=_arn("elastic-ip"),
    create=Call("allocate_address", properties=("domain", "networkBorderGroup")),
    read=(Call("describe_addresses", select="Addresses[0]", arguments={"AllocationIds": ["$id"]}),),
    delete=(Call("release_address", properties=("allocationId",)),),
    tagging=TAGGING,
)

_NAT_GATEWAY = ResourceType(
    "aws:ec2/natGateway:NatGateway",
    "ec2",
    id="$id",
    names={"NatGatewayId": "id"},
    defaults={"connectivityType": "public"},
    create=Call(
        "create_nat_gateway",
        select="NatGateway.{NatGatewayId: NatGatewayId}",
        properties=("allocationId", "connectivityType", "subnetId"),
    ),
    read=(
        Call(
            "describe_nat_gateways",
            select="NatGateways[?State!='deleted'].merge(@, NatGatewayAddresses[0]) | [0]",
            arguments={"NatGatewayIds": ["$id"]},
        ),
    ),
    delete=(Call("delete_nat_gateway"),),
    tagging=TAGGING,
)

TYPES = (
    _EIP,
    _INTERNET_GATEWAY,
    _NAT_GATEWAY,
    _ROUTE,
    _ROUTE_TABLE,
    _ROUTE_TABLE_ASSOCIATION,
    _SUBNET,
    _VPC,
    _VPC_ENDPOINT,
)
