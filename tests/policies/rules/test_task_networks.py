from collections.abc import Mapping
from typing import Any

import pytest

from guardrails.aws.types import (
    EGRESS_RULE,
    NAT_GATEWAY,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    SERVICE,
    SUBNET,
    VPC_ENDPOINT,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.definitions import container, definition
from tests.policies.plans import machine, passes, resource, rule, said, violations

REACHES = rule("task-reaches-registry")

GROUP = resource(SECURITY_GROUP, "workers", id="sg-1", egress=[{"protocol": "-1"}])
CLOSED = resource(SECURITY_GROUP, "workers", id="sg-1")


def running(**network: Any) -> Resource:
    named = {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], **network}
    work = container(Arguments={"NetworkConfiguration": {"AwsvpcConfiguration": named}})
    return machine(definition(Work=work))


def network(name: str = "1", of_subnet: Mapping[str, Any] | None = None, **way: Any) -> list[Resource]:
    """Return a subnet with its routes; `way` is the way to everywhere."""
    subnet = resource(SUBNET, f"subnet-{name}", id=f"subnet-{name}", **(of_subnet or {}))
    table = resource(ROUTE_TABLE, f"routes-{name}", id=f"rtb-{name}")
    association = resource(
        ROUTE_TABLE_ASSOCIATION, f"with-{name}", subnetId=f"subnet-{name}", routeTableId=f"rtb-{name}"
    )
    everywhere: Any = {"destinationCidrBlock": "0.0.0.0/0", "routeTableId": f"rtb-{name}", **way}
    return [
        subnet,
        table,
        association,
        *([resource(ROUTE, f"out-{name}", **everywhere)] if way else []),
    ]


PUBLIC, PRIVATE = network(gatewayId=UNKNOWN), network(natGatewayId=UNKNOWN)


def test_a_task_with_an_address_or_behind_a_nat_gateway_passes() -> None:
    assert passes(REACHES, running(AssignPublicIp="ENABLED"), *PUBLIC, GROUP)
    assert passes(REACHES, running(), *PRIVATE, GROUP)


@pytest.mark.parametrize("written", [{}, {"AssignPublicIp": "DISABLED"}])
def test_a_task_without_an_address_in_a_public_subnet_is_refused(written: Any) -> None:
    (told,) = violations(REACHES, running(**written), *PUBLIC, GROUP)
    assert told.startswith(
        "machine: Work runs without a public address in subnet-1, whose way out leads through"
    )


def test_a_task_without_a_way_out_is_refused() -> None:
    (told,) = violations(REACHES, running(), *network(), GROUP)
    assert "whose way out does not exist" in told


