from decimal import Decimal
from typing import Any

import pytest

from guardrails.cost.bill import Bill, Case
from guardrails.cost.estimate import estimate
from guardrails.cost.resources.ecs import SERVICE
from guardrails.cost.resources.pricing import SCALABLE_TARGET, SCHEDULED_ACTION
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.cost.machines import EAST, WORKER
from tests.policies.cost.tables import TABLE
from tests.policies.plans import resource

MONTH = Decimal(730)
# 2 vCPU x 0.04 + 4 GB x 0.005, and on Spot 2 x 0.01 + 4 x 0.001
ON_DEMAND, SPOT = MONTH * Decimal("0.1"), MONTH * Decimal("0.024")


def service(**changes: Any) -> Resource:
    properties = {"name": "api", "launchType": "FARGATE", "taskDefinition": "worker:3", "desiredCount": 2}
    return resource(SERVICE, "api", provider=EAST, **{**properties, **changes})


def target(**properties: Any) -> Resource:
    known = {"serviceNamespace": "ecs", "resourceId": "service/cluster/api", "maxCapacity": 5}
    return resource(SCALABLE_TARGET, provider=EAST, **{**known, **properties})


def months(*resources: Resource) -> list[Bill]:
    found = estimate(Plan.of([WORKER, *resources]), tables=lambda _: TABLE)
    return [found.month(case) for case in Case]


def totals(*resources: Resource) -> list[Decimal]:
    return [month.total for month in months(*resources)]


def on_spot(provider: str) -> dict[str, Any]:
    return {"launchType": None, "capacityProviderStrategies": [{"capacityProvider": provider, "weight": 1}]}


def test_a_service_is_billed_for_its_tasks_all_month() -> None:
    assert totals(service()) == [2 * ON_DEMAND, 2 * ON_DEMAND]
    assert totals(service(desiredCount=None)) == [0, 0]


def test_a_public_address_is_billed_with_each_task() -> None:
    public = service(desiredCount=1, networkConfiguration={"assignPublicIp": True})
    assert totals(public)[0] == ON_DEMAND + MONTH * Decimal("0.005")


def test_a_service_on_spot_costs_at_worst_the_on_demand_price() -> None:
    assert totals(service(**on_spot("FARGATE_SPOT"))) == [2 * SPOT, 2 * ON_DEMAND]
    assert totals(service(**on_spot("FARGATE"))) == [2 * ON_DEMAND, 2 * ON_DEMAND]


def test_at_worst_a_service_has_scaled_to_its_most() -> None:
    assert totals(service(), target()) == [2 * ON_DEMAND, 5 * ON_DEMAND]
    assert totals(service(), target(maxCapacity=1)) == [2 * ON_DEMAND, 2 * ON_DEMAND]
    assert totals(service(), target(resourceId="service/cluster/other")) == [2 * ON_DEMAND, 2 * ON_DEMAND]


def test_at_worst_a_scheduled_action_has_scaled_a_service() -> None:
    def scheduled(**capacities: int) -> Resource:
        properties: dict[str, Any] = {"serviceNamespace": "ecs", "resourceId": "service/cluster/api"}
        return resource(
            SCHEDULED_ACTION, "peak", provider=EAST, scalableTargetAction=capacities, **properties
        )

    assert totals(service(), target(), scheduled(maxCapacity=9)) == [2 * ON_DEMAND, 9 * ON_DEMAND]
    assert totals(service(), target(), scheduled(minCapacity=8)) == [2 * ON_DEMAND, 8 * ON_DEMAND]
    assert totals(service(), target(), scheduled(maxCapacity=3)) == [2 * ON_DEMAND, 5 * ON_DEMAND]


def test_a_target_of_another_namespace_is_no_service() -> None:
    table = target(serviceNamespace="dynamodb", resourceId=UNKNOWN, maxCapacity=40_000)
    assert totals(service(), table) == [2 * ON_DEMAND, 2 * ON_DEMAND]


def test_a_target_that_is_not_known_yet_is_the_service_that_it_comes_from() -> None:
    api, other = service(), resource(SERVICE, "other", name="other", provider=EAST)
    of_other = target(resourceId=UNKNOWN, sources={"resourceId": (other,)})
    assert totals(api, other, of_other)[1] == 2 * ON_DEMAND
    assert totals(api, target(resourceId=UNKNOWN))[1] == 5 * ON_DEMAND


@pytest.mark.parametrize(
    ("properties", "what"),
    [
        ({"desiredCount": UNKNOWN}, "how many tasks it runs"),
        ({"taskDefinition": "elsewhere"}, "a task definition that is not in the plan"),
        ({"launchType": "EC2"}, "the instances that it runs on"),
        (on_spot("instances"), "the instances that it runs on"),
    ],
)
def test_the_unknown_facts_of_a_service_are_reported(properties: dict[str, Any], what: str) -> None:
    for month in months(service(**properties)):
        assert what in [line.depends_on for line in month.unknown]


def test_a_service_with_an_unknown_maximum_has_no_upper_bound() -> None:
    expected, worst = months(service(), target(maxCapacity=UNKNOWN))
    assert not expected.unbounded
    assert [line.depends_on for line in worst.unbounded] == ["how many tasks it runs"]
    assert worst.total == expected.total
