import json
from dataclasses import replace
from typing import Any

import pytest

from components.resources.encryption import key_document
from components.settings.names import Names
from tests.components.deployment import deployed
from tests.stacks import ENVIRONMENTS, names_of

KEY = "arn:made:aws:kms/key:Key:ccapi-encryption"


def statements(names: Names) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(key_document(names))["Statement"]}


@pytest.mark.parametrize(
    ("region", "elsewhere"),
    [
        ("us-east-1", {"budgets.amazonaws.com", "logs.us-east-1.amazonaws.com"}),
        # The partitions without Budgets; in China only the principal of logs has China's domain.
        ("us-gov-west-1", {"logs.us-gov-west-1.amazonaws.com"}),
        ("cn-north-1", {"logs.cn-north-1.amazonaws.com.cn"}),
    ],
)
def test_only_the_services_that_use_the_key_directly_may_use_it(region: str, elsewhere: set[str]) -> None:
    services = [
        statement["Principal"]["Service"]
        for statement in statements(replace(names_of("prod"), region=region)).values()
        if "Service" in statement["Principal"]
    ]
    # "Key management" in the SNS developer guide; services that act for a caller, such as S3 or SQS, need no
    # statement.
    assert sorted(services) == sorted(
        {"cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"} | elsewhere
    )


def test_the_account_itself_keeps_the_key_under_its_own_rules() -> None:
    account = statements(names_of("prod"))["AccountDecides"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}


@pytest.mark.parametrize(
    ("sid", "source"),
    [
        ("AlarmsToTopics", {}),
        ("BudgetToTopics", {"ArnLike": {"aws:SourceArn": "arn:aws:budgets::222222222222:*"}}),
        ("TopicsToQueues", {}),
    ],
)
def test_a_service_may_only_act_for_this_account(sid: str, source: dict[str, Any]) -> None:
    statement = statements(names_of("prod"))[sid]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "222222222222"}, **source}
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_events_come_without_a_condition_since_with_one_none_arrives() -> None:
    statement = statements(names_of("prod"))["EventsToQueues"]
    assert "Condition" not in statement
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_only_logs_of_this_account_and_region_may_use_the_key() -> None:
    statement = statements(names_of("prod"))["Logs"]
    arn = "arn:aws:logs:us-east-1:222222222222:log-group:*"
    assert statement["Condition"] == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}}
    # "Encrypt log data in CloudWatch Logs using AWS Key Management Service", step 2.
    assert set(statement["Action"]) == {
        "kms:Decrypt",
        "kms:Describe*",
        "kms:Encrypt*",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_new_key_is_made_every_year_and_a_deleted_one_can_be_had_back_for_a_month(environment: str) -> None:
    inputs = deployed(environment).the("aws:kms/key:Key").inputs
    assert inputs["enableKeyRotation"] is True
    assert inputs["deletionWindowInDays"] == 30


def test_the_key_has_the_alias_by_which_roles_name_it() -> None:
    alias = deployed("prod").the("aws:kms/alias:Alias").inputs
    assert alias == {"name": "alias/ccapi-prod", "targetKeyId": "ccapi-encryption-key-id"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    ("type_", "property_", "count"),
    [
        ("aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", 4),
        ("aws:secretsmanager/secret:Secret", "kmsKeyId", 1),
        ("aws:lambda/function:Function", "kmsKeyArn", 1),
        ("aws:sns/topic:Topic", "kmsMasterKeyId", 3),
        ("aws:sqs/queue:Queue", "kmsMasterKeyId", 3),
    ],
)
def test_messages_logs_and_secrets_are_encrypted_with_the_key(
    environment: str, type_: str, property_: str, count: int
) -> None:
    assert [item.inputs[property_] for item in deployed(environment).of_type(type_)] == [KEY] * count


@pytest.mark.parametrize(
    "role", ["reporter", "scheduler", "step-functions", "watch", "watch-scheduler", "worker"]
)
def test_a_role_that_uses_encrypted_resources_may_use_the_key_of_the_stack_and_no_other(role: str) -> None:
    policies = deployed("prod").of_type("aws:iam/rolePolicy:RolePolicy")
    (policy,) = (item.policy() for item in policies if item.inputs["name"] == names_of("prod").role(role))
    (use,) = (item for item in policy["Statement"] if any(name.startswith("kms:") for name in item["Action"]))
    assert use["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert use["Resource"] == ["arn:aws:kms:us-east-1:222222222222:key/*"]
    assert use["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/ccapi-prod"}}
