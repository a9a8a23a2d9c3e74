import re
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Network
from typing import Any

import pytest

from tests.components.adoption import NETWORK, SECURITY_GROUP, SUBNETS, VPC
from tests.components.deployment import Deployment, deploy, deployed
from tests.stacks import ENVIRONMENTS, ROOT

INTERNET = "0.0.0.0/0"
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


def test_each_zone_has_a_subnet_of_its_own_range() -> None:
    network = {"cidrBlock": "10.30.0.0/16", "availabilityZones": ["a", "c", "d"]}
    subnets = deploy("dev", network=network).of_type("aws:ec2/subnet:Subnet")
    assert [item.inputs["availabilityZone"] for item in subnets] == ["us-east-1a", "us-east-1c", "us-east-1d"]
    ranges = [IPv4Network(item.inputs["cidrBlock"]) for item in subnets]
    assert len(set(ranges)) == 3
    assert all(one.subnet_of(IPv4Network("10.30.0.0/16")) and one.prefixlen == 24 for one in ranges)


@cache
def with_egress(egress: str) -> Deployment:
    return deploy("dev", network={"egress": egress})


def ways_out(deployment: Deployment) -> dict[str, str]:
    """Return the kind of gateway by which each subnet reaches the internet."""
    gateways = {
        route["routeTableId"]: next(kind for kind in ("gatewayId", "natGatewayId") if kind in route)
        for item in deployment.of_type("aws:ec2/route:Route")
        if (route := item.inputs)["destinationCidrBlock"] == INTERNET
    }
    joined = deployment.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    return {
        item.inputs["subnetId"]: gateways[item.inputs["routeTableId"]]
        for item in joined
        if item.inputs["routeTableId"] in gateways
    }


@pytest.mark.parametrize(
    ("egress", "gateway"), [("public", "gatewayId"), ("nat", "natGatewayId"), ("endpoints", None)]
)
def test_workers_reach_the_internet_as_the_settings_say(egress: str, gateway: str | None) -> None:
    deployment = with_egress(egress)
    workers = deployment.run_settings["subnets"]
    assert len(workers) == 2
    assert [ways_out(deployment).get(subnet) for subnet in workers] == [gateway, gateway]


@pytest.mark.parametrize("egress", ["public", "nat", "endpoints"])
def test_s3_is_reached_from_every_worker_without_paying_for_it(egress: str) -> None:
    deployment = with_egress(egress)
    (gateway,) = (
        item.inputs
        for item in deployment.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
        if item.inputs["vpcEndpointType"] == "Gateway"
    )
    assert gateway["serviceName"] == "com.amazonaws.us-east-1.s3"
    joined = deployment.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    tables = {item.inputs["subnetId"]: item.inputs["routeTableId"] for item in joined}
    assert {tables[subnet] for subnet in deployment.run_settings["subnets"]} <= set(gateway["routeTableIds"])


@pytest.mark.parametrize(
    ("egress", "assigned"), [("public", "ENABLED"), ("nat", "DISABLED"), ("endpoints", "DISABLED")]
)
def test_only_a_worker_in_a_public_subnet_has_a_public_address(egress: str, assigned: str) -> None:
    assert with_egress(egress).run_settings["assignPublicIp"] == assigned


def test_all_private_workers_share_one_nat_gateway_in_a_public_subnet() -> None:
    deployment = with_egress("nat")
    gateway = deployment.the("aws:ec2/natGateway:NatGateway")
    assert ways_out(deployment)[gateway.inputs["subnetId"]] == "gatewayId"


@pytest.mark.parametrize("type_", ["aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"])
def test_a_nat_gateway_depends_on_the_internet_gateway(type_: str) -> None:
    # CreateNatGateway fails in a VPC without an internet gateway, to which no property of the NAT gateway
    # refers.
    waited_for = with_egress("nat").the(type_).depends_on
    assert [urn for urn in waited_for if urn.endswith("aws:ec2/route:Route::ccapi-network-internet")]


