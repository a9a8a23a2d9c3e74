"""How long the rules take over a plan that is as large as they come."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from time import process_time
from typing import Any

import pytest

from guardrails.assessment import assess
from guardrails.aws import types
from guardrails.ledger import Ledger
from guardrails.plan import Plan, Resource
from guardrails.rules import RULES
from tests.policies.plans import resource

RESOURCES, MACHINES = 1_000, 40
SECONDS = 3.0
OTHERS = [types.TOPIC, types.QUEUE, types.ROLE, types.POLICY, types.METRIC_ALARM, types.TOPIC_SUBSCRIPTION]

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


@pytest.mark.parametrize("shared", [True, False])
def test_a_thousand_resources_are_judged_in_seconds(shared: bool) -> None:
    named = [one for n in range(MACHINES) for one in machine_and_role(n, "role" if shared else f"role-{n}")]
    others = (
        resource(type_, f"{n}", name=f"other-{n}", topic=f"topic-{n}", **WATCHING)
        for n, type_ in enumerate(islice(cycle(OTHERS), RESOURCES))
    )
    resources = {one.urn: one for one in (*named, *others)}
    plan, ledger = Plan(dict(islice(resources.items(), RESOURCES))), Ledger()
    begun = process_time()
    for rule in RULES:
        for one in plan.of_type(*rule.judges):
            assess(rule, one, plan, ledger)
    assert process_time() - begun < SECONDS
