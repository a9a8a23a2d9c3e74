"""The networks of tasks: their subnets, the routes out of these, and the traffic that their security groups allow.

Sources: "Amazon ECS task networking options for Fargate"
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html) and "Internet gateways" of
the Amazon VPC user guide.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
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
_IMAGES = ".ecr.dkr"

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
    associations = resources_naming(plan, subnet, "subnetId", types.ROUTE_TABLE_ASSOCIATION)
    tables = [
        table
        for association in associations
        for table in resources_named_by(plan, association, "routeTableId", types.ROUTE_TABLE)
    ]
    if not tables:
        return WayOut.UNKNOWN
    routes = [
        route for table in tables for route in resources_naming(plan, table, "routeTableId", types.ROUTE)
    ]
    ways = [_way_of(route.properties.get) for route in routes if _leads_everywhere(route.properties.get)]
    for table in tables:
        inline = read_partly(table, "routes")
        if inline is UNKNOWN:
            return WayOut.UNKNOWN
        written = inline if isinstance(inline, list | tuple) else ()
        ways += [
            _way_of(route.get)
            for route in written
            if isinstance(route, Mapping) and _leads_everywhere(route.get)
        ]
    if WayOut.GATEWAY in ways:
        return WayOut.GATEWAY
    return next(iter(ways), WayOut.NONE)


def _leads_everywhere(get: Callable[[str], Any]) -> bool:
    keys = ("destinationCidrBlock", "destinationIpv6CidrBlock", "cidrBlock", "ipv6CidrBlock")
    return any(get(key) in _EVERYWHERE for key in keys)


def _way_of(get: Callable[[str], Any]) -> WayOut:
    if any(get(key) is not None for key in _GATEWAYS):
        return WayOut.GATEWAY
    return WayOut.INTERNET if get("gatewayId") is not None else WayOut.UNKNOWN


def has_image_endpoint(plan: Plan) -> bool:
    """Return True if an endpoint of the plan gives access to the images of ECR, or may."""
    names = (read_partly(endpoint, "serviceName") for endpoint in plan.of_type(types.VPC_ENDPOINT))
    return any(name is UNKNOWN or str(name).endswith(_IMAGES) for name in names)


def allows_https_out(plan: Plan, group: Resource) -> bool:
    """Return True if a security group allows traffic out to the port of ECR and of AWS's other services, or may."""
    inline = read_partly(group, "egress") if is_set(group, "egress") else []
    if not isinstance(inline, list | tuple):
        return True
    rules = resources_naming(plan, group, "securityGroupId", types.SECURITY_GROUP_RULE)
    gets = [
        *(
            rule.properties.get
            for rule in resources_naming(plan, group, "securityGroupId", types.EGRESS_RULE)
        ),
        *(rule.properties.get for rule in rules if read_partly(rule, "type") in ("egress", UNKNOWN)),
        *(rule.get for rule in inline if isinstance(rule, Mapping)),
    ]
    return any(map(_may_be_https, gets)) or any(rule is UNKNOWN for rule in inline)


def _may_be_https(get: Callable[[str], Any]) -> bool:
    """Return True if a rule of a security group includes TCP on port 443; what it does not tell may be anything."""
    protocol = get("ipProtocol") if get("ipProtocol") is not None else get("protocol")
    if isinstance(protocol, str) and protocol.lower() not in _TCP:
        return protocol.lower() in _EVERY_PROTOCOL
    first, last = get("fromPort"), get("toPort")
    starts_above = isinstance(first, int | float) and first > _HTTPS
    return not starts_above and not (isinstance(last, int | float) and last < _HTTPS)
