import json
from typing import Any

import pytest

from components.encryption import key_document
from components.names import Names
from tests.stacks import names_of


def statements(names: Names) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(key_document(names))["Statement"]}


def test_exactly_the_services_that_use_the_key_for_themselves_may() -> None:
    services = {
        statement["Principal"]["Service"]
        for statement in statements(names_of("prod")).values()
        if "Service" in statement["Principal"]
    }
    # "Key management" in the SNS developer guide; what acts for a caller, such as S3 or SQS, needs no statement.
    assert services == {
        "budgets.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "logs.us-east-1.amazonaws.com",
        "sns.amazonaws.com",
    }


def test_the_account_itself_keeps_the_key_under_its_own_rules() -> None:
    account = statements(names_of("prod"))["AccountDecides"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}


@pytest.mark.parametrize("sid", ["AlarmsToTopics", "BudgetToTopics", "TopicsToQueues"])
def test_a_service_may_only_act_for_this_account(sid: str) -> None:
    statement = statements(names_of("prod"))[sid]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "222222222222"}}
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_logs_may_only_be_those_of_this_account_and_region() -> None:
    statement = statements(names_of("prod"))["Logs"]
    arn = "arn:aws:logs:us-east-1:222222222222:log-group:*"
    assert statement["Condition"] == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}}
