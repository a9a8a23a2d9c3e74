import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guardrails.__main__ import main
from guardrails.aws.types import FUNCTION, SCHEDULE, STACK, TOPIC
from guardrails.cost.bill import Case
from guardrails.cost.estimate import EstimateError, estimate
from guardrails.evaluation import evaluate
from guardrails.plan import Plan, Resource
from guardrails.results import Outcome, Results
from tests.policies.cost.machines import EAST, WORKER, definition
from tests.policies.plans import machine, passes, resource, rule, violations

Capture = pytest.CaptureFixture[str]
QUEUE = """{"steps": [{"newState": {"urn": "urn:pulumi:dev::p::aws:sqs/queue:Queue::q",
  "type": "aws:sqs/queue:Queue", "inputs": {"a": VALUE}}}]}"""
WORST, PRICED = rule("month-cost-worst-within-limit"), rule("resources-priced")


def lines(*resources: Resource) -> dict[str, Decimal | None]:
    return {line.key: line.quantity for line in estimate(Plan.of(resources)).month(Case.EXPECTED).lines}


@pytest.mark.parametrize(
    ("type_", "month"),
    [
        ("aws:s3/bucket:Bucket", {"s3_put_request": 1000, "data_out_gb": 5}),
        (FUNCTION, {"lambda_request": 10, "lambda_x86_gb_second": 400}),
        (TOPIC, {"sns_email_delivery": 500}),
        ("aws:lb/loadBalancer:LoadBalancer", {"elb_application_lcu_hour": 730}),
        ("aws:ec2/natGateway:NatGateway", {"nat_gateway_gb": 300, "data_out_gb": 300}),
        ("aws:ecr/repository:Repository", {"ecr_gb_month": 50, "data_out_gb": 50}),
        ("aws:ec2/vpnConnection:VpnConnection", {"data_out_gb": 50}),
    ],
)
def test_declared_usage_that_aws_bills_is_billed(type_: str, month: dict[str, int]) -> None:
    found = lines(resource(type_, "it", provider=EAST, expected={"month": month}))
    assert {key: found[key] for key in month} == month


@pytest.mark.parametrize(
    ("type_", "expected", "named"),
    [
        ("aws:s3/bucket:Bucket", {"month": {"kms_request": 5}}, "it declares month.kms_request"),
        ("aws:ec2/natGateway:NatGateway", {"month": {"nat_gateway_hour": 5}}, "month.nat_gateway_hour"),
        ("aws:sqs/queue:Queue", {"starts": 4}, "it declares starts"),
        ("aws:sqs/queue:Queue", {"month": {"sqs_standard_request": -1}}, "which is no quantity"),
        ("aws:sqs/queue:Queue", {"month": {"sqs_standard_request": "1e400"}}, "which is no quantity"),
    ],
)
def test_declared_usage_that_no_line_takes_is_refused_by_name(type_: str, expected: Any, named: str) -> None:
    with pytest.raises(EstimateError, match=named):
        lines(resource(type_, "it", provider=EAST, expected=expected))


def test_a_task_of_a_schedule_costs_its_declared_duration() -> None:
    schedule = resource(
        SCHEDULE,
        "nightly",
        scheduleExpression="rate(1 day)",
        target={"arn": "arn:aws:ecs:us-east-1:1:cluster/c", "ecsParameters": {"taskDefinitionArn": "worker"}},
        provider=EAST,
    )
    assert estimate(Plan.of([schedule, WORKER])).month(Case.WORST).unbounded
    timed = resource(
        SCHEDULE, "nightly", **schedule.properties, provider=EAST, expected={"seconds": {"nightly": 3600}}
    )
    worst = estimate(Plan.of([timed, WORKER])).month(Case.WORST)
    # 2 vCPU for an hour on each of 31 days.
    assert (worst.quantity_of("fargate_x86_vcpu_hour"), bool(worst.unbounded)) == (Decimal(62), False)


def test_an_express_machine_costs_its_declared_duration() -> None:
    fast = machine(
        definition(Done={"Type": "Succeed"}),
        "fast",
        type="EXPRESS",
        provider=EAST,
        expected={"starts": 10, "run": {"sfn_express_gb_second": 2}},
    )
    worst = estimate(Plan.of([fast])).month(Case.WORST)
    assert (worst.quantity_of("sfn_express_gb_second"), bool(worst.unbounded)) == (Decimal(20), False)


def test_the_month_rule_refuses_a_resource_without_a_price_until_the_named_limit_accepts_its_type() -> None:
    stack, big = resource(STACK, "stack"), resource("aws:redshift/cluster:Cluster", "big", provider=EAST)
    (violation,) = violations(WORST, stack, big)
    assert "big depends on the price of aws:redshift/cluster:Cluster" in violation
    assert "name the type in pricedElsewhere of resources-priced" in violation
    assert passes(WORST, stack)

    plan, results = Plan.of([stack, big]), Results()
    limits = {"pricedElsewhere": [big.type]}
    assert evaluate(PRICED, stack, plan, results, limits).outcome is Outcome.PASSED
    assert evaluate(WORST, stack, plan, results).outcome is Outcome.PASSED


def test_a_preview_that_failed_and_a_circular_parent_are_refused(tmp_path: Path, capsys: Capture) -> None:
    path, urn = tmp_path / "plan.json", "urn:pulumi:dev::p::aws:sqs/queue:Queue::q"
    for written, said in (
        (
            {"steps": [], "diagnostics": [{"severity": "error", "message": "no such image\n"}]},
            "no such image",
        ),
        (
            {"steps": [{"newState": {"urn": urn, "type": "aws:sqs/queue:Queue", "parent": urn}}]},
            "its own ancestor",
        ),
    ):
        path.write_text(json.dumps(written), encoding="utf-8")
        assert main(["cost", str(path)]) == 1
        assert said in capsys.readouterr().err
    for number in ("NaN", "1e400"):
        path.write_text(QUEUE.replace("VALUE", number))
        assert main(["cost", str(path)]) == 1
        assert "a number that is none" in capsys.readouterr().err
    deep = "[" * 500 + "]" * 500
    path.write_text(QUEUE.replace("VALUE", deep))
    assert main(["cost", str(path), "--region", "us-east-1"]) in (0, 1)
