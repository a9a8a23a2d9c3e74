import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from guardrails.aws.types import LOG_METRIC_FILTER, METRIC_ALARM, STACK
from guardrails.cost import for_rules
from guardrails.cost.estimate import estimate
from guardrails.cost.resources.cloudwatch_dashboards import DASHBOARD
from guardrails.cost.resources.vpc import NAT_GATEWAY
from guardrails.cost.resources.vpc_endpoints import ASSOCIATION, ENDPOINT
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.cost.machines import EAST, component
from tests.policies.cost.tables import ROUND, prices
from tests.policies.plans import passes, resource, rule, said, violations

NAT = rule("nat-gateways-allowed")
ENDPOINTS = rule("interface-endpoints-allowed")
WATCHING = rule("watching-within-free-tier")
STACK_ITSELF = resource(STACK, "stack")


def many(type_: str, count: int, **properties: Any) -> list[Resource]:
    return [resource(type_, f"it-{n}", provider=EAST, **properties) for n in range(count)]


def endpoint(name: str = "logs", **properties: Any) -> Resource:
    return resource(ENDPOINT, name, provider=EAST, **{"vpcEndpointType": "Interface", **properties})


@pytest.mark.parametrize(
    ("count", "most", "is_within"), [(0, 0, True), (1, 0, False), (2, 2, True), (3, 2, False)]
)
def test_nat_gateways_are_held_against_the_limit(count: int, most: int, is_within: bool) -> None:
    assert passes(NAT, STACK_ITSELF, *many(NAT_GATEWAY, count), maxNatGateways=most) is is_within


def test_the_message_names_the_cost_of_gateways() -> None:
    (violation,) = violations(NAT, STACK_ITSELF, *many(NAT_GATEWAY, 2))
    assert "2 NAT gateways (it-0, it-1) for $65.70 a month" in violation
    assert "maxNatGateways" in violation


@pytest.mark.parametrize(("most", "is_within"), [(3, False), (4, True)])
def test_endpoints_are_counted_in_each_of_their_subnets(most: int, is_within: bool) -> None:
    found = [endpoint(name, subnetIds=["a", "b"]) for name in ("logs", "states")]
    assert passes(ENDPOINTS, STACK_ITSELF, *found, maxEndpointZones=most) is is_within


def test_the_message_names_the_cost_of_endpoints() -> None:
    (violation,) = violations(ENDPOINTS, STACK_ITSELF, endpoint(subnetIds=["a", "b"]))
    assert "1 interface endpoint in 2 subnets altogether for $14.60 a month" in violation
    assert "maxEndpointZones" in violation


def test_a_gateway_endpoint_is_free() -> None:
    assert passes(
        ENDPOINTS, STACK_ITSELF, endpoint(vpcEndpointType="Gateway"), endpoint("s3", vpcEndpointType=None)
    )


@pytest.mark.parametrize("subnets", [UNKNOWN, None])
def test_unknown_subnets_are_refused(subnets: Any) -> None:
    (violation,) = violations(ENDPOINTS, STACK_ITSELF, endpoint(subnetIds=subnets))
    assert "the number of subnets of logs, each of which is billed, is not known" in violation


def test_subnets_that_join_an_endpoint_are_held_against_the_limit() -> None:
    new = endpoint(subnetIds=[])
    joins = resource(
        ASSOCIATION, vpcEndpointId=UNKNOWN, subnetId="a", sources={"vpcEndpointId": (new,)}, provider=EAST
    )
    assert passes(ENDPOINTS, STACK_ITSELF, new, joins, maxEndpointZones=1)
    assert "in 1 subnet altogether" in violations(ENDPOINTS, STACK_ITSELF, new, joins)[0]


@pytest.mark.parametrize(
    ("type_", "count", "is_within"),
    [(METRIC_ALARM, 10, True), (METRIC_ALARM, 11, False), (DASHBOARD, 3, True), (DASHBOARD, 4, False)],
)
def test_usage_beyond_the_free_tier_is_reported(type_: str, count: int, is_within: bool) -> None:
    assert passes(WATCHING, STACK_ITSELF, *many(type_, count)) is is_within


