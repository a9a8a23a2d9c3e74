"""The CPU time of the rules over a very large plan, compared with that over a small one."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from time import process_time
from typing import Any

import pytest

from guardrails.aws import types
from guardrails.evaluation import evaluate
from guardrails.limits_source import Source
from guardrails.plan import Plan, Resource
from guardrails.report import report_json
from guardrails.results import Results
from guardrails.rules import RULES
from tests.policies.definitions import definition, task
from tests.policies.plans import resource

SMALL, LARGE = 125, 500
RESOURCES_PER_MACHINE = 25
# The square of four, with room for noise: a role that all machines share is read for each with all its policies.
MOST_TIMES = 24
OTHERS = [types.TOPIC, types.QUEUE, types.ROLE, types.POLICY, types.METRIC_ALARM, types.TOPIC_SUBSCRIPTION]

FEW_MACHINES = 40
FAILURES: dict[str, Any] = {
    "namespace": "AWS/States",
    "metricName": "ExecutionsFailed",
    "statistic": "Sum",
    "threshold": 1,
    "period": 60,
    "evaluationPeriods": 1,
    "comparisonOperator": "GreaterThanOrEqualToThreshold",
}
WATCHING: dict[str, Any] = {"namespace": "Own", "metricName": "Done", "evaluationPeriods": 1}


def machine_and_role(number: int, role: str) -> Iterator[Resource]:
    name = f"machine-{number}"
    tell = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"TopicArn": f"topic-{number}"},
    }
    states = {f"Tell{n}": {**tell, "Next": f"Tell{n + 1}"} for n in range(10)}
    text = json.dumps({"StartAt": "Tell0", "States": states})
    properties: dict[str, Any] = {"name": name, "definition": text, "roleArn": f"arn:aws:iam::1:role/{role}"}
    yield resource(types.STATE_MACHINE, name, **properties)
    actions = [f"sns:Publish{n}" for n in range(5)]
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
    yield resource(types.ROLE, role, name=role)
    for n in range(3):
        yield resource(types.ROLE_POLICY, f"policy-{number}-{n}", role=role, policy=policy)


def judging_seconds(count: int, *, shared: bool) -> float:
    """Return the CPU time of all rules over a plan of so many resources."""
    machines = range(count // RESOURCES_PER_MACHINE)
    named = [one for n in machines for one in machine_and_role(n, "role" if shared else f"role-{n}")]
    others = (
        resource(type_, f"{n}", name=f"other-{n}", topic=f"topic-{n}", **WATCHING)
        for n, type_ in enumerate(islice(cycle(OTHERS), count))
    )
    resources = {one.urn: one for one in (*named, *others)}
    plan, results = Plan(dict(islice(resources.items(), count))), Results()
    begun = process_time()
    for rule in RULES:
        for one in plan.of_type(*rule.resource_types):
            evaluate(rule, one, plan, results)
    return process_time() - begun


def scheduled_machines(count: int, region: str | None) -> Plan:
    """Return a plan of so many machines, each with a schedule and an alarm."""
    found = [resource(types.STACK, "stack")]
    for number in range(count):
        name = f"machine-{number}"
        arn = f"arn:aws:states:eu-west-1:123456789012:stateMachine:{name}"
        states = json.dumps(definition(Work=task()))
        found += [
            resource(types.STATE_MACHINE, name, name=name, arn=arn, region=region, definition=states),
            resource(
                types.SCHEDULE,
                f"start-{number}",
                region=region,
                scheduleExpression="rate(1 hour)",
                target={"arn": arn},
            ),
            resource(
                types.METRIC_ALARM,
                f"alarm-{number}",
                region=region,
                **FAILURES,
                dimensions={"StateMachineArn": arn},
            ),
        ]
    return Plan.of(found)


def reporting_seconds(count: int, region: str | None) -> float:
    """Return the CPU time of all rules and the report over a plan of so many scheduled machines."""
    plan, results = scheduled_machines(count, region), Results()
    begun = process_time()
    for rule in RULES:
        for one in plan.of_type(*rule.resource_types):
            evaluate(rule, one, plan, results)
    report_json(RULES, results, plan, Source(name="defaults"))
    return process_time() - begun


# Without a region nothing can be estimated, which each rule on costs asks.
@pytest.mark.parametrize("region", ["eu-west-1", None])
def test_four_times_the_scheduled_machines_cost_less_than_twelve_times(region: str | None) -> None:
    reporting_seconds(10, region)  # imports and caches
    small = min(reporting_seconds(FEW_MACHINES, region) for _ in range(2))
    large = min(reporting_seconds(4 * FEW_MACHINES, region) for _ in range(2))
    assert large < 12 * small


@pytest.mark.parametrize("shared", [True, False])
def test_four_times_the_resources_cost_no_more_than_the_square(shared: bool) -> None:
    judging_seconds(SMALL, shared=shared)  # imports and caches
    small = min(judging_seconds(SMALL, shared=shared) for _ in range(2))
    large = min(judging_seconds(LARGE, shared=shared) for _ in range(2))
    assert large < MOST_TIMES * small