def test_routes_are_read_in_their_table_too() -> None:
    subnet, table, association = network()
    routes = [{"cidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN}]
    inline = resource(ROUTE_TABLE, "routes-1", id="rtb-1", routes=routes)
    assert violations(REACHES, running(), subnet, inline, association, GROUP)
    later = resource(ROUTE_TABLE, "routes-1", id="rtb-1", routes=UNKNOWN)
    assert passes(REACHES, running(), subnet, later, association, GROUP)
    assert passes(REACHES, running(), subnet, table, GROUP)


def test_a_network_chosen_at_run_time_passes_if_a_possible_choice_has_internet_access() -> None:
    chosen = {"Subnets": "{% $s.subnets %}", "SecurityGroups": "{% $s.groups %}"}
    assert violations(REACHES, running(**chosen), *PUBLIC, GROUP)
    assert passes(REACHES, running(**chosen), *PUBLIC, *network("2", natGatewayId=UNKNOWN), GROUP)
    assert passes(REACHES, running(**chosen, AssignPublicIp="{% $s.address %}"), *PUBLIC, GROUP)


def test_a_security_group_without_egress_is_refused() -> None:
    (told,) = violations(REACHES, running(), *PRIVATE, CLOSED)
    assert "the security group workers, which allows no traffic out" in told
    for rule_ in (
        resource(EGRESS_RULE, securityGroupId="sg-1"),
        resource(SECURITY_GROUP_RULE, securityGroupId="sg-1", type="egress"),
    ):
        assert passes(REACHES, running(), *PRIVATE, CLOSED, rule_)
    inbound = resource(SECURITY_GROUP_RULE, securityGroupId="sg-1", type="ingress")
    assert violations(REACHES, running(), *PRIVATE, CLOSED, inbound)


@pytest.mark.parametrize(
    ("written", "passing"),
    [
        ({"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}, True),
        ({"ipProtocol": "TCP", "fromPort": 0, "toPort": 65_535}, True),
        ({"ipProtocol": "-1"}, True),
        ({"ipProtocol": "tcp", "fromPort": UNKNOWN, "toPort": UNKNOWN}, True),
        ({"ipProtocol": "tcp", "fromPort": 80, "toPort": 80}, False),
        ({"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432}, False),
        ({"ipProtocol": "udp", "fromPort": 443, "toPort": 443}, False),
    ],
)
def test_a_security_group_must_allow_https_out(written: Any, passing: bool) -> None:
    rule_ = resource(EGRESS_RULE, securityGroupId="sg-1", **written)
    assert passes(REACHES, running(), *PRIVATE, CLOSED, rule_) is passing
    as_inline = {("protocol" if key == "ipProtocol" else key): value for key, value in written.items()}
    inline = resource(SECURITY_GROUP, "workers", id="sg-1", egress=[as_inline])
    assert passes(REACHES, running(), *PRIVATE, inline) is passing


def test_a_public_address_without_a_route_to_the_internet_is_refused() -> None:
    (told,) = violations(REACHES, running(AssignPublicIp="ENABLED"), *network(), GROUP)
    assert told.startswith("machine: Work runs in subnet-1, whose route table has no route to the internet")
    assert violations(REACHES, running(AssignPublicIp="{% $s.address %}"), *network(), GROUP)


def test_a_service_runs_in_a_network_too() -> None:
    subnet, *routes = PUBLIC

    def service(**fields: Any) -> Resource:
        written = {"subnets": [UNKNOWN], **fields}
        return resource(
            SERVICE, "web", networkConfiguration=written, sources={"networkConfiguration": (subnet,)}
        )

    assert violations(REACHES, service(), subnet, *routes)
    assert passes(REACHES, service(assignPublicIp=True), subnet, *routes)
    assert passes(REACHES, service(assignPublicIp=UNKNOWN), subnet, *routes)


def test_a_network_outside_of_the_plan_is_not_evaluated() -> None:
    assert said(REACHES, running()).outcome is Outcome.NOT_APPLICABLE


def endpoints(*services: str, **fields: Any) -> list[Resource]:
    return [
        resource(VPC_ENDPOINT, service, serviceName=f"com.amazonaws.eu-west-1.{service}", **fields)
        for service in services
    ]


IMAGES = ("ecr.dkr", "ecr.api", "s3")


def test_a_pull_without_a_way_out_needs_three_endpoints() -> None:
    assert passes(REACHES, running(), *network(), GROUP, *endpoints(*IMAGES))
    for missing in IMAGES:
        two = endpoints(*(service for service in IMAGES if service != missing))
        (told,) = violations(REACHES, running(), *network(), GROUP, *two)
        assert "the endpoints ecr.dkr, ecr.api and s3 of its VPC" in told
    unknown = resource(VPC_ENDPOINT, serviceName=UNKNOWN)
    assert passes(REACHES, running(), *network(), GROUP, unknown)


def test_the_endpoints_are_in_the_vpc_of_the_subnet() -> None:
    subnet = network(of_subnet={"vpcId": "vpc-1"})
    assert passes(REACHES, running(), *subnet, GROUP, *endpoints(*IMAGES, vpcId="vpc-1"))
    assert passes(REACHES, running(), *subnet, GROUP, *endpoints(*IMAGES, vpcId=UNKNOWN))
    assert violations(REACHES, running(), *subnet, GROUP, *endpoints(*IMAGES, vpcId="vpc-2"))


def test_the_endpoints_are_in_the_vpc_that_the_subnet_comes_from() -> None:
    own, other = (resource("aws:ec2/vpc:Vpc", name) for name in ("own", "other"))
    subnet, *routes = network()
    subnet = resource(SUBNET, "subnet-1", id="subnet-1", vpcId=UNKNOWN, sources={"vpcId": (own,)})
    for vpc, passing in ((own, True), (other, False)):
        made = endpoints(*IMAGES, vpcId=UNKNOWN, sources={"vpcId": (vpc,)})
        assert passes(REACHES, running(), subnet, *routes, GROUP, *made) is passing


def behind(subnet: str) -> Resource:
    return resource(NAT_GATEWAY, "nat", id="nat-1", subnetId=subnet)


def test_a_nat_gateway_is_in_a_public_subnet() -> None:
    private = network("1", natGatewayId="nat-1")
    (told,) = violations(REACHES, running(), *private, GROUP, behind("subnet-1"))
    assert "add a NAT gateway in a public subnet" in told
    public = network("2", gatewayId="igw-1")
    assert passes(REACHES, running(), *private, *public, GROUP, behind("subnet-2"))
    assert passes(REACHES, running(), *private, GROUP, behind("subnet-of-another-stack"))
    through_firewall = network("2", networkInterfaceId="eni-1")
    assert passes(REACHES, running(), *private, *through_firewall, GROUP, behind("subnet-2"))


OVER_IPV6: dict[str, Any] = {
    "destinationCidrBlock": None,
    "destinationIpv6CidrBlock": "::/0",
    "egressOnlyGatewayId": "eigw-1",
}


def test_a_route_of_ipv6_serves_a_subnet_with_ipv6() -> None:
    assert violations(REACHES, running(), *network(**OVER_IPV6), GROUP)
    for of_subnet in ({"ipv6CidrBlock": "2001:db8::/64"}, {"ipv6CidrBlock": UNKNOWN}, {"ipv6Native": True}):
        assert passes(REACHES, running(), *network(of_subnet=of_subnet, **OVER_IPV6), GROUP)


@pytest.mark.parametrize(
    ("to", "passing"),
    [
        ({"cidrIpv4": "0.0.0.0/0"}, True),
        ({"cidrIpv4": "52.0.0.0/8"}, True),
        ({"cidrIpv4": UNKNOWN}, True),
        ({"prefixListId": "pl-1"}, True),
        ({"cidrIpv4": "10.0.0.0/16"}, False),
        ({"referencedSecurityGroupId": "sg-2"}, False),
        ({"cidrIpv6": "::/0"}, False),
    ],
)
def test_traffic_out_reaches_more_than_the_vpc(to: dict[str, Any], passing: bool) -> None:
    rule_ = resource(EGRESS_RULE, securityGroupId="sg-1", ipProtocol="-1", **to)
    assert passes(REACHES, running(), *PRIVATE, CLOSED, rule_) is passing


def test_traffic_within_the_vpc_reaches_its_endpoints() -> None:
    within: list[dict[str, Any]] = [{"protocol": "-1", "cidrBlocks": ["10.0.0.0/16"]}]
    group = resource(SECURITY_GROUP, "workers", id="sg-1", egress=within)
    (told,) = violations(REACHES, running(), *PRIVATE, group)
    assert "allows traffic out only to private addresses" in told
    assert passes(REACHES, running(), *PRIVATE, group, *endpoints(*IMAGES))
    assert passes(REACHES, running(Subnets=["subnet-of-another-stack"]), group)
    open_ = resource(EGRESS_RULE, securityGroupId="sg-1", ipProtocol="-1", cidrIpv4="0.0.0.0/0")
    assert passes(REACHES, running(), *PRIVATE, group, open_)


def test_traffic_over_ipv6_serves_a_subnet_with_ipv6() -> None:
    rule_ = resource(EGRESS_RULE, securityGroupId="sg-1", ipProtocol="-1", cidrIpv6="::/0")
    subnet = network(of_subnet={"ipv6CidrBlock": "2001:db8::/64"}, **OVER_IPV6)
    assert passes(REACHES, running(), *subnet, CLOSED, rule_)
