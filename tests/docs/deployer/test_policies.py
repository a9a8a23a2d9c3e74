import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from docs.deployer.actions import data, deployer_actions, preview_actions
from docs.deployer.page import COUNTS, KINDS, policies
from docs.deployer.policies import MAX_CHARACTERS, MAX_POLICIES, anywhere_reason, characters
from tests.components.deployment import deployed

STACKS = ["dev", "prod", "local"]
# The service of an ARN, the text between the account and the name, and the input that has the name.
NAMED = {
    "aws:budgets/budget:Budget": ("budgets", "budget/", "name"),
    "aws:cloudwatch/dashboard:Dashboard": ("cloudwatch", "dashboard/", "dashboardName"),
    "aws:cloudwatch/eventRule:EventRule": ("events", "rule/", "name"),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "log-group:", "name"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("cloudwatch", "alarm:", "name"),
    "aws:ecr/repository:Repository": ("ecr", "repository/", "name"),
    "aws:ecs/cluster:Cluster": ("ecs", "cluster/", "name"),
    "aws:ecs/taskDefinition:TaskDefinition": ("ecs", "task-definition/", "family"),
    "aws:iam/role:Role": ("iam", "role/", "name"),
    "aws:kms/alias:Alias": ("kms", "", "name"),
    "aws:lambda/function:Function": ("lambda", "function:", "name"),
    "aws:s3/bucket:Bucket": ("s3", "", "bucket"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": ("scheduler", "schedule-group/", "name"),
    "aws:secretsmanager/secret:Secret": ("secretsmanager", "secret:", "name"),
    "aws:sfn/stateMachine:StateMachine": ("states", "stateMachine:", "name"),
    "aws:sns/topic:Topic": ("sns", "", "name"),
    "aws:sqs/queue:Queue": ("sqs", "", "name"),
    "aws:ssm/parameter:Parameter": ("ssm", "parameter", "name"),
}
# The suffix that AWS adds to a name.
ADDED = {"aws:secretsmanager/secret:Secret": "-AbCdEf", "aws:ecs/taskDefinition:TaskDefinition": ":1"}


def statements(kind: str, stack: str) -> list[dict[str, Any]]:
    return [statement for policy in policies(kind, stack) for statement in policy["Statement"]]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_fits_into_iam(kind: str, stack: str) -> None:
    found = policies(kind, stack)

    assert len(found) == COUNTS[kind] <= MAX_POLICIES
    for policy in found:
        assert characters(policy) <= MAX_CHARACTERS
        sids = [statement["Sid"] for statement in policy["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(sid.isalnum() for sid in sids)


@pytest.mark.parametrize(("kind", "wanted"), [("deploy", deployer_actions), ("preview", preview_actions)])
def test_together_they_allow_each_action_once_and_no_other(kind: str, wanted: Any) -> None:
    allowed: list[str] = []
    for statement in statements(kind, "prod"):
        actions = statement["Action"]
        allowed += [actions] if isinstance(actions, str) else actions

    assert sorted(allowed) == sorted(wanted(data()["types"]))


@pytest.mark.parametrize("kind", KINDS)
def test_no_action_has_a_wildcard_and_each_statement_on_all_resources_has_a_reason(kind: str) -> None:
    for statement in statements(kind, "prod"):
        assert "*" not in json.dumps(statement["Action"])
        if statement["Resource"] == "*":
            assert anywhere_reason(statement)


def test_ec2_is_limited_to_the_region() -> None:
    found = [statement for statement in statements("deploy", "prod") if statement["Sid"] == "Ec2Anywhere"]

    assert found[0]["Condition"] == {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


def test_roles_are_passed_only_to_the_services_of_the_stack() -> None:
    (statement,) = [found for found in statements("deploy", "prod") if found["Action"] == "iam:PassRole"]
    assert statement["Resource"] == ["arn:aws:iam::222222222222:role/ccapi-*-prod"]

    trusting = {
        principal
        for role in deployed("prod").of_type("aws:iam/role:Role")
        for trust in json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        for principal in [trust["Principal"]["Service"]]
    }
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": sorted(trusting)}}


@pytest.mark.parametrize("stack", STACKS)
def test_every_name_of_a_stack_is_within_its_scope(stack: str) -> None:
    limits = [
        arn.split(":", 5)
        for statement in statements("deploy", stack)
        if isinstance(statement["Resource"], list)
        for arn in statement["Resource"]
    ]
    for type_, (service, beginning, key) in NAMED.items():
        found = deployed(stack).of_type(type_)
        assert found, type_
        for resource in found:
            name = f"{beginning}{resource.inputs[key]}{ADDED.get(type_, '')}"
            assert any(limit[2] == service and fnmatchcase(name, limit[5]) for limit in limits), (
                f"{type_} {name}"
            )
