"""What a network costs: gateways, addresses and endpoints by the hour, and what leaves AWS through it."""

from collections.abc import Iterator

from guardrails.aws.types import TASK_DEFINITION
from guardrails.cost.line import Bill, billed, depends
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError, read_text

NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_NETWORK = "aws:ec2/vpc:Vpc"


def endpoint_zones(plan: Plan, endpoint: Resource) -> int | None:
    """Return in how many zones an endpoint is billed: one a subnet; None where nobody can tell yet."""
    for path in ("subnetIds", "subnetConfigurations"):
        subnets = endpoint.properties.get(path)
        if isinstance(subnets, list | tuple):
            return len(subnets)
        if subnets is UNKNOWN:
            return len(endpoint.sources.get(path, ())) or None
    # Without a subnet it has no address yet, and joins those that are associated with it.
    joined = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
    return len(plan.of_type(joined)) or None


def is_billed(endpoint: Resource) -> bool:
    """Tell whether an endpoint is billed by the hour; one of unknown type is, and only a gateway is not.

    Source: https://aws.amazon.com/privatelink/pricing/
    """
    try:
        return read_text(endpoint, "vpcEndpointType") not in (None, "Gateway")
    except PropertyError:
        return True


def _endpoint(table: PriceTable, plan: Plan, endpoint: Resource) -> Iterator[Bill]:
    if not is_billed(endpoint):
        return
    zones = endpoint_zones(plan, endpoint)
    if zones is None:
        yield depends(table, "vpc_endpoint_hour", endpoint.name, "in how many subnets it is")
    else:
        yield billed(table, "vpc_endpoint_hour", endpoint.name, zones * HOURS_A_MONTH)
    yield depends(table, "vpc_endpoint_gb", endpoint.name, "the traffic through it")


def _nat_gateway(table: PriceTable, _: Plan, gateway: Resource) -> Iterator[Bill]:
    yield billed(table, "nat_gateway_hour", gateway.name, HOURS_A_MONTH)
    yield depends(table, "nat_gateway_gb", gateway.name, "the traffic through it")


def _address(table: PriceTable, _: Plan, address: Resource) -> Iterator[Bill]:
    yield billed(table, "public_ipv4_hour", address.name, HOURS_A_MONTH)


def _way_out(table: PriceTable, _: Plan, gateway: Resource) -> Iterator[Bill]:
    yield depends(table, "data_out_gb", gateway.name, "how much leaves AWS through it")


def _task_definition(table: PriceTable, plan: Plan, definition: Resource) -> Iterator[Bill]:
    """Yield what its tasks send out of AWS, where the network and its ways out are not in the plan."""
    if not plan.of_type(_NETWORK):
        yield depends(table, "data_out_gb", definition.name, "how much its tasks send out of AWS")


PRICED: Pricing = {
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": _way_out,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/internetGateway:InternetGateway": _way_out,
    ENDPOINT: _endpoint,
    NAT_GATEWAY: _nat_gateway,
    TASK_DEFINITION: _task_definition,
}
