from typing import Any

import pytest

from components.settings import STAND_INS
from docs.deployer.actions import data, deployer_actions, preview_actions
from tests.components.deployment import deploy
from tests.stacks import values_of

TYPES = data()["types"]
RECORDED = {f"{service}:{action}" for service, actions in data()["recorded"].items() for action in actions}
# The Terraform AWS provider records API operations of `budgets`; IAM has these two actions for them.
BUDGETS = {"budgets:ViewBudget", "budgets:ModifyBudget"}


FULL = {
    **values_of("prod")["notifications"],
    "webhook": {"occasions": ["failed"]},
    "reservedConcurrency": 1,
}


@pytest.mark.parametrize(
    ("environment", "changes"),
    [
        ("dev", {}),
        ("prod", {"network": {"egress": "nat"}}),
        ("prod", {"network": {"egress": "endpoints"}, "worker": {"workload": "sample"}}),
        ("prod", {"secrets": STAND_INS, "notifications": FULL}),
    ],
)
def test_every_type_that_a_stack_creates_has_its_permissions(
    environment: str, changes: dict[str, Any]
) -> None:
    created = {
        resource.type
        for resource in deploy(environment, **changes).resources.values()
        if resource.type.startswith("aws:")
    }

    assert created <= TYPES.keys()


def test_the_deployer_may_make_all_recorded_calls_of_the_provider() -> None:
    assert deployer_actions(TYPES) >= RECORDED | BUDGETS


def test_a_function_can_be_deployed_updated_throttled_and_destroyed() -> None:
    # "Lambda API reference"; Lambda creates a grant for a customer managed key with the deployer's permissions.
    # Source: AWS Lambda Developer Guide, "Securing Lambda environment variables".
    assert {action for action in deployer_actions(TYPES) if action.startswith("lambda:")} == {
        "lambda:AddPermission",
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:DeleteFunctionConcurrency",
        "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetPolicy",
        "lambda:ListVersionsByFunction",
        "lambda:PutFunctionConcurrency",
        "lambda:RemovePermission",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    }
    assert deployer_actions(TYPES) >= {"kms:CreateGrant", "kms:Encrypt", "kms:Decrypt"}


def test_a_preview_may_make_all_recorded_read_calls_of_the_provider() -> None:
    read = {action for action in RECORDED if action.partition(":")[2].startswith(("Describe", "Get", "List"))}

    assert read | {"budgets:ViewBudget", "states:ValidateStateMachineDefinition"} <= preview_actions(TYPES)


def test_a_preview_changes_nothing_and_reads_no_secret_and_no_object() -> None:
    allowed = preview_actions(TYPES)

    assert {action.partition(":")[2][:3] for action in allowed} <= {"Des", "Get", "Lis", "Val", "Vie"}
    assert not allowed & {"secretsmanager:GetSecretValue", "s3:GetObject", "kms:Decrypt"}


def test_no_added_action_is_left_out() -> None:
    without = deployer_actions(TYPES)
    beside = {action for group in data()["beside"] for action in group["actions"]}

    assert beside <= without
    assert all(group["reason"].endswith(".") for group in [*data()["left_out"], *data()["beside"]])


def test_a_type_without_permissions_is_an_error() -> None:
    with pytest.raises(KeyError, match="aws:rds/instance:Instance"):
        deployer_actions(["aws:rds/instance:Instance"])
