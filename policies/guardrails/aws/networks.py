"""The networks of tasks: their subnets, the routes out of these, and the traffic that their security groups allow.

Sources: "Amazon ECS task networking options for Fargate"
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html), "Amazon ECR interface VPC
endpoints" of the Amazon ECR user guide, and "Internet gateways" and "NAT gateways" of the Amazon VPC user guide.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Network, ip_network
from typing import Any

from guardrails.aws import types
from guardrails.aws.references import is_identified_by, resources_named_by, resources_naming, texts_of
from guardrails.aws.task_arguments import argument, only_text
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import is_set, read_partly

_EVERYWHERE = ("0.0.0.0/0", "::/0")
_GATEWAYS = (
    "natGatewayId",
    "transitGatewayId",
    "networkInterfaceId",
    "vpcPeeringConnectionId",
    "egressOnlyGatewayId",
)
_IMAGE_SERVICES = (".ecr.dkr", ".ecr.api", ".s3")
"""The ends of the names of the services that a pull of an image from ECR calls; the layers are in S3."""

_CIDRS = ("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks")
_GROUPS = ("referencedSecurityGroupId", "sourceSecurityGroupId", "securityGroups", "self")
_PREFIX_LISTS = ("prefixListId", "prefixListIds")
"""The properties of a security group's rule that name its destinations, by the three types of rules."""

_HTTPS = 443
_TCP, _EVERY_PROTOCOL = ("tcp", "6"), ("-1", "all")


class WayOut(StrEnum):
    """The way of a subnet's traffic out of its network."""

    INTERNET = "internet"
    """Through an internet gateway, for which an address of its own is needed."""
    GATEWAY = "gateway"
    """Through a NAT gateway or the like."""
    NONE = "none"
    UNKNOWN = "unknown"


class Destinations(StrEnum):
    """The addresses that a security group lets traffic out to."""

    ANY = "any"
    """Addresses of IPv4 on the internet, or unknown ones."""
    IPV6 = "IPv6"
    PRIVATE = "private"
    """Private ranges, and other security groups."""


@dataclass(frozen=True)
class TaskNetwork:
    """The network of tasks."""

    subnets: Sequence[Resource]
    """The subnets of the plan that they may run in; empty if they are not in the plan."""
    groups: Sequence[Resource]
    """The security groups of the plan that they may have; empty if they are not in the plan."""
    has_address: bool | None
    """True if each task gets a public address; None if that is decided at run time."""
    is_one_of: bool = False
    """True if they run in some of the subnets and with some of the groups, and which is decided at run time."""


def network_of_arguments(plan: Plan, configuration: Any) -> TaskNetwork | None:
    """Return the network in the arguments of a RunTask, or None if they have none."""
    network = argument(configuration, "AwsvpcConfiguration") if isinstance(configuration, Mapping) else None
    if not isinstance(network, Mapping):
        return None
    subnets, some_subnets = _meant(plan, argument(network, "Subnets"), types.SUBNET)
    groups, some_groups = _meant(plan, argument(network, "SecurityGroups"), types.SECURITY_GROUP)
    written = argument(network, "AssignPublicIp")
    text = "DISABLED" if written is None else only_text(written)
    return TaskNetwork(
        subnets, groups, None if text is None else text == "ENABLED", some_subnets or some_groups
    )


def network_of_property(plan: Plan, resource: Resource, path: str) -> TaskNetwork | None:
    """Return the network in a property of a service, a schedule or a rule's target, or None if it has none."""
    if not is_set(resource, path):
        return None
    has_address = read_partly(resource, f"{path}.assignPublicIp")
    return TaskNetwork(
        resources_named_by(plan, resource, f"{path}.subnets", types.SUBNET),
        resources_named_by(plan, resource, f"{path}.securityGroups", types.SECURITY_GROUP),
        None if has_address is UNKNOWN else has_address is True,
    )


def _meant(plan: Plan, value: Any, type_: str) -> tuple[list[Resource], bool]:
    """Return the resources that an argument may name, and True if that is decided at run time."""
    candidates = plan.of_type(type_)
    if value is None:
        return [], False
    texts = texts_of(value)
    if not texts or any(text.startswith("{%") for text in texts):
        return candidates, True
    return [one for one in candidates if any(is_identified_by(one, text) for text in texts)], False


def way_out(plan: Plan, subnet: Resource) -> WayOut:
    """Return the way out of a subnet, `UNKNOWN` if its route table is not in the plan."""
    tables = _tables_of(plan, subnet)
    if not tables:
        return WayOut.UNKNOWN
    routes = [
        route for table in tables for route in resources_naming(plan, table, "routeTableId", types.ROUTE)
    ]
    is_ipv6 = has_ipv6(subnet)
    ways = [
        WayOut.NONE if _is_behind_itself(plan, route) else _way_of(route.properties.get)
        for route in routes
        if _leads_everywhere(route.properties.get, is_ipv6)
    ]
    for table in tables:
        inline = read_partly(table, "routes")
        if inline is UNKNOWN:
            return WayOut.UNKNOWN
        written = inline if isinstance(inline, list | tuple) else ()
        ways += [
            _way_of(route.get)
            for route in written
            if isinstance(route, Mapping) and _leads_everywhere(route.get, is_ipv6)
        ]
    if WayOut.GATEWAY in ways:
        return WayOut.GATEWAY
    return next(iter(ways), WayOut.NONE)


