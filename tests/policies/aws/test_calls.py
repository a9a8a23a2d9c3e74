import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from guardrails.aws.calls import Call, calls_of
from guardrails.aws.integrations import _PREFIXES, TABLE
from guardrails.aws.types import QUEUE, ROLE, STATE_MACHINE, TASK_DEFINITION, TOPIC
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError
from guardrails.rule import Subject
from tests.policies.definitions import NONSENSE
from tests.policies.plans import machine, resource

NEWS = "arn:aws:sns:us-east-1:123456789012:news"
RULE = {"events:DescribeRule", "events:PutRule", "events:PutTargets"}


def with_state(state: dict[str, Any], **properties: Any) -> Resource:
    return machine({"StartAt": "It", "States": {"It": state}}, **properties)


def task(call: str, **arguments: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "Arguments": arguments}


def needed(about: Resource, *others: Resource) -> list[Call]:
    return [
        call for call in calls_of(Subject(resource=about, plan=Plan.of([about, *others]))) if call.is_needed
    ]


def actions(state: dict[str, Any], *others: Resource, **properties: Any) -> set[str]:
    return {call.action for call in needed(with_state(state, **properties), *others)}


def resource_of(action: str, state: dict[str, Any], *others: Resource) -> str | None:
    (found,) = {call.resource for call in needed(with_state(state), *others) if call.action == action}
    return found


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("sns:publish", {"sns:Publish"}),
        ("sns:publish.waitForTaskToken", {"sns:Publish"}),
        ("sqs:sendMessage", {"sqs:SendMessage"}),
        ("lambda:invoke", {"lambda:InvokeFunction"}),
        ("dynamodb:putItem", {"dynamodb:PutItem"}),
        ("events:putEvents", {"events:PutEvents"}),
        ("ecs:runTask", {"ecs:RunTask", "iam:PassRole"}),
        ("ecs:runTask.waitForTaskToken", {"ecs:RunTask", "iam:PassRole"}),
        ("ecs:runTask.sync", {"ecs:RunTask", "iam:PassRole", "ecs:StopTask", "ecs:DescribeTasks", *RULE}),
        ("states:startExecution", {"states:StartExecution"}),
        (
            "states:startExecution.sync:2",
            {"states:StartExecution", "states:DescribeExecution", "states:StopExecution", *RULE},
        ),
        ("batch:submitJob.sync", {"batch:SubmitJob", "batch:DescribeJobs", "batch:TerminateJob", *RULE}),
        ("glue:startJobRun.sync", {"glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"}),
        ("elasticmapreduce:addStep", {"elasticmapreduce:AddJobFlowSteps"}),
        ("eks:runJob.sync", set()),
        ("aws-sdk:s3:putObject", {"s3:PutObject"}),
        ("aws-sdk:s3:headObject", {"s3:GetObject"}),
        ("aws-sdk:s3:listObjectsV2", {"s3:ListBucket"}),
        ("aws-sdk:s3:copyObject", {"s3:GetObject", "s3:PutObject"}),
        ("aws-sdk:cloudwatch:putMetricData", {"cloudwatch:PutMetricData"}),
        ("aws-sdk:sfn:describeExecution", {"states:DescribeExecution"}),
        ("aws-sdk:eventbridge:putEvents", {"events:PutEvents"}),
        ("aws-sdk:cloudwatchlogs:startQuery", {"logs:StartQuery"}),
        ("aws-sdk:ecs:runTask", {"ecs:RunTask", "iam:PassRole"}),
        ("aws-sdk:apigateway:getRestApis", {"apigateway:GET"}),
        ("aws-sdk:ssm:getParameter", {"ssm:GetParameter"}),
    ],
)
def test_a_call_needs_its_actions(call: str, expected: set[str]) -> None:
    assert actions(task(call)) == expected


@pytest.mark.parametrize(
    "resource_",
    [
        "",
        "nothing",
        "arn:aws:states:us-east-1:1:activity:by-hand",
        "arn:aws:states:::",
        "arn:aws:states:::ecs",
        "::::::",
    ],
)
def test_a_task_without_an_aws_call_needs_no_actions(resource_: str) -> None:
    assert actions({"Type": "Task", "Resource": resource_}) == set()


@pytest.mark.parametrize("definition", NONSENSE)
def test_nonsense_needs_nothing(definition: Any) -> None:
    assert needed(machine(definition)) == []


def test_an_unknown_definition_cannot_be_read() -> None:
    about = resource(STATE_MACHINE, definition=UNKNOWN)
    with pytest.raises(PropertyError):
        calls_of(Subject(resource=about, plan=Plan.of([about])))


