from ipaddress import IPv4Network

import pytest

from tests.components.deployment import deploy, deployed
from tests.stacks import ENVIRONMENTS

INGRESS = {
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_is_let_in(environment: str) -> None:
    deployment = deployed(environment)
    group = deployment.the("aws:ec2/securityGroup:SecurityGroup")
    assert "ingress" not in group.inputs
    assert not INGRESS & {item.type for item in deployment.resources.values()}


def test_only_https_is_let_out() -> None:
    rule = deployed("prod").the("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    assert (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("tcp", 443, 443)


def test_no_gateway_is_paid_for() -> None:
    assert not deployed("prod").of_type("aws:ec2/natGateway:NatGateway")


def test_each_zone_has_a_subnet_of_its_own_range() -> None:
    network = {"cidrBlock": "10.30.0.0/16", "availabilityZones": ["a", "c", "d"]}
    subnets = deploy("dev", network=network).of_type("aws:ec2/subnet:Subnet")
    assert [item.inputs["availabilityZone"] for item in subnets] == ["us-east-1a", "us-east-1c", "us-east-1d"]
    ranges = [IPv4Network(item.inputs["cidrBlock"]) for item in subnets]
    assert len(set(ranges)) == 3
    assert all(one.subnet_of(IPv4Network("10.30.0.0/16")) and one.prefixlen == 24 for one in ranges)


def test_every_subnet_has_a_way_to_the_internet_and_to_s3() -> None:
    deployment = deployed("dev")
    table = "ccapi-network-public-id"
    routed = deployment.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    assert [item.inputs["routeTableId"] for item in routed] == [table, table]
    route = deployment.the("aws:ec2/route:Route")
    assert route.inputs == {
        "routeTableId": table,
        "destinationCidrBlock": "0.0.0.0/0",
        "gatewayId": "ccapi-network-gateway-id",
    }
    endpoint = deployment.the("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert endpoint.inputs["vpcEndpointType"] == "Gateway"
    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert endpoint.inputs["routeTableIds"] == [table]
