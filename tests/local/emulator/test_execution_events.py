import json

import pytest

from tests.local.emulator.local_aws import RunningAws, unique

ENDS = {
    "SUCCEEDED": {"Type": "Succeed", "Output": {"done": True}},
    "FAILED": {"Type": "Fail", "Error": "Custom", "Cause": "why"},
}


@pytest.mark.parametrize("status", ENDS)
def test_start_and_end_of_an_execution_are_events(aws: RunningAws, status: str) -> None:
    url, arn = aws.queue()
    machine = aws.create_machine({"End": ENDS[status]})
    rule = unique("rule")
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine]}}
    aws.client("events").put_rule(Name=rule, EventPattern=json.dumps(pattern))
    aws.client("events").put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])

    execution = aws.client("stepfunctions").start_execution(stateMachineArn=machine, input='{"a": 1}')[
        "executionArn"
    ]

    started, ended = aws.messages(url, 2)
    assert started["detail-type"] == "Step Functions Execution Status Change"
    assert started["resources"] == [execution]
    assert (started["detail"]["status"], started["detail"]["stopDate"]) == ("RUNNING", None)
    assert started["detail"]["input"] == '{"a": 1}'
    detail = ended["detail"]
    assert (detail["status"], detail["name"]) == (status, execution.rsplit(":", 1)[-1])
    assert detail["stopDate"] >= detail["startDate"]
    if status == "SUCCEEDED":
        assert json.loads(detail["output"]) == {"done": True}
    else:
        assert (detail["error"], detail["cause"], detail["output"]) == ("Custom", "why", None)
