"""The cost of load balancers: by the hour, by capacity units or data, and by public addresses, one in each subnet.

Reserved capacity units have the price of used ones. Source: https://aws.amazon.com/elasticloadbalancing/pricing/
"""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.cost.resources.public_addresses import ADDRESS, addresses_bill, subnet_count
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_partly, read_quantity, read_text

_BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
_CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
_KINDS = ("application", "network", "gateway")


def _balancer(table: PriceTable, plan: Plan, balancer: Resource) -> Iterator[Bill]:
    kind = read_text(balancer, "loadBalancerType") or "application"
    if kind not in _KINDS:
        raise PropertyError(f"loadBalancerType is no kind of load balancer; write one of {', '.join(_KINDS)}")
    yield bill_for(table, f"elb_{kind}_hour", balancer.name, HOURS_A_MONTH)
    units, what = f"elb_{kind}_lcu_hour", "how many connections it has, and how much goes through it"
    if reserved := read_quantity(balancer, "minimumLoadBalancerCapacity.capacityUnits"):
        yield bill_for(table, units, balancer.name, reserved * HOURS_A_MONTH)
        what = f"how much goes through it beyond its {reserved.normalize():f} reserved capacity units"
    yield unknown_quantity(table, units, balancer.name, what)
    if kind != "gateway":
        yield from _addresses(table, plan, balancer)


def _classic(table: PriceTable, plan: Plan, balancer: Resource) -> Iterator[Bill]:
    yield bill_for(table, "elb_classic_hour", balancer.name, HOURS_A_MONTH)
    yield unknown_quantity(table, "elb_classic_gb", balancer.name, "how much goes through it")
    yield from _addresses(table, plan, balancer)


def _addresses(table: PriceTable, plan: Plan, balancer: Resource) -> Iterator[Bill]:
    """Yield the public addresses of a load balancer, one in each of its subnets, unless it is internal."""
    is_without = read_partly(balancer, "ipAddressType") == "dualstack-without-public-ipv4"
    if is_without or read_partly(balancer, "internal") is True:
        return
    subnets = subnet_count(plan, balancer, "subnetMappings", "subnets", "availabilityZones")
    if subnets is None:
        yield unknown_quantity(table, ADDRESS, balancer.name, "in how many subnets it is")
    elif subnets:
        yield addresses_bill(table, balancer.name, Decimal(subnets))


PRICING = Pricing(
    fixed={**dict.fromkeys(_BALANCERS, _balancer), _CLASSIC: _classic},
    usage=dict.fromkeys((*_BALANCERS, _CLASSIC), ("data_out_gb", ADDRESS)),
)
