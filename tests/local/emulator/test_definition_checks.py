import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import ROLE, RunningAws, unique

PASS = {"Type": "Pass", "End": True}


def refusal(aws: RunningAws, definition: str, **arguments: str) -> tuple[str, str]:
    request = {"name": unique("machine"), "roleArn": ROLE, "definition": definition, **arguments}
    with pytest.raises(ClientError) as refused:
        aws.client("stepfunctions").create_state_machine(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    "definition",
    [
        "not json",
        {"States": {"A": PASS}},
        {"QueryLanguage": "SQL", "StartAt": "A", "States": {"A": PASS}},
        {"StartAt": "A", "States": {"A": {**PASS, "Colour": "red"}}},
        {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {**PASS, "ResultPath": "$.x"}}},
        {"StartAt": "B", "States": {"A": PASS}},
    ],
)
def test_an_invalid_definition_is_refused(aws: RunningAws, definition: Any) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)

    assert refusal(aws, text)[0] == "InvalidDefinition"


def test_an_update_is_checked_too(aws: RunningAws) -> None:
    machine = aws.create_machine({"A": PASS})
    broken = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})

    with pytest.raises(ClientError, match="Missing 'Next' target: B"):
        aws.client("stepfunctions").update_state_machine(stateMachineArn=machine, definition=broken)


def test_a_name_again_is_the_same_machine_only_with_the_same_definition(aws: RunningAws) -> None:
    states, name = aws.client("stepfunctions"), unique("machine")
    first, second = (json.dumps({"StartAt": start, "States": {start: PASS}}) for start in "AB")
    machine = states.create_state_machine(name=name, definition=first, roleArn=ROLE)["stateMachineArn"]

    assert (
        states.create_state_machine(name=name, definition=first, roleArn=ROLE)["stateMachineArn"] == machine
    )
    assert refusal(aws, second, name=name)[0] == "StateMachineAlreadyExists"
