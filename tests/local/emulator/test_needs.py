"""The permissions that requests need, checked against the Service Authorization Reference.

cfn-lint keeps a copy of that reference: the resource types of each action, and the form of each type's ARN.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cfnlint  # type: ignore[import-untyped]
import pytest

from local.emulator.authorization.needs import _BUILDERS, Need, action_of, needs_of

REFERENCE: Mapping[str, Any] = json.loads(
    (Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text(encoding="utf-8")
)
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
# The reference names no resource for these; that of the machine works. Source: AWS Cloud Development Kit,
# `StateMachine.grantTaskResponse`, which grants them on the machine's ARN.
ON_THE_MACHINE = {"states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"}
# The reference names resources that these requests never name: container instances, and data sets of CloudWatch.
WITHOUT_RESOURCE = {
    "ecs:ListTasks",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:PutMetricData",
}


@dataclass
class Call:
    """A request with every parameter that a need depends on."""

    name: str
    region: str = "us-east-1"
    account: str = "123456789012"
    changed: Mapping[str, Any] = field(default_factory=dict)

    def get(self, parameter: str) -> Any:
        return {**PARAMETERS, **self.changed}.get(parameter)


PARAMETERS = {
    "Bucket": "bucket",
    "FunctionName": "function",
    "Key": "a/b",
    "Name": "name",
    "QueueUrl": "http://127.0.0.1/123456789012/queue",
    "TopicArn": TOPIC,
    "cluster": "cluster",
    "executionArn": "arn:aws:states:us-east-1:123456789012:execution:machine:one",
    "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:function",
    "groupName": "group",
    "logGroupName": "group",
    "logStreamName": "stream",
    "mapRunArn": "arn:aws:states:us-east-1:123456789012:mapRun:machine/label:one",
    "machineOfToken": MACHINE,
    "passedRoles": ["arn:aws:iam::123456789012:role/worker"],
    "prefix": "a/",
    "propagateTags": "TASK_DEFINITION",
    "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:secret-AbCdEf",
    "stateMachineArn": MACHINE,
    "task": "0123456789abcdef",
    "taskDefinition": "family:1",
    "tasks": ["0123456789abcdef"],
}
S3_OPERATIONS = (
    "GetObject",
    "HeadObject",
    "PutObject",
    "DeleteObject",
    "ListObjectsV2",
    "HeadBucket",
    "CopyObject",
)


def calls() -> Iterator[Call]:
    yield from (Call(name) for name in _BUILDERS if not name.endswith("*"))
    for operation in S3_OPERATIONS:
        yield Call(
            f"s3:{operation}", changed={"Key": None} if operation in {"ListObjectsV2", "HeadBucket"} else {}
        )


def forms(action: str) -> list[str]:
    """Return the forms of the ARNs that an action is allowed on, as regular expressions."""
    service, _, name = action.partition(":")
    entry = REFERENCE[service]
    kinds = entry["Actions"][name.lower()].get("Resources", [])
    listed = {kind.lower(): facts for kind, facts in entry["Resources"].items()}
    return [form for kind in kinds for form in listed[kind.lower()]["ARNFormats"]]


def matches(form: str, arn: str) -> bool:
    pattern = re.sub(r"\$\{\w+\}", "[^:]*", form)
    return re.fullmatch(pattern, arn) is not None


def test_each_action_and_its_resource_are_in_the_service_authorization_reference() -> None:
    found = [need for call in calls() for need in needs_of(call)]
    assert len(found) > len(_BUILDERS)
    for need in found:
        service, _, name = need.action.partition(":")
        assert name.lower() in REFERENCE[service]["Actions"], need.action
        if need.action in ON_THE_MACHINE:
            assert (forms(need.action), need.resource) == ([], MACHINE)
        elif need.action in WITHOUT_RESOURCE or not forms(need.action):
            assert need.resource == "*", need
        else:
            assert any(matches(form, str(need.resource)) for form in forms(need.action)), need


def test_the_executions_of_a_machine_or_of_a_map_run_are_listed_with_permission_for_that() -> None:
    (of_machine,) = needs_of(Call("states:ListExecutions", changed={"mapRunArn": None}))
    (of_map_run,) = needs_of(Call("states:ListExecutions", changed={"stateMachineArn": None}))
    assert (of_machine.resource, of_map_run.resource) == (MACHINE, PARAMETERS["mapRunArn"])


def test_an_operation_that_is_not_in_the_table_has_an_unknown_resource() -> None:
    assert needs_of(Call("athena:StartQueryExecution")) == (Need("athena:StartQueryExecution", None),)


def test_an_operation_with_the_name_of_another_action_needs_that_action() -> None:
    assert action_of("lambda:Invoke") == "lambda:InvokeFunction"
    (need,) = needs_of(Call("s3:HeadObject"))
    assert need == Need("s3:GetObject", "arn:aws:s3:::bucket/a/b")


@pytest.mark.parametrize("prefix", [None, "a/"])
def test_a_list_of_a_bucket_has_the_prefix_that_it_names(prefix: str | None) -> None:
    (need,) = needs_of(Call("s3:ListObjectsV2", changed={"Key": None, "prefix": prefix}))
    assert need.context == {"s3:prefix": (prefix,) if prefix else ()}


def test_a_missing_object_needs_the_permission_to_list_for_the_answer_that_it_is_missing() -> None:
    get, listing = needs_of(Call("s3:GetObject", changed={"isMissing": True}))
    assert (get.chooses_answer, listing.chooses_answer) == (False, True)
    assert (listing.action, listing.context) == ("s3:ListBucket", {"s3:prefix": ()})


def test_a_task_needs_the_roles_that_it_passes_and_its_cluster() -> None:
    run, tag, role = needs_of(Call("ecs:RunTask"))
    cluster = ("arn:aws:ecs:us-east-1:123456789012:cluster/cluster",)
    assert run.context == {"ecs:cluster": cluster}
    assert tag.context == {"ecs:createaction": ("RunTask",)}
    assert role.context == {"iam:passedtoservice": ("ecs-tasks.amazonaws.com",)}
