from dataclasses import fields
from typing import get_type_hints

import pytest

from components.outputs import Outputs
from tests.components.deployment import UNKNOWN, deployed, previewed
from tests.stacks import ENVIRONMENTS, names_of, settings_of

DESCRIPTIONS = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Outputs, include_extras=True).items()
}

# The outputs that the guide's commands and other programs read.
GUIDE = {
    "aws_region",
    "dashboard_name",
    "dlq_url",
    "eventbridge_schedule_name",
    "gee_credentials_secret_arn",
    "kms_key_id",
    "pipeline_failure_topic_arn",
    "pipeline_success_topic_arn",
    "step_functions_state_machine_arn",
    "vpc_id",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_stack_exports_what_is_declared_and_nothing_else(environment: str) -> None:
    assert set(deployed(environment).outputs) == {field.name for field in fields(Outputs)}


def test_the_outputs_of_the_guide_are_among_them() -> None:
    assert set(deployed("prod").outputs) >= GUIDE


@pytest.mark.parametrize("name", sorted(DESCRIPTIONS))
def test_each_output_is_described_in_a_sentence(name: str) -> None:
    assert DESCRIPTIONS[name][0].isupper()
    assert DESCRIPTIONS[name].endswith(".")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_output_is_text_once_the_stack_is_there(environment: str) -> None:
    for name, value in deployed(environment).outputs.items():
        assert isinstance(value, str), name
        # There is no topic for alarms only, since no stack file names an address for it.
        assert bool(value) is (name != "pipeline_alarms_topic_arn"), name
        assert UNKNOWN not in value, name


def test_an_output_is_the_resource_that_it_is_named_after() -> None:
    outputs = deployed("prod").outputs
    made = "arn:made:aws:{}:{}".format
    assert outputs["step_functions_state_machine_arn"] == made(
        "sfn/stateMachine:StateMachine", "ccapi-machine"
    )
    assert outputs["pipeline_success_topic_arn"] == made("sns/topic:Topic", "ccapi-notifier-success")
    assert outputs["pipeline_failure_topic_arn"] == made("sns/topic:Topic", "ccapi-notifier-failure")
    assert outputs["pipeline_alarms_topic_arn"] == ""
    assert outputs["ecs_task_definition_arn"] == made("ecs/taskDefinition:TaskDefinition", "ccapi-worker")
    assert outputs["dlq_url"] == "https://queue/ccapi-scheduler"
    assert outputs["notifications_dlq_url"] == "https://queue/ccapi-notifier"
    assert outputs["kms_key_id"] == "ccapi-encryption-key-id"
    assert outputs["gee_credentials_secret_arn"] == made(
        "secretsmanager/secret:Secret", "ccapi-secrets-earth-engine"
    )
    assert outputs["vpc_id"] == "ccapi-network-id"
    assert outputs["reporter_function_name"] == names_of("prod").reporter


def test_the_state_of_the_schedule_is_that_of_the_settings() -> None:
    # prod's stack file names no image, and dev is on demand.
    states = {name: deployed(name).outputs["eventbridge_schedule_state"] for name in ENVIRONMENTS}
    assert states == {"dev": "DISABLED", "prod": "DISABLED", "local": "ENABLED"}


def test_names_are_known_before_anything_exists() -> None:
    outputs = previewed("prod").outputs
    for name in ("aws_region", "dashboard_name", "dashboard_url", "s3_reports_bucket", "worker_log_group"):
        assert outputs[name] != UNKNOWN, name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_output_contains_an_email_address(environment: str) -> None:
    notifications = settings_of(environment).notifications
    told = " ".join(deployed(environment).outputs.values())
    for address in (
        *notifications.success_emails,
        *notifications.failure_emails,
        *notifications.alarm_emails,
    ):
        assert address not in told
