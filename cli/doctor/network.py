"""The check of the workers' way to AWS and to the internet: routes, gateways, endpoints and security groups."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.doctor.check import Context, Finding, fail, ok
from cli.doctor.run_settings import RunSettings, run_settings
from reporter.words import count

# What a worker calls without a route to the internet: components/resources/network.py.
_ENDPOINTS = ("ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "states")
_HTTPS = 443
Subnet = Mapping[str, Any]


def check_network(context: Context) -> Finding:
    """Find subnets whose workers reach neither the internet nor the endpoints that they need."""
    settings = run_settings(context)
    ec2 = context.stack.client("ec2")
    subnets = ec2.describe_subnets(SubnetIds=settings.subnets)["Subnets"]
    vpcs = [{"Name": "vpc-id", "Values": sorted({subnet["VpcId"] for subnet in subnets})}]
    tables = _pages(ec2, "describe_route_tables", "RouteTables", vpcs)
    endpoints = _pages(ec2, "describe_vpc_endpoints", "VpcEndpoints", vpcs)
    ways = {subnet["SubnetId"]: _way(_table(tables, subnet)) for subnet in subnets}
    kinds = ", ".join(sorted({_kind(way) for way in ways.values()}))
    seen = (
        f"{count(len(subnets), 'subnet')} with a route by {kinds}, {count(len(tables), 'route table')}, "
        f"{count(len(endpoints), 'endpoint')}"
    )
    faults = [
        *(fault for subnet, way in ways.items() for fault in _faults(ec2, subnet, way, settings, endpoints)),
        *(
            f"the endpoint {each['ServiceName']} is {each['State']}"
            for each in endpoints
            if each["State"].lower() != "available"
        ),
        *_closed(ec2, settings),
    ]
    if faults:
        return fail(
            f"{seen}; {'; '.join(dict.fromkeys(faults))}",
            "Deploy the stack again; an adopted network is corrected by its owner.",
            context.up,
        )
    return ok(seen)


def _pages(ec2: Any, operation: str, field: str, filters: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    pages = ec2.get_paginator(operation).paginate(Filters=filters)
    return [each for page in pages for each in page[field]]


def _table(tables: list[Mapping[str, Any]], subnet: Subnet) -> Mapping[str, Any]:
    """Return the route table of a subnet: the associated one, or the main one of its network."""
    main: Mapping[str, Any] = {}
    for table in tables:
        for association in table["Associations"]:
            if association.get("SubnetId") == subnet["SubnetId"]:
                return table
            if association.get("Main") and table["VpcId"] == subnet["VpcId"]:
                main = table
    return main


def _way(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the default route of a table; empty if it has none."""
    routes = (route for route in table.get("Routes", []) if route.get("DestinationCidrBlock") == "0.0.0.0/0")
    return next(routes, {})


def _kind(way: Mapping[str, Any]) -> str:
    if not way:
        return "endpoints only"
    if way.get("NatGatewayId"):
        return "NAT gateway"
    return "internet gateway" if str(way.get("GatewayId", "")).startswith("igw-") else "another gateway"


def _faults(
    ec2: Any,
    subnet: str,
    way: Mapping[str, Any],
    settings: RunSettings,
    endpoints: list[Mapping[str, Any]],
) -> Iterator[str]:
    if way.get("State") == "blackhole":
        yield f"the default route of {subnet} leads nowhere (blackhole)"
        return
    match _kind(way):
        case "internet gateway":
            if not settings.has_public_ip:
                yield f"{subnet} is public, and workers get no public address"
        case "NAT gateway":
            gateways = ec2.describe_nat_gateways(NatGatewayIds=[way["NatGatewayId"]])["NatGateways"]
            yield from (
                f"the NAT gateway {each['NatGatewayId']} is {each['State']}"
                for each in gateways
                if each["State"] != "available"
            )
        case "endpoints only":
            there = {each["ServiceName"].split(".", 3)[-1] for each in endpoints}
            missing = [name for name in _ENDPOINTS if name not in there]
            if missing:
                yield f"{subnet} has no route to the internet and no endpoint for {', '.join(missing)}"


def _closed(ec2: Any, settings: RunSettings) -> Iterator[str]:
    """Yield a fault if no security group of the workers lets HTTPS out."""
    groups = ec2.describe_security_groups(GroupIds=settings.security_groups)["SecurityGroups"]
    rules = [rule for group in groups for rule in group["IpPermissionsEgress"]]
    if not any(
        rule["IpProtocol"] == "-1" or rule.get("FromPort", 0) <= _HTTPS <= rule.get("ToPort", -1)
        for rule in rules
    ):
        yield f"no security group of the workers lets port {_HTTPS} out"
