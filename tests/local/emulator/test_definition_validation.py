import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import ROLE, RunningAws, unique

PASS = {"Type": "Pass", "End": True}


def validated(aws: RunningAws, definition: Any, **arguments: Any) -> dict[str, Any]:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    answer = aws.client("stepfunctions").validate_state_machine_definition(definition=text, **arguments)
    return {key: answer[key] for key in ("result", "diagnostics", "truncated")}


def test_a_sound_definition_is_ok(aws: RunningAws) -> None:
    sound = {"StartAt": "A", "States": {"A": PASS}}

    assert validated(aws, sound) == {"result": "OK", "diagnostics": [], "truncated": False}


def test_each_error_is_a_diagnostic_with_its_place(aws: RunningAws) -> None:
    broken = {"StartAt": "B", "States": {"A": {"Type": "Pass", "Next": "C"}}}

    assert validated(aws, broken) == {
        "result": "FAIL",
        "diagnostics": [
            {
                "severity": "ERROR",
                "code": "MISSING_TRANSITION_TARGET",
                "message": "Missing 'StartAt' target: B",
                "location": "/StartAt",
            },
            {
                "severity": "ERROR",
                "code": "MISSING_TRANSITION_TARGET",
                "message": "Missing 'Next' target: C",
                "location": "/States/A/Next",
            },
        ],
        "truncated": False,
    }


def test_diagnostics_are_limited_to_the_maximum(aws: RunningAws) -> None:
    broken = {"StartAt": "B", "States": {"A": {"Type": "Pass", "Next": "C"}}}

    answer = validated(aws, broken, maxResults=1)

    assert (len(answer["diagnostics"]), answer["truncated"]) == (1, True)


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("not json", "INVALID_JSON_DESCRIPTION"),
        ({"States": {"A": PASS}}, "SCHEMA_VALIDATION_FAILED"),
        (
            {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {**PASS, "Output": "{% 1 + %}"}}},
            "INVALID_JSONATA_EXPRESSION",
        ),
    ],
)
def test_validation_fails_with_the_error_code_of_create_state_machine(
    aws: RunningAws, definition: Any, code: str
) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    with pytest.raises(ClientError, match=code):
        aws.client("stepfunctions").create_state_machine(
            name=unique("machine"), roleArn=ROLE, definition=text
        )

    answer = validated(aws, definition)

    assert answer["result"] == "FAIL"
    assert [diagnostic["code"] for diagnostic in answer["diagnostics"]] == [code]


def test_versions_are_listed_newest_first_in_pages(aws: RunningAws) -> None:
    states = aws.client("stepfunctions")
    machine = aws.create_machine({"A": PASS})
    assert states.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"] == []
    for start in "BC":
        states.update_state_machine(
            stateMachineArn=machine,
            definition=json.dumps({"StartAt": start, "States": {start: PASS}}),
            publish=True,
        )

    first = states.list_state_machine_versions(stateMachineArn=machine, maxResults=1)
    second = states.list_state_machine_versions(stateMachineArn=machine, nextToken=first["nextToken"])

    listed = [
        version["stateMachineVersionArn"]
        for page in (first, second)
        for version in page["stateMachineVersions"]
    ]
    assert listed == [f"{machine}:2", f"{machine}:1"]
    assert "nextToken" not in second
