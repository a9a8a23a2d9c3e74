"""The cost of a network: NAT gateways and addresses by the hour, and data that leaves AWS.

Source: https://aws.amazon.com/vpc/pricing/
"""

from collections.abc import Iterator

from guardrails.aws.types import TASK_DEFINITION
from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource

NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
_VPC = "aws:ec2/vpc:Vpc"


def _nat_gateway(table: PriceTable, _: Plan, gateway: Resource) -> Iterator[Bill]:
    yield bill_for(table, "nat_gateway_hour", gateway.name, HOURS_A_MONTH)
    yield unknown_quantity(table, "nat_gateway_gb", gateway.name, "the traffic through it")


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
        NAT_GATEWAY: _nat_gateway,
        TASK_DEFINITION: _task_definition,
    }
)
