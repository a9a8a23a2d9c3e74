"""The cost of load balancers: by the hour, and by capacity units or data.

Source: https://aws.amazon.com/elasticloadbalancing/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, read_text

_BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
_CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
_KINDS = ("application", "network", "gateway")


def _balancer(table: PriceTable, _: Plan, balancer: Resource) -> Iterator[Bill]:
    kind = read_text(balancer, "loadBalancerType") or "application"
    if kind not in _KINDS:
        raise PropertyError(f"loadBalancerType is no kind of load balancer; write one of {', '.join(_KINDS)}")
    yield bill_for(table, f"elb_{kind}_hour", balancer.name, HOURS_A_MONTH)
    what = "how many connections it has, and how much goes through it"
    yield unknown_quantity(table, f"elb_{kind}_lcu_hour", balancer.name, what)


def _classic(table: PriceTable, _: Plan, balancer: Resource) -> Iterator[Bill]:
    yield bill_for(table, "elb_classic_hour", balancer.name, HOURS_A_MONTH)
    yield unknown_quantity(table, "elb_classic_gb", balancer.name, "how much goes through it")


PRICING = Pricing(
    fixed={**dict.fromkeys(_BALANCERS, _balancer), _CLASSIC: _classic},
    usage=dict.fromkeys((*_BALANCERS, _CLASSIC), ("data_out_gb", "public_ipv4_hour")),
)
