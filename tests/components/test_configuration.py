import json

import pulumi
import pytest

from tests.components.deployment import deploy, deployed
from tests.stacks import ENVIRONMENTS, settings_of

PROVIDER = "pulumi:providers:aws"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_provider_works_on_the_stacks_account_and_no_other(environment: str) -> None:
    provider = deployed(environment).the(PROVIDER)
    assert json.loads(provider.inputs["allowedAccountIds"]) == [settings_of(environment).account]
    assert provider.inputs["region"] == "us-east-1"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_whatever_can_carry_tags_says_whose_it_is(environment: str) -> None:
    tags = json.loads(deployed(environment).the(PROVIDER).inputs["defaultTags"])["tags"]
    assert tags == {"Project": "ccapi", "Environment": environment, "ManagedBy": "pulumi"}


def test_what_the_stack_file_says_of_aws_reaches_the_provider() -> None:
    inputs = deployed("local").the(PROVIDER).inputs
    (endpoints,) = json.loads(inputs["endpoints"])
    assert endpoints["sfn"] == "http://127.0.0.1:4566"
    assert inputs["s3UsePathStyle"] == "true"


def test_only_the_local_stack_has_endpoints_of_its_own() -> None:
    assert "endpoints" not in deployed("dev").the(PROVIDER).inputs
    assert "endpoints" not in deployed("prod").the(PROVIDER).inputs


def test_a_bad_stack_file_is_told_without_a_traceback() -> None:
    with pytest.raises(
        pulumi.RunError, match=r"ccapi:worker\.shards: 41 is above the highest value"
    ) as caught:
        deploy("dev", worker={"workload": "sample", "shards": 41})
    assert caught.value.__cause__ is None


def test_an_account_without_quotes_is_read_as_text() -> None:
    assert "222222222222" in deploy("dev", account="222222222222").the(PROVIDER).inputs["allowedAccountIds"]
