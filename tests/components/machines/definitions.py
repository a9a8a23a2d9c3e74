"""Checks that apply to every state machine of the stack."""

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# The permissions that each call needs. Source: "Integrating services with Step Functions", one page per
# service.
ACTIONS = {
    "aws-sdk:cloudwatch:putMetricData": {"cloudwatch:PutMetricData"},
    "aws-sdk:ecs:describeTasks": {"ecs:DescribeTasks"},
    "aws-sdk:ecs:listTasks": {"ecs:ListTasks"},
    "aws-sdk:ecs:stopTask": {"ecs:StopTask"},
    # Without permission to list, S3 answers 403 for a missing key; the bucket is encrypted with a key of the
    # account.
    "aws-sdk:s3:getObject": {"s3:GetObject", "s3:ListBucket", "kms:Decrypt", "kms:GenerateDataKey"},
    "aws-sdk:s3:listObjectsV2": {"s3:ListBucket"},
    "aws-sdk:s3:putObject": {"s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey"},
    "aws-sdk:scheduler:getSchedule": {"scheduler:GetSchedule"},
    "aws-sdk:sfn:describeExecution": {"states:DescribeExecution"},
    "aws-sdk:sfn:sendTaskFailure": {"states:SendTaskFailure"},
    "aws-sdk:ssm:getParameter": {"ssm:GetParameter"},
    "ecs:runTask.waitForTaskToken": {"ecs:RunTask", "ecs:TagResource", "iam:PassRole"},
    "lambda:invoke": {"lambda:InvokeFunction"},
    "aws-sdk:sns:listSubscriptionsByTopic": {"sns:ListSubscriptionsByTopic"},
    # For a topic that is encrypted with a key of the account.
    "sns:publish": {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"},
}


def states_of(machine: Json) -> Iterator[tuple[str, Json]]:
    """Yield each state with its name, including those inside Maps."""
    for name, state in machine["States"].items():
        yield name, state
        if state["Type"] == "Map":
            yield from states_of(state["ItemProcessor"])


def expressions_in(value: Any) -> Iterator[str]:
    """Yield each expression in a definition."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from expressions_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions_in(inner)
    elif isinstance(value, str) and value.startswith("{%"):
        yield value


def lint_findings(machine: Json) -> list[str]:
    """Return the findings of cfn-lint for a definition."""
    # The import takes seconds, which even a worker that only collects this module would spend.
    from cfnlint.api import lint  # type: ignore[import-untyped]  # noqa: PLC0415

    properties = {"RoleArn": "arn:aws:iam::111111111111:role/machine", "Definition": machine}
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}},
    }
    return [str(match) for match in lint(json.dumps(template, ensure_ascii=False), regions=["us-east-1"])]
