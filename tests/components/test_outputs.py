import json
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from jsonschema import Draft7Validator

from components.outputs import VERSION, Outputs
from docs.outputs_page import schema
from tests.components.deployment import UNKNOWN, deploy, deployed, previewed
from tests.stacks import ENVIRONMENTS, names_of, settings_of, values_of

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
def test_a_stack_exports_exactly_the_declared_outputs(environment: str) -> None:
    assert set(deployed(environment).outputs) == {field.name for field in fields(Outputs)}


def test_the_outputs_of_the_guide_are_among_them() -> None:
    assert set(deployed("prod").outputs) >= GUIDE


@pytest.mark.parametrize("name", sorted(DESCRIPTIONS))
def test_each_output_is_described_in_a_sentence(name: str) -> None:
    assert DESCRIPTIONS[name][0].isupper()
    assert DESCRIPTIONS[name].endswith(".")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_output_is_of_its_type_once_the_stack_is_there(environment: str) -> None:
    outputs = deployed(environment).outputs
    Draft7Validator(schema()).validate(outputs)
    assert UNKNOWN not in json.dumps(outputs)
    # There is no topic for alarms only, since no stack file names an address for it.
    assert [name for name, value in outputs.items() if not value] == ["pipeline_alarms_topic_arn"]


def test_the_examples_are_the_values_of_prod() -> None:
    worker = {**values_of("prod")["worker"], "image": "registry/monitor:2026-11-23"}
    known = deploy("prod", preview=True, worker=worker).outputs
    documented = schema()["properties"]
    # The next starts change with the date.
    names = {name for name, value in known.items() if value not in (UNKNOWN, "") and name != "next_step"}
    assert len(names) > 10
    assert {name: documented[name]["examples"][0] for name in names} == {name: known[name] for name in names}
    for described in documented.values():
        Draft7Validator(described).validate(described["examples"][0])


VERSIONS = Path(__file__).with_name("outputs_versions.json")
Types = Mapping[str, str]


def types_now() -> dict[str, str]:
    """Return the type of each output's value, in the schema's words."""
    return {name: _type(described) for name, described in schema()["properties"].items()}


def _type(described: Mapping[str, Any]) -> str:
    return f"array of {described['items']['type']}" if "items" in described else described["type"]


def next_version(version: str, released: Types, now: Types) -> str:
    """Return the version that the outputs must have after a version with the types in `released`."""
    major, minor = map(int, version.split("."))
    if released.items() - now.items():
        return f"{major + 1}.0"
    return version if released == now else f"{major}.{minor + 1}"


def test_a_change_of_the_outputs_changes_their_version(update_golden: bool) -> None:
    released = json.loads(VERSIONS.read_text(encoding="utf-8"))
    if update_golden and VERSION not in released:
        released[VERSION] = types_now()
        VERSIONS.write_text(json.dumps(released, indent=2) + "\n", encoding="utf-8")
    last = list(released)[-1]
    assert next_version(last, released[last], types_now()) == VERSION, "see VERSION in components/outputs.py"
    assert last == VERSION, "add the version with --update-golden"
    for (version, before), (later, after) in pairwise(released.items()):
        assert next_version(version, before, after) == later


def test_a_new_output_raises_the_minor_version_and_a_changed_or_removed_one_the_major() -> None:
    released = {"a": "string", "b": "integer"}
    assert next_version("1.4", released, released) == "1.4"
    assert next_version("1.4", released, {**released, "c": "string"}) == "1.5"
    assert next_version("1.4", released, {"a": "string"}) == "2.0"
    assert next_version("1.4", released, {**released, "b": "string"}) == "2.0"
    assert next_version("1.4", released, {"a": "string", "renamed": "integer"}) == "2.0"


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
    told = json.dumps(deployed(environment).outputs)
    for address in (
        *notifications.success_emails,
        *notifications.failure_emails,
        *notifications.alarm_emails,
    ):
        assert address not in told