def test_each_kind_beyond_the_free_tier_is_reported_with_its_cost() -> None:
    alarms, dashboards = violations(WATCHING, STACK_ITSELF, *many(METRIC_ALARM, 14), *many(DASHBOARD, 4))
    assert "14 alarm metrics are 4 more than the 10" in alarms
    assert "$0.40 a month" in alarms
    assert "4 dashboards are 1 more than the 3" in dashboards
    assert "$3.00 a month" in dashboards
    assert "maxBeyondUsd" in dashboards


@pytest.mark.parametrize(("metrics", "is_within"), [(50, True), (51, False)])
def test_a_dashboard_is_free_with_at_most_50_metrics(metrics: int, is_within: bool) -> None:
    rows: list[list[object]] = [["AWS/SQS", "NumberOfMessagesSent", "QueueName", "0", {"stat": "Sum"}]]
    # The same metric with another statistic is the same metric, and `...` repeats the fields of the row above.
    rows += [["...", str(queue)] for queue in range(metrics)]
    rows += [[{"expression": "SUM(METRICS())"}]]
    body = json.dumps({"widgets": [{"type": "metric", "properties": {"metrics": rows}}]})
    assert passes(WATCHING, STACK_ITSELF, resource(DASHBOARD, dashboardBody=body, provider=EAST)) is is_within


@pytest.mark.parametrize(("most", "is_within"), [("0.39", False), ("0.40", True)])
def test_so_much_beyond_it_is_agreed_to(most: str, is_within: bool) -> None:
    assert passes(WATCHING, STACK_ITSELF, *many(METRIC_ALARM, 14), maxBeyondUsd=most) is is_within


def test_metrics_of_container_insights_are_custom_metrics_too() -> None:
    declares = component(month={"container_insights_metric_month": 3})
    on = [{"name": "containerInsights", "value": "enabled"}]
    cluster = resource("aws:ecs/cluster:Cluster", "cluster", settings=on, parent=declares, provider=EAST)
    filters = many(LOG_METRIC_FILTER, 9, metricTransformation={"name": "errors"})
    (told,) = violations(WATCHING, STACK_ITSELF, *filters, cluster, declares)
    assert "12 custom metrics are 2 more than the 10" in told
    assert "$0.60 a month" in told


def test_a_stack_that_watches_nothing_has_nothing_beyond() -> None:
    assert said(WATCHING, STACK_ITSELF, *many("aws:kms/key:Key", 1)).outcome is Outcome.NOT_APPLICABLE


def test_a_resource_without_a_price_in_its_region_is_not_reported_as_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without = {key: usd for key, usd in ROUND.items() if not key.startswith(("nat_", "vpc_"))}
    monkeypatch.setattr(for_rules, "estimate", partial(estimate, tables=lambda _: prices(**without)))
    elsewhere = {"region": "eu-west-9"}
    (gateways,) = violations(NAT, STACK_ITSELF, resource(NAT_GATEWAY, "nat", provider=elsewhere))
    assert "1 NAT gateway (nat) at an unknown price before any traffic" in gateways
    (endpoints,) = violations(ENDPOINTS, STACK_ITSELF, replace(endpoint(subnetIds=["a"]), provider=elsewhere))
    assert "in 1 subnet altogether at an unknown price before any traffic" in endpoints


def test_an_endpoint_of_a_gateway_load_balancer_is_held_against_the_limit() -> None:
    assert violations(
        ENDPOINTS, STACK_ITSELF, endpoint(vpcEndpointType="GatewayLoadBalancer", subnetIds=["a"])
    )


def test_nat_gateways_are_counted_even_if_their_prices_are_not_known() -> None:
    nowhere = resource(NAT_GATEWAY)
    assert said(NAT, STACK_ITSELF, nowhere).outcome is Outcome.NOT_APPLICABLE
    assert passes(NAT, STACK_ITSELF, nowhere, maxNatGateways=1)
