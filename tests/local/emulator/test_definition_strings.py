import json

from tests.local.emulator.laptop import ROLE, Laptop, unique


def test_escapes_in_a_definition_are_json_escapes(aws: Laptop):
    # json.dumps writes the emoji as two escapes, JSON allows the slash to be escaped.
    definition = json.dumps(
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "😀 a|b é", "End": True}}}
    )
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(
        name=unique("machine"), definition=definition.replace("|", "\\/"), roleArn=ROLE
    )["stateMachineArn"]

    execution = states.start_execution(stateMachineArn=machine)["executionArn"]

    assert aws.ended(execution).output == "😀 a/b é"
