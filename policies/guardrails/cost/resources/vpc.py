"""The cost of a network: NAT gateways and addresses by the hour, and data that leaves AWS.

Source: https://aws.amazon.com/vpc/pricing/
"""

from collections.abc import Iterator

from guardrails.aws.types import TASK_DEFINITION
from guardrails.cost.bill import Bill, bill_for, unknown_price, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import is_set, read_list, read_partly

NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
_VPN = "aws:ec2/vpnConnection:VpnConnection"
_VPC = "aws:ec2/vpc:Vpc"


def _nat_gateway(table: PriceTable, _: Plan, gateway: Resource) -> Iterator[Bill]:
    if read_partly(gateway, "availabilityMode") == "regional":
        # A regional gateway is billed for each zone that it is in, and spreads to the zones with workloads by itself.
        zones = read_list(gateway, "availabilityZoneAddresses")
        if zones:
            yield bill_for(table, "nat_gateway_hour", gateway.name, len(zones) * HOURS_A_MONTH)
        else:
            yield unknown_quantity(table, "nat_gateway_hour", gateway.name, "in how many zones it is")
    else:
        yield bill_for(table, "nat_gateway_hour", gateway.name, HOURS_A_MONTH)
    yield unknown_quantity(table, "nat_gateway_gb", gateway.name, "the traffic through it")


def _transit_attachment(table: PriceTable, _: Plan, attachment: Resource) -> Iterator[Bill]:
    yield bill_for(table, "vpc_transit_attachment_hour", attachment.name, HOURS_A_MONTH)
    yield unknown_quantity(table, "vpc_transit_attachment_gb", attachment.name, "the traffic through it")


def _vpn_connection(table: PriceTable, _: Plan, connection: Resource) -> Iterator[Bill]:
    yield bill_for(table, "vpc_vpn_connection_hour", connection.name, HOURS_A_MONTH)
    if is_set(connection, "transitGatewayId"):
        yield bill_for(table, "vpc_transit_vpn_hour", connection.name, HOURS_A_MONTH)
        yield unknown_quantity(table, "vpc_transit_vpn_gb", connection.name, "the traffic through it")
    if read_partly(connection, "enableAcceleration") in (True, UNKNOWN):
        what = "the price of an accelerated VPN connection"
        yield unknown_price("vpc_vpn_acceleration_hour", connection.name, HOURS_A_MONTH, what)


def _address(table: PriceTable, _: Plan, address: Resource) -> Iterator[Bill]:
    yield bill_for(table, "public_ipv4_hour", address.name, HOURS_A_MONTH)


def _internet_gateway(table: PriceTable, _: Plan, gateway: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "data_out_gb", gateway.name, "how much leaves AWS through it")


def _task_definition(table: PriceTable, plan: Plan, definition: Resource) -> Iterator[Bill]:
    """Yield the data that tasks send out of AWS, if the plan has no network whose gateways it is listed with."""
    if not plan.of_type(_VPC):
        yield unknown_quantity(table, "data_out_gb", definition.name, "how much its tasks send out of AWS")


PRICING = Pricing(
    fixed={
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": _internet_gateway,
        "aws:ec2/eip:Eip": _address,
        "aws:ec2/internetGateway:InternetGateway": _internet_gateway,
        _VPN: _vpn_connection,
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment": _transit_attachment,
        NAT_GATEWAY: _nat_gateway,
        TASK_DEFINITION: _task_definition,
    },
    usage=dict.fromkeys((NAT_GATEWAY, _VPN), ("data_out_gb",)),
)
