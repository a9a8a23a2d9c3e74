"""The rules on resources that cost by the hour, or beyond the free tier, whether anything runs or not."""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.types import STACK
from guardrails.cost.bill import Bill, after_free_tier, allowance_of
from guardrails.cost.estimate import Estimate
from guardrails.cost.for_rules import USD, known_estimate, limit_usd
from guardrails.cost.report import quantity_text, usd
from guardrails.cost.resources.vpc import NAT_GATEWAY
from guardrails.cost.resources.vpc_endpoints import ENDPOINT, endpoint_zones, is_billed
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.words import counted

_BEYOND = {
    "alarm_standard_month": "alarm metrics",
    "dashboard_large_month": "dashboards of more than 50 metrics",
    "dashboard_month": "dashboards",
    "metric_month": "custom metrics",
}
"""The prices with a free allowance that monitoring uses, with the noun for messages."""


def _too_many_nat_gateways(subject: Subject) -> Iterator[str]:
    most, gateways = subject.limits["maxNatGateways"], subject.plan.of_type(NAT_GATEWAY)
    if len(gateways) > most:
        cost = _cost(known_estimate(subject), "nat_gateway_hour")
        yield (
            f"{counted(len(gateways), 'NAT gateway')} ({', '.join(gateway.name for gateway in gateways)}) {cost} "
            f"before any traffic, more than the {most:,} allowed; give tasks public addresses or use endpoints, or "
            "raise maxNatGateways."
        )


def _too_many_endpoints(subject: Subject) -> Iterator[str]:
    most = subject.limits["maxEndpointZones"]
    endpoints = [endpoint for endpoint in subject.plan.of_type(ENDPOINT) if is_billed(endpoint)]
    zones = {endpoint.name: endpoint_zones(subject.plan, endpoint) for endpoint in endpoints}
    for name, number in zones.items():
        if number is None:
            yield f"the number of subnets of {name}, each of which is billed, is not known; write its subnetIds."
    billed = sum(number or 0 for number in zones.values())
    if billed > most:
        cost = _cost(known_estimate(subject), "vpc_endpoint_hour")
        yield (
            f"{counted(len(endpoints), 'interface endpoint')} in {counted(billed, 'subnet')} altogether {cost} "
            f"before any traffic, more than the {most:,} allowed; reduce the services or zones, or raise "
            "maxEndpointZones."
        )


def _beyond_free_tier(subject: Subject) -> Iterator[str]:
    estimate = known_estimate(subject)
    fixed = after_free_tier(estimate.fixed, estimate.allowances)
    beyond = [line for line in fixed.lines if allowance_of(line) in _BEYOND]
    if not beyond:
        raise NotApplicableError("it has no alarm, dashboard or custom metric")
    total = sum((line.amount or Decimal(0) for line in beyond), Decimal(0))
    if total <= limit_usd(subject, "maxBeyondUsd"):
        return
    for key, noun in _BEYOND.items():
        lines = [line for line in beyond if allowance_of(line) == key]
        number = sum((line.quantity or Decimal(0) for line in lines), Decimal(0))
        cost = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
        if cost:
            free = estimate.allowances.get(key, Decimal(0))
            yield (
                f"{quantity_text(number)} {noun} are {quantity_text(number - free)} more than the "
                f"{quantity_text(free)} of the free tier, which costs {usd(cost)} a month; use fewer, or raise "
                "maxBeyondUsd."
            )


def _cost(estimate: Estimate, key: str) -> str:
    """Return the fixed monthly cost at one price, in words."""
    bill = Bill(tuple(line for line in estimate.fixed.lines if line.key == key))
    return "at an unknown price" if bill.unbounded else f"for {usd(bill.total)} a month"


RULES = (
    Rule(
        name="nat-gateways-allowed",
        requirement="The number of NAT gateways in the stack is within the limit.",
        rationale="A NAT gateway costs about 33 dollars a month, more than the rest of a small pipeline together.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Give tasks public addresses without inbound rules, or use endpoints.",
        url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_too_many_nat_gateways,
        limits=(
            Limit(
                key="maxNatGateways",
                description="The most NAT gateways.",
                default=0,
                schema={"type": "integer", "minimum": 0},
            ),
        ),
    ),
    Rule(
        name="interface-endpoints-allowed",
        requirement="The number of subnets with interface endpoints is within the limit.",
        rationale=(
            "An interface endpoint costs about 7 dollars a month in each of its subnets; a gateway endpoint is free."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Use endpoints for fewer services, or in fewer zones; S3 and DynamoDB have gateway endpoints.",
        url="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_too_many_endpoints,
        limits=(
            Limit(
                key="maxEndpointZones",
                description="The most subnets of interface endpoints, added up over all endpoints.",
                default=0,
                schema={"type": "integer", "minimum": 0},
            ),
        ),
    ),
    Rule(
        name="watching-within-free-tier",
        requirement="The cost of alarms, dashboards and custom metrics beyond the free tier is within the limit.",
        rationale="Each costs little, but together they can cost more than the pipeline that they monitor.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Use fewer of them, or raise the limit.",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_billing.html",
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_beyond_free_tier,
        limits=(
            Limit(
                key="maxBeyondUsd",
                description="The highest monthly cost of monitoring beyond the free tier in US dollars, as text.",
                default="0.00",
                schema=USD,
            ),
        ),
    ),
)