@pytest.mark.parametrize(
    ("arguments", "tags"),
    [
        ({}, False),
        ({"PropagateTags": "NONE"}, False),
        ({"EnableECSManagedTags": False}, False),
        ({"PropagateTags": "TASK_DEFINITION"}, True),
        ({"PropagateTags": "{% $tags %}"}, True),
        ({"EnableECSManagedTags": True}, True),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, True),
    ],
)
def test_a_task_that_is_tagged_needs_to_tag(arguments: dict[str, Any], tags: bool) -> None:
    assert ("ecs:TagResource" in actions(task("ecs:runTask", **arguments))) is tags


def test_a_call_of_an_api_with_iam_needs_the_permission_to_invoke() -> None:
    assert actions(task("apigateway:invoke", AuthType="IAM_ROLE")) == {"execute-api:Invoke"}
    assert actions(task("apigateway:invoke", AuthType="NO_AUTH")) == set()


def test_a_function_may_be_the_resource_itself() -> None:
    function = "arn:aws:lambda:us-east-1:123456789012:function:work"
    state = {"Type": "Task", "Resource": function}
    assert actions(state) == {"lambda:InvokeFunction"}
    assert resource_of("lambda:InvokeFunction", state) == function


def test_another_role_s_credentials_make_the_call() -> None:
    state = task("sns:publish", TopicArn=NEWS) | {"Credentials": {"RoleArn": "arn:aws:iam::2:role/there"}}
    (call,) = needed(with_state(state))
    assert (call.action, call.resource) == ("sts:AssumeRole", "arn:aws:iam::2:role/there")


@pytest.mark.parametrize(
    ("call", "arguments", "action", "expected"),
    [
        ("sns:publish", {"TopicArn": NEWS}, "sns:Publish", NEWS),
        ("sns:publish", {"TopicArn": "{% $topic %}"}, "sns:Publish", None),
        ("sns:publish", {"TopicArn.$": "$.topic"}, "sns:Publish", None),
        ("sns:publish", {"PhoneNumber": "1"}, "sns:Publish", None),
        ("sqs:sendMessage", {"QueueUrl": "https://sqs/1/jobs"}, "sqs:SendMessage", "arn:*:sqs:*:*:jobs"),
        ("lambda:invoke", {"FunctionName": "f"}, "lambda:InvokeFunction", "arn:*:lambda:*:*:function:f"),
        ("aws-sdk:ssm:getParameter", {"Name": "/a/b"}, "ssm:GetParameter", "arn:*:ssm:*:*:parameter/a/b"),
        ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k/1"}, "s3:PutObject", "arn:*:s3:::b/k/1"),
        ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "{% $k %}"}, "s3:PutObject", None),
        ("dynamodb:getItem", {"TableName": "t"}, "dynamodb:GetItem", "arn:*:dynamodb:*:*:table/t"),
        ("ecs:runTask", {"TaskDefinition": "w"}, "ecs:RunTask", "arn:*:ecs:*:*:task-definition/w"),
    ],
)
def test_the_resource_of_a_call_comes_from_the_constant_arguments_of_its_state(
    call: str, arguments: dict[str, Any], action: str, expected: str | None
) -> None:
    assert resource_of(action, task(call, **arguments)) == expected


def test_a_task_passes_on_the_roles_of_its_definition() -> None:
    starts = resource(ROLE, "starts", name="starts", path="/team/")
    definition = resource(
        TASK_DEFINITION,
        family="w",
        taskRoleArn="arn:aws:iam::1:role/works",
        executionRoleArn=UNKNOWN,
        sources={"executionRoleArn": (starts,)},
    )
    about = with_state(task("ecs:runTask", TaskDefinition="{% $settings.taskDefinition %}"))
    passed = [call for call in needed(about, starts, definition) if call.action == "iam:PassRole"]
    assert {call.resource for call in passed} == {
        "arn:*:iam::*:role/team/starts",
        "arn:aws:iam::1:role/works",
    }
    assert {call.passed_to for call in passed} == {"ecs-tasks.amazonaws.com"}


def test_a_task_without_roles_passes_none_on() -> None:
    definition = resource(TASK_DEFINITION, family="w")
    assert actions(task("ecs:runTask", TaskDefinition="w"), definition) == {"ecs:RunTask"}


def test_the_passed_role_is_unknown_if_there_are_several_definitions() -> None:
    two = [resource(TASK_DEFINITION, name, family=name, taskRoleArn="arn:aws:iam::1:role/x") for name in "ab"]
    state = task("ecs:runTask", TaskDefinition="{% $either %}")
    assert resource_of("iam:PassRole", state, *two) is None


