import json

import pytest
from botocore.exceptions import ClientError

from tests.local.emulator.local_aws import ROLE, RunningAws, unique


def output(aws: RunningAws, definition: str) -> object:
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(name=unique("machine"), definition=definition, roleArn=ROLE)
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])
    return aws.ended(execution["executionArn"]).output


def returning(result: object) -> dict[str, object]:
    return {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": True}}}


def test_escapes_in_a_definition_are_json_escapes(aws: RunningAws) -> None:
    # json.dumps writes the emoji as two escapes; JSON allows the slash to be escaped.
    definition = json.dumps(returning("😀 a|b é")).replace("|", "\\/")

    assert output(aws, definition) == "😀 a/b é"


def test_a_refused_definition_does_not_affect_the_next(aws: RunningAws) -> None:
    state = {"Type": "Pass", "ResultPath": "$.jsonpath", "End": True}
    refused = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}
    with pytest.raises(ClientError, match="InvalidDefinition"):
        output(aws, json.dumps(refused))

    assert output(aws, json.dumps(returning(2))) == 2
