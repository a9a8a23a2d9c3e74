"""What costs by the hour or beyond the free tier, whether anything runs or not."""

from collections.abc import Iterator
from decimal import Decimal

from guardrails.aws.types import STACK
from guardrails.cost.bill import Bill, after_free_tier, allowance_of
from guardrails.cost.estimate import Estimate
from guardrails.cost.judged import USD, known_estimate, limit_usd
from guardrails.cost.report import quantity_text, usd
from guardrails.cost.resources.endpoints import ENDPOINT, endpoint_zones, is_billed
from guardrails.cost.resources.network import NAT_GATEWAY
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.words import counted

_BEYOND = {
    "alarm_standard_month": "alarm metrics",
    "dashboard_month": "dashboards",
    "metric_month": "custom metrics",
}
"""What AWS gives some of for nothing each month, and how it is called."""


def _nat_gateways_are_allowed(subject: Subject) -> Iterator[str]:
    most, gateways = subject.limits["maxNatGateways"], subject.plan.of_type(NAT_GATEWAY)
    if len(gateways) > most:
        cost = _cost(known_estimate(subject), "nat_gateway_hour")
        yield (
            f"{counted(len(gateways), 'NAT gateway')} ({', '.join(one.name for one in gateways)}) {cost} before any "
            f"traffic, more than the {most:,} allowed; let tasks have public addresses or use endpoints, or raise "
            "maxNatGateways."
        )


def _endpoints_are_allowed(subject: Subject) -> Iterator[str]:
    most = subject.limits["maxEndpointZones"]
    endpoints = [one for one in subject.plan.of_type(ENDPOINT) if is_billed(one)]
    zones = {one.name: endpoint_zones(subject.plan, one) for one in endpoints}
    for name, number in zones.items():
        if number is None:
            yield f"nobody knows in how many subnets {name} is, each of which is billed; write its subnetIds."
    billed = sum(number or 0 for number in zones.values())
    if billed > most:
        cost = _cost(known_estimate(subject), "vpc_endpoint_hour")
        yield (
            f"{counted(len(endpoints), 'interface endpoint')} in {counted(billed, 'subnet')} altogether {cost} "
            f"before any traffic, more than the {most:,} allowed; have fewer services or zones, or raise "
            "maxEndpointZones."
        )


def _is_within_the_free_tier(subject: Subject) -> Iterator[str]:
    found = known_estimate(subject)
    left = after_free_tier(found.fixed, found.allowances)
    beyond = [line for line in left.lines if allowance_of(line) in _BEYOND]
    if not beyond:
        raise NotApplicableError("it has no alarm, dashboard or metric of its own")
    total = sum((line.amount or Decimal(0) for line in beyond), Decimal(0))
    if total <= limit_usd(subject, "maxBeyondUsd"):
        return
    for key, what in _BEYOND.items():
        lines = [line for line in beyond if allowance_of(line) == key]
        number = sum((line.quantity or Decimal(0) for line in lines), Decimal(0))
        cost = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
        if cost:
            free = found.allowances.get(key, Decimal(0))
            yield (
                f"{quantity_text(number)} {what} are {quantity_text(number - free)} more than the "
                f"{quantity_text(free)} that an account has for nothing, {usd(cost)} a month; have fewer, or raise "
                "maxBeyondUsd."
            )


def _cost(found: Estimate, key: str) -> str:
    """Return what everything of one price costs in a month, as far as that is known."""
    bill = Bill(tuple(line for line in found.fixed.lines if line.key == key))
    return "at an unknown price" if bill.unbounded else f"for {usd(bill.total)} a month"


RULES = (
    Rule(
        name="nat-gateways-allowed",
        requirement="The stack has no more NAT gateways than agreed.",
        rationale="A NAT gateway costs about 33 dollars a month, more than all else of a small pipeline together.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Let tasks have public addresses and no inbound rule, or use endpoints.",
        url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_nat_gateways_are_allowed,
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
        requirement="The stack has interface endpoints in no more subnets than agreed.",
        rationale="An interface endpoint costs about 7 dollars a month in each of its subnets; a gateway is free.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Have endpoints for fewer services, or in fewer zones; S3 and DynamoDB have gateways.",
        url="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_endpoints_are_allowed,
        limits=(
            Limit(
                key="maxEndpointZones",
                description="The most subnets that interface endpoints are in, counted for each of them.",
                default=0,
                schema={"type": "integer", "minimum": 0},
            ),
        ),
    ),
    Rule(
        name="watching-within-free-tier",
        requirement="Alarms, dashboards and custom metrics are within what an account has for nothing.",
        rationale="Each costs little, nobody counts them, and together they cost more than what they watch.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Have fewer of them, or agree to what they cost.",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_billing.html",
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_is_within_the_free_tier,
        limits=(
            Limit(
                key="maxBeyondUsd",
                description="The most that they may cost beyond it in a month in US dollars, as text.",
                default="0.00",
                schema=USD,
            ),
        ),
    ),
)
