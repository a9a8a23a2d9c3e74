"""The three stack files of the checkout, planned offline by the real engine without existing resources."""

from collections.abc import Callable
from functools import cache

import pytest
from pulumi.automation.events import OpType

from tests.components.guardrails import unknown_to_guardrails
from tests.golden_files import FOLDER
from tests.previews.workspace import EngineEvents, Workspace
from tests.stacks import ENVIRONMENTS

Plan = Callable[[str], EngineEvents]


@pytest.fixture(scope="module")
def planned(offline: Callable[[str], Workspace]) -> Plan:
    return cache(lambda environment: offline(environment).preview())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_that_a_guardrail_reads_is_unknown(environment: str, planned: Plan) -> None:
    assert unknown_to_guardrails(planned(environment).inputs) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_engine_plans_the_resources_of_the_golden_file(environment: str, planned: Plan) -> None:
    golden = (FOLDER / f"urns.{environment}.txt").read_text(encoding="utf-8")
    assert planned(environment).tree == golden


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_first_preview_creates_everything(environment: str, planned: Plan) -> None:
    operations = [operation for operation, _ in planned(environment).changes]
    assert set(operations) == {OpType.CREATE}
    assert len(operations) >= 60


def test_only_prod_is_kept_from_deletion(planned: Plan) -> None:
    protected = {
        environment: [state.type for state in planned(environment).resources.values() if state.protect]
        for environment in ENVIRONMENTS
    }
    assert protected["dev"] == protected["local"] == []
    assert sorted(protected["prod"]) == [
        "aws:ecr/repository:Repository",
        "aws:kms/key:Key",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucket:Bucket",
        "aws:secretsmanager/secret:Secret",
    ]