@pytest.mark.parametrize(
    ("key", "used"),
    [
        (UNKNOWN, True),
        ("1234-abcd", True),
        ("alias/ours", True),
        ("arn:aws:kms:us-east-1:1:key/1234", True),
        ("alias/aws/sns", False),
        ("", False),
        (None, False),
    ],
)
def test_an_encrypted_topic_needs_its_key(key: Any, used: bool) -> None:
    topic = resource(TOPIC, "topic", name="news", kmsMasterKeyId=key)
    found = actions(task("sns:publish", TopicArn=NEWS), topic)
    assert ({"kms:Decrypt", "kms:GenerateDataKey"} <= found) is used


def test_a_topic_that_is_not_published_to_needs_no_key() -> None:
    topic = resource(TOPIC, "topic", name="other", kmsMasterKeyId="alias/ours")
    assert actions(task("sns:publish", TopicArn=NEWS), topic) == {"sns:Publish"}


def test_an_encrypted_queue_needs_its_key_by_either_integration() -> None:
    queue = resource(QUEUE, "queue", name="jobs", kmsMasterKeyId="arn:aws:kms:us-east-1:1:key/1234")
    state = task("aws-sdk:sqs:sendMessage", QueueUrl="https://sqs.us-east-1.amazonaws.com/1/jobs")
    assert resource_of("kms:Decrypt", state, queue) == "arn:aws:kms:us-east-1:1:key/1234"


@pytest.mark.parametrize(
    ("properties", "action", "needs_it"),
    [
        ({}, "logs:CreateLogDelivery", False),
        ({"loggingConfiguration": {"level": "OFF"}}, "logs:CreateLogDelivery", False),
        ({"loggingConfiguration": {"level": "ERROR"}}, "logs:CreateLogDelivery", True),
        ({"tracingConfiguration": {"enabled": False}}, "xray:PutTraceSegments", False),
        ({"tracingConfiguration": {"enabled": True}}, "xray:PutTraceSegments", True),
        ({"encryptionConfiguration": {"kmsKeyId": UNKNOWN}}, "kms:GenerateDataKey", True),
    ],
)
def test_logging_tracing_and_encryption_need_their_own_actions(
    properties: dict[str, Any], action: str, needs_it: bool
) -> None:
    assert (action in actions({"Type": "Pass"}, **properties)) is needs_it


def test_a_distributed_map_starts_its_own_machine_and_reads_its_items() -> None:
    state = {
        "Type": "Map",
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "b", "Key": "k"}},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED"},
            "StartAt": "Tell",
            "States": {"Tell": task("sns:publish", TopicArn=NEWS)},
        },
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b"}},
    }
    about = resource(STATE_MACHINE, name="weekly", definition=json.dumps({"States": {"It": state}}))
    assert {(call.caller, call.action, call.resource) for call in needed(about)} == {
        ("It", "states:StartExecution", "arn:*:states:*:*:stateMachine:weekly"),
        ("It", "s3:GetObject", "arn:*:s3:::b/k"),
        ("It", "s3:PutObject", None),
        ("Tell", "sns:Publish", NEWS),
    }


def test_an_inline_map_starts_nothing() -> None:
    state = {"Type": "Map", "ItemProcessor": {"States": {"Tell": task("sns:publish")}}}
    assert actions(state) == {"sns:Publish"}


def table_actions() -> Iterator[str]:
    for entry in [*TABLE["calls"].values(), *TABLE["machine"].values()]:
        for listed in (entry.get("needs", []), entry.get("sync", []), entry.get("may", [])):
            yield from listed
        for then in entry.get("when", {}).values():
            yield from then
    yield from TABLE["resources"]


def test_every_action_and_prefix_of_the_tables_is_one_of_iam() -> None:
    # Read, not imported: cfn-lint takes seconds to import.
    listed = distribution("cfn-lint").locate_file("cfnlint/data/AdditionalSpecs/Policies.json")
    policies = json.loads(Path(str(listed)).read_text("utf-8"))
    known = {
        f"{prefix}:{action}" for prefix, of in policies.items() for action in map(str.lower, of["Actions"])
    }
    for action in table_actions():
        prefix, _, name = action.partition(":")
        lowered = f"{prefix}:{name.lower()}"
        assert lowered in known or any(fnmatchcase(one, lowered) for one in known), action
    for name, entry in TABLE["calls"].items():
        assert "needs" in entry or name.lower() in known, name
    assert set(_PREFIXES.values()) <= set(policies)
