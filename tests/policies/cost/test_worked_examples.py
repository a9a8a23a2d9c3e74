"""Estimates that a person can work out by hand, from the prices of us-east-1."""

from decimal import Decimal

from guardrails.aws.types import METRIC_ALARM
from guardrails.cost.bill import Case
from guardrails.cost.estimate import Estimate, estimate
from guardrails.cost.resources.cloudwatch_dashboards import DASHBOARD
from guardrails.cost.resources.vpc import NAT_GATEWAY
from guardrails.cost.resources.vpc_endpoints import ENDPOINT
from guardrails.plan import Plan, Resource
from tests.policies.cost.machines import EAST, WORKER, component, machine_in, run_task, schedule_of
from tests.policies.plans import resource


def estimated(*resources: Resource) -> Estimate:
    return estimate(Plan.of(resources, (one for one in resources if not one.type.startswith("aws:"))))


def weekly_pipeline() -> Estimate:
    declares = component(seconds={"Work": 5400})
    machine = machine_in(declares, "pipeline", Work=run_task(7200))
    named = Resource(**{**vars(machine), "properties": {**machine.properties, "name": "pipeline"}})
    return estimated(named, WORKER, declares, schedule_of(named, "cron(0 6 ? * MON *)"))


def test_two_vcpu_and_four_gb_for_an_hour_and_a_half_each_week() -> None:
    found = weekly_pipeline()
    (machine,) = found.machines
    # An hour: 2 vCPU x 0.04048 + 4 GB x 0.004445 = 0.08096 + 0.01778 = 0.09874, and not 0.045.
    hour = Decimal("0.09874")
    # A run: 1.5 h, and one state transition of 0.025 per thousand.
    run = Decimal("1.5") * hour + Decimal("0.000025")
    assert machine.runs[Case.EXPECTED].total == run == Decimal("0.148135")
    # A month: 365.25 / 12 / 7 = 4.348214... runs, and as many starts of 1.00 per million.
    runs = Decimal("365.25") / 12 / 7
    month = found.month(Case.EXPECTED).total
    assert abs(month - runs * (run + Decimal("0.000001"))) < Decimal("1e-20")
    assert round(month, 4) == Decimal("0.6441")


def test_the_same_at_its_worst_takes_its_whole_timeout() -> None:
    # 2 h x 0.09874 + 0.000025
    assert weekly_pipeline().machines[0].runs[Case.WORST].total == Decimal("0.197505")


def test_a_nat_gateway_and_endpoints_in_two_zones_cost_more_than_everything_else() -> None:
    zones = ("a", "b")
    found = estimated(
        *(resource(NAT_GATEWAY, f"nat-{zone}", provider=EAST) for zone in zones),
        *(resource("aws:ec2/eip:Eip", f"nat-{zone}", provider=EAST) for zone in zones),
        *(
            resource(ENDPOINT, name, vpcEndpointType="Interface", subnetIds=list(zones), provider=EAST)
            for name in ("ecr-api", "ecr-dkr", "logs", "secretsmanager")
        ),
        resource(DASHBOARD, "dashboard", provider=EAST),
        resource("aws:kms/key:Key", "key", provider=EAST),
        *(
            resource("aws:secretsmanager/secret:Secret", name, provider=EAST)
            for name in ("earth-engine", "channels")
        ),
        *(resource(METRIC_ALARM, f"alarm-{n}", provider=EAST) for n in range(5)),
    )
    # 2 NAT gateways    x 730 h x 0.045  = 65.70
    # 2 addresses       x 730 h x 0.005  =  7.30
    # 4 endpoints x 2 zones x 730 h x 0.01 = 58.40
    # 1 dashboard 3.00, 1 key 1.00, 2 secrets 0.80, 5 alarms 0.50 = 5.30
    assert found.fixed.total == Decimal("136.70")
    # The network is 131.40 of it; the dashboard and the alarms are within the free tier.
    assert found.month(Case.EXPECTED, free_tier=True).total == Decimal("136.70") - 3 - Decimal("0.50")