def has_ipv6(subnet: Resource) -> bool:
    """Return True if a subnet has addresses of IPv6, or may."""
    return is_set(subnet, "ipv6CidrBlock") or read_partly(subnet, "ipv6Native") not in (None, False)


def _leads_everywhere(get: Callable[[str], Any], is_ipv6: bool) -> bool:
    keys = ("destinationCidrBlock", "cidrBlock")
    of_ipv6 = ("destinationIpv6CidrBlock", "ipv6CidrBlock") if is_ipv6 else ()
    return any(get(key) in _EVERYWHERE for key in (*keys, *of_ipv6))


def _is_behind_itself(plan: Plan, route: Resource) -> bool:
    """Return True if a route leads to a NAT gateway in a subnet from which only NAT gateways lead out."""
    return any(
        bool(out := _routes_out(plan, subnet)) and all(is_set(each, "natGatewayId") for each in out)
        for gateway in resources_named_by(plan, route, "natGatewayId", types.NAT_GATEWAY)
        for subnet in resources_named_by(plan, gateway, "subnetId", types.SUBNET)
    )


def _routes_out(plan: Plan, subnet: Resource) -> list[Resource]:
    """Return the routes of a subnet to everywhere, as resources of their own; none if it may have others."""
    tables = _tables_of(plan, subnet)
    if any(is_set(table, "routes") for table in tables):
        return []
    return [
        route
        for table in tables
        for route in resources_naming(plan, table, "routeTableId", types.ROUTE)
        if _leads_everywhere(route.properties.get, has_ipv6(subnet))
    ]


def _tables_of(plan: Plan, subnet: Resource) -> list[Resource]:
    return [
        table
        for association in resources_naming(plan, subnet, "subnetId", types.ROUTE_TABLE_ASSOCIATION)
        for table in resources_named_by(plan, association, "routeTableId", types.ROUTE_TABLE)
    ]


def _way_of(get: Callable[[str], Any]) -> WayOut:
    if any(get(key) is not None for key in _GATEWAYS):
        return WayOut.GATEWAY
    return WayOut.INTERNET if get("gatewayId") is not None else WayOut.UNKNOWN


def has_image_endpoints(plan: Plan, subnet: Resource) -> bool:
    """Return True if endpoints in the VPC of a subnet give access to the images of ECR, or may."""
    names = [
        read_partly(endpoint, "serviceName")
        for endpoint in plan.of_type(types.VPC_ENDPOINT)
        if _may_be_in_one_vpc(subnet, endpoint)
    ]
    return UNKNOWN in names or all(
        any(str(name).endswith(service) for name in names) for service in _IMAGE_SERVICES
    )


def _may_be_in_one_vpc(first: Resource, second: Resource) -> bool:
    vpcs = [read_partly(resource, "vpcId") for resource in (first, second)]
    if all(isinstance(vpc, str) for vpc in vpcs):
        return bool(vpcs[0] == vpcs[1])
    sources = [set(resource.sources.get("vpcId", ())) for resource in (first, second)]
    return not all(sources) or bool(sources[0] & sources[1])


def https_destinations(plan: Plan, group: Resource) -> frozenset[Destinations]:
    """Return where a security group lets traffic out to on the port of ECR and of AWS's other services."""
    inline = read_partly(group, "egress") if is_set(group, "egress") else []
    if not isinstance(inline, list | tuple) or any(rule is UNKNOWN for rule in inline):
        return frozenset({Destinations.ANY})
    rules = resources_naming(plan, group, "securityGroupId", types.SECURITY_GROUP_RULE)
    gets = [
        *(
            rule.properties.get
            for rule in resources_naming(plan, group, "securityGroupId", types.EGRESS_RULE)
        ),
        *(rule.properties.get for rule in rules if read_partly(rule, "type") in ("egress", UNKNOWN)),
        *(rule.get for rule in inline if isinstance(rule, Mapping)),
    ]
    return frozenset(where for get in gets if _may_be_https(get) for where in _destinations(get))


def _destinations(get: Callable[[str], Any]) -> Iterator[Destinations]:
    """Yield the destinations of a security group's rule; what it does not name may be anything."""
    ranges = [one for key in _CIDRS if (value := get(key)) for one in _listed(value)]
    groups = [key for key in _GROUPS if get(key)]
    if any(get(key) for key in _PREFIX_LISTS) or not (ranges or groups):
        yield Destinations.ANY
    if groups:
        yield Destinations.PRIVATE
    yield from map(_destination, ranges)


def _destination(addresses: Any) -> Destinations:
    try:
        network = ip_network(addresses, strict=False)
    except ValueError:
        return Destinations.ANY
    if network.is_private:
        return Destinations.PRIVATE
    return Destinations.IPV6 if isinstance(network, IPv6Network) else Destinations.ANY


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _may_be_https(get: Callable[[str], Any]) -> bool:
    """Return True if a rule of a security group includes TCP on port 443; a port that it does not name may be any."""
    protocol = get("ipProtocol") if get("ipProtocol") is not None else get("protocol")
    if isinstance(protocol, str) and protocol.lower() not in _TCP:
        return protocol.lower() in _EVERY_PROTOCOL
    first, last = get("fromPort"), get("toPort")
    starts_above = isinstance(first, int | float) and first > _HTTPS
    return not starts_above and not (isinstance(last, int | float) and last < _HTTPS)
