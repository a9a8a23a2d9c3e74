import json
from itertools import pairwise

from tests.local.emulator.local_aws import RunningAws, eventually

MIB = 1024**2
GIVEN = json.dumps({"text": 100_000 * "a"})


def test_ended_executions_take_no_memory(aws: RunningAws) -> None:
    names = [f"State {number}" for number in range(20)]
    states = {name: {"Type": "Pass", "Next": following} for name, following in pairwise(names)}
    machine = aws.create_machine({**states, names[-1]: {"Type": "Succeed"}})
    client = aws.client("stepfunctions")

    def executed() -> str:
        arn = str(client.start_execution(stateMachineArn=machine, input=GIVEN)["executionArn"])
        eventually(lambda: aws.history(arn)[-1]["type"] == "ExecutionSucceeded")
        return arn

    first = executed()
    history = aws.history(first)
    for _ in range(15):
        executed()
    before = aws.resident_bytes
    for _ in range(20):
        executed()

    assert aws.resident_bytes - before < 40 * MIB
    assert aws.history(first) == history
    assert aws.ended(first).output == json.loads(GIVEN)