def interfaces(deployment: Deployment) -> Iterator[dict[str, Any]]:
    for item in deployment.of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        if item.inputs["vpcEndpointType"] == "Interface":
            yield item.inputs


@pytest.mark.parametrize("egress", ["public", "nat"])
def test_a_network_with_access_to_the_internet_has_no_interface_endpoints(egress: str) -> None:
    assert not list(interfaces(with_egress(egress)))


@pytest.mark.parametrize("egress", ["public", "endpoints"])
def test_no_gateway_is_paid_for_by_default(egress: str) -> None:
    deployment = with_egress(egress)
    assert not deployment.of_type("aws:ec2/natGateway:NatGateway")
    assert not deployment.of_type("aws:ec2/eip:Eip")


def test_a_shut_in_network_has_no_gateway_to_the_internet() -> None:
    assert not with_egress("endpoints").of_type("aws:ec2/internetGateway:InternetGateway")


# The calls of a Fargate task besides its program. Source: "Amazon ECR interface VPC endpoints".
FARGATE_CALLS = {"ecr.api", "ecr.dkr", "logs"}
# PrivateLink and boto3 use different names for the same service.
PRIVATE_LINK = {"stepfunctions": "states"}


def calls_of_a_worker() -> set[str]:
    source = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("container/worker/**/*.py"))
    services = set(re.findall(r"""\b_?client\(\s*["']([a-z0-9]+)["']""", source))
    return {PRIVATE_LINK.get(service, service) for service in services}


def test_a_shut_in_worker_reaches_every_service_that_it_calls() -> None:
    called = calls_of_a_worker()
    assert {"s3", "states"} <= called
    reached = {item["serviceName"].split(".", 3)[3] for item in interfaces(with_egress("endpoints"))}
    # The worker fetches secrets at run time; S3 has its gateway.
    assert reached == FARGATE_CALLS | {"secretsmanager"} | (called - {"s3"})


@pytest.mark.parametrize("egress", ["public", "nat", "endpoints"])
def test_the_reporter_is_in_no_network_and_needs_no_endpoint(egress: str) -> None:
    deployment = with_egress(egress)
    # Lambda connects a function without a VPC to AWS and to the internet, for Slack and PagerDuty.
    assert "vpcConfig" not in deployment.the("aws:lambda/function:Function").inputs
    names = {item["serviceName"].rpartition(".")[2] for item in interfaces(deployment)}
    assert not names & {"lambda", "monitoring", "sns", "sqs"}


def test_an_endpoint_answers_in_every_zone_under_the_services_usual_name_and_to_workers_only() -> None:
    deployment = with_egress("endpoints")
    (rule,) = deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (443, 443)
    assert [rule.inputs["referencedSecurityGroupId"]] == deployment.run_settings["securityGroups"]
    for endpoint in interfaces(deployment):
        assert endpoint["subnetIds"] == deployment.run_settings["subnets"]
        assert endpoint["privateDnsEnabled"] is True
        assert endpoint["securityGroupIds"] == [rule.inputs["securityGroupId"]]


@pytest.mark.parametrize(("public", "assigned"), [(True, "ENABLED"), (False, "DISABLED")])
def test_workers_run_in_the_adopted_network_as_it_is(public: bool, assigned: str) -> None:
    network = {"adopt": {**NETWORK["adopt"], "assignPublicIp": public}}
    deployment = deploy("dev", network=network)
    settings = deployment.run_settings
    assert settings["subnets"] == SUBNETS
    assert settings["securityGroups"] == [SECURITY_GROUP]
    assert settings["assignPublicIp"] == assigned
    assert deployment.outputs["vpc_id"] == VPC


def test_nothing_is_created_in_an_adopted_network() -> None:
    deployment = deploy("dev", network=NETWORK)
    assert not [
        item for item in deployment.resources.values() if item.type.startswith(("aws:ec2/", "aws:vpc/"))
    ]
