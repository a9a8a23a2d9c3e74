"""Requests by the policies of roles and resources, in a local AWS that enforces roles."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from tests.local.emulator.local_aws import (
    RunningAws,
    allow,
    document,
    eventually,
    running_aws,
    unique,
)

ACCOUNT = "123456789012"
NOTHING = allow("sts:GetCallerIdentity")
"""A statement for a role without permissions, since a policy has at least one."""


class Stack:
    """Resources of a local AWS that enforces roles."""

    def __init__(self, aws: RunningAws) -> None:
        self.aws = aws
        self.iam = aws.client("iam")
        self.cluster = aws.create_cluster()

    def role(self, service: str, *statements: Any, trusted: str | None = None, **fields: Any) -> str:
        """Create a role for a service; return its ARN."""
        name = unique("role")
        trust = allow("sts:AssumeRole", on=None, Principal={"Service": f"{trusted or service}.amazonaws.com"})
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), **fields)
        self.iam.put_role_policy(
            RoleName=name, PolicyName="inline", PolicyDocument=document(*statements or [NOTHING])
        )
        return str(role["Role"]["Arn"])

    def task(self, *statements: Any, **fields: Any) -> LocalAws:
        """Start a task with a role; return the local AWS with the task's access key."""
        return self.task_with(self.role("ecs-tasks", *statements, **fields))

    def task_with(self, role: str) -> LocalAws:
        family = self.aws.register()
        task = self.aws.run_task(self.cluster, family, overrides={"taskRoleArn": role})
        return self.aws.as_task(task)

    def bucket(self, *, key: str | None = None) -> str:
        name, s3 = unique("bucket"), self.aws.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="a/b", Body=b"text")
        if key:
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
            rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
            s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
        return name

    def key(self, *statements: Any) -> str:
        """Create a key whose policy lets the account decide, beside further statements."""
        root = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
        created = self.aws.client("kms").create_key(Policy=document(root, *statements))
        return str(created["KeyMetadata"]["Arn"])

    def topic(self, *statements: Callable[[str], Any], **attributes: str) -> tuple[str, str]:
        """Create a topic with a policy, and a queue that gets its messages; return the ARN and the queue's URL."""
        sns = self.aws.client("sns")
        arn = sns.create_topic(Name=unique("topic"), Attributes=attributes)["TopicArn"]
        policy = document(*(statement(arn) for statement in statements))
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        url, queue = self.aws.queue()
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
        return str(arn), url

    def decisions(self, **wanted: str) -> list[dict[str, Any]]:
        every = self.aws.admin("GET", "authorization")
        return [each for each in every if wanted.items() <= each.items()]

    def run(self, role: str, state: dict[str, Any]) -> dict[str, Any]:
        """Run a machine of one state with a role; return the description of the ended execution."""
        states = self.aws.client("stepfunctions")
        definition = {"QueryLanguage": "JSONata", "StartAt": "Call", "States": {"Call": state}}
        machine = states.create_state_machine(
            name=unique("machine"), definition=json.dumps(definition), roleArn=role
        )
        started = states.start_execution(stateMachineArn=machine["stateMachineArn"])
        self.aws.ended(started["executionArn"])
        return dict(states.describe_execution(executionArn=started["executionArn"]))


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_aws("--enforce-roles") as aws:
        yield Stack(aws)


def refused(call: Callable[[], Any]) -> tuple[str, str, int]:
    """Return the code, the message and the status of a refusal."""
    with pytest.raises(ClientError) as raised:
        call()
    answer = raised.value.response
    return (
        answer["Error"]["Code"],
        answer["Error"]["Message"],
        answer["ResponseMetadata"]["HTTPStatusCode"],
    )


def test_a_role_may_make_only_the_calls_that_its_policy_allows(stack: Stack) -> None:
    bucket, other = stack.bucket(), stack.bucket()
    s3 = stack.task(allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/a/*")).client("s3")

    assert s3.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"text"

    for call in (
        lambda: s3.get_object(Bucket=other, Key="a/b"),
        lambda: s3.put_object(Bucket=bucket, Key="a/c", Body=b""),
    ):
        assert refused(call)[0] == "AccessDenied"


def test_a_refusal_has_the_code_and_the_sentence_of_each_protocol(stack: Stack) -> None:
    aws, bucket, (topic, _) = stack.task(allow("s3:PutObject")), stack.bucket(), stack.topic()
    parameter = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/name"
    machine = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:none"
    for call, code, status, action, resource in (
        (
            lambda: aws.client("s3").get_object(Bucket=bucket, Key="a/b"),
            "AccessDenied",
            403,
            "s3:GetObject",
            f"arn:aws:s3:::{bucket}/a/b",
        ),
        (
            lambda: aws.client("sns").publish(TopicArn=topic, Message="text"),
            "AuthorizationError",
            403,
            "SNS:Publish",
            topic,
        ),
        (
            lambda: aws.client("ssm").get_parameter(Name="name"),
            "AccessDeniedException",
            400,
            "ssm:GetParameter",
            parameter,
        ),
        (
            lambda: aws.client("stepfunctions").start_execution(stateMachineArn=machine),
            "AccessDeniedException",
            400,
            "states:StartExecution",
            machine,
        ),
    ):
        found, message, found_status = refused(call)
        assert (found, found_status) == (code, status)
        assert message.startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/role-")
        wanted = f" is not authorized to perform: {action} on resource: {resource} because no "
        assert wanted.lower() in message.lower()


def test_a_deny_statement_and_a_permissions_boundary_limit_allowed_calls(stack: Stack) -> None:
    bucket, every = stack.bucket(), allow("s3:*")
    denial = {**allow("s3:GetObject", on="arn:aws:s3:::*/a/*"), "Effect": "Deny"}
    denied = stack.task(every, denial).client("s3")
    assert "denies it" in refused(lambda: denied.get_object(Bucket=bucket, Key="a/b"))[1]
    denied.put_object(Bucket=bucket, Key="a/c", Body=b"")

    boundary = stack.iam.create_policy(
        PolicyName=unique("boundary"), PolicyDocument=document(allow("s3:Put*"))
    )
    bounded = stack.task(every, PermissionsBoundary=boundary["Policy"]["Arn"]).client("s3")
    bounded.put_object(Bucket=bucket, Key="a/c", Body=b"")
    assert "boundary does not allow it" in refused(lambda: bounded.get_object(Bucket=bucket, Key="a/b"))[1]


def test_the_key_of_a_bucket_a_topic_and_a_queue_is_needed_too(stack: Stack) -> None:
    key = stack.key()
    bucket, (topic, _) = stack.bucket(key=key), stack.topic(KmsMasterKeyId=key)
    sqs = stack.aws.client("sqs")
    url = sqs.create_queue(QueueName=unique("queue"), Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    without = allow("s3:*", "sns:*", "sqs:*")
    for statements, is_allowed in (((without,), False), ((without, allow("kms:*", on=key)), True)):
        aws = stack.task(*statements)
        for call in (
            partial(aws.client("s3").put_object, Bucket=bucket, Key="a/b", Body=b""),
            partial(aws.client("sns").publish, TopicArn=topic, Message="text"),
            partial(aws.client("sqs").send_message, QueueUrl=url, MessageBody="text"),
        ):
            if is_allowed:
                call()
            else:
                assert f"kms:GenerateDataKey on resource: {key}" in refused(call)[1]


def test_a_list_needs_its_prefix_and_a_missing_object_is_hidden_from_who_may_not_list(stack: Stack) -> None:
    bucket = stack.bucket()
    arn = f"arn:aws:s3:::{bucket}"
    below = allow("s3:ListBucket", on=arn, Condition={"StringLike": {"s3:prefix": "a/*"}})
    reading = allow("s3:GetObject", on=f"{arn}/*")
    s3 = stack.task(below, reading).client("s3")
    s3.list_objects_v2(Bucket=bucket, Prefix="a/")
    prefixes: list[dict[str, str]] = [{}, {"Prefix": "b/"}]
    for prefix in prefixes:
        assert refused(partial(s3.list_objects_v2, Bucket=bucket, **prefix))[0] == "AccessDenied"

    code, message, _ = refused(lambda: s3.get_object(Bucket=bucket, Key="a/none"))
    assert (code, "s3:ListBucket on resource" in message) == ("AccessDenied", True)
    lister = stack.task(allow("s3:ListBucket", on=arn), reading).client("s3")
    assert refused(lambda: lister.get_object(Bucket=bucket, Key="a/none"))[0] == "NoSuchKey"


def test_a_task_is_started_only_in_its_cluster_and_with_roles_that_may_be_passed(stack: Stack) -> None:
    family, role = stack.aws.register(), stack.role("ecs-tasks")
    cluster = f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/{stack.cluster}"
    running = allow("ecs:RunTask", Condition={"ArnEquals": {"ecs:cluster": cluster}})
    passing = allow(
        "iam:PassRole",
        on=role,
        Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    )
    arguments = {
        "launchType": "FARGATE",
        "networkConfiguration": stack.aws.network,
        "taskDefinition": family,
        "overrides": {"taskRoleArn": role},
    }
    ecs = stack.task(running, passing).client("ecs")
    assert ecs.run_task(cluster=stack.cluster, **arguments)["tasks"]
    elsewhere = stack.aws.create_cluster()
    assert "ecs:RunTask" in refused(lambda: ecs.run_task(cluster=elsewhere, **arguments))[1]
    without = stack.task(running).client("ecs")
    message = refused(lambda: without.run_task(cluster=stack.cluster, **arguments))[1]
    assert f"iam:PassRole on resource: {role}" in message


def test_a_role_that_is_missing_or_does_not_trust_the_service_allows_nothing(stack: Stack) -> None:
    everything, bucket = allow("*"), stack.bucket()
    stranger = stack.task(everything, trusted="lambda").client("s3")
    missing = stack.task_with(f"arn:aws:iam::{ACCOUNT}:role/none").client("s3")
    for s3, reason in (
        (stranger, "ecs-tasks.amazonaws.com cannot assume the role"),
        (missing, "no such role"),
    ):
        assert reason in refused(partial(s3.get_object, Bucket=bucket, Key="a/b"))[1]


def test_a_request_that_cannot_be_decided_is_allowed_and_listed(stack: Stack) -> None:
    bucket = stack.bucket()
    somewhere = allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})
    stack.task(somewhere).client("s3").get_object(Bucket=bucket, Key="a/b")
    (decision,) = stack.decisions(resource=f"arn:aws:s3:::{bucket}/a/b")
    assert (decision["outcome"], decision["count"]) == ("unknown", 1)
    assert "conditions on what is not known" in decision["reason"]


def test_an_execution_has_its_machines_role_and_its_error_names_the_permission(stack: Stack) -> None:
    topic, _ = stack.topic()
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"TopicArn": topic, "Message": "text"},
        "End": True,
    }
    assert stack.run(stack.role("states", allow("sns:Publish", on=topic)), state)["status"] == "SUCCEEDED"
    ended = stack.run(stack.role("states"), state)
    assert (ended["status"], ended["error"]) == ("FAILED", "SNS.AuthorizationErrorException")
    assert f"sns:Publish on resource: {topic}" in ended["cause"]


def test_the_children_of_a_distributed_map_start_only_if_the_role_may_start_its_machine(stack: Stack) -> None:
    state = {
        "Type": "Map",
        "Items": [1],
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Child",
            "States": {"Child": {"Type": "Pass", "End": True}},
        },
        "End": True,
    }
    machines = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:*"
    allowed = stack.role("states", allow("states:StartExecution", on=machines))
    assert stack.run(allowed, state)["status"] == "SUCCEEDED"
    ended = stack.run(stack.role("states"), state)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Permissions")
    assert "states:StartExecution on resource: " in ended["cause"]


def test_an_alarm_publishes_only_to_a_topic_that_lets_it_in(stack: Stack) -> None:
    def lets_in(arn: str) -> Any:
        return allow("sns:Publish", on=arn, Principal={"Service": "cloudwatch.amazonaws.com"})

    (closed, closed_url), (opened, opened_url) = stack.topic(), stack.topic(lets_in)
    cloudwatch, name = stack.aws.client("cloudwatch"), unique("alarm")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="n",
        MetricName="m",
        Period=60,
        Statistic="Sum",
        Threshold=0,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[closed, opened],
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    stack.aws.messages(opened_url, 1)
    assert "Messages" not in stack.aws.client("sqs").receive_message(QueueUrl=closed_url)
    (decision,) = stack.decisions(resource=closed)
    assert (decision["principal"], decision["outcome"]) == ("cloudwatch.amazonaws.com", "not allowed")


def test_an_event_reaches_a_machine_only_by_the_rules_role_and_a_queue_only_by_its_policy(
    stack: Stack,
) -> None:
    events, source = stack.aws.client("events"), unique("source")
    machine = stack.aws.create_machine({"Done": {"Type": "Succeed"}})
    starting = stack.role("events", allow("states:StartExecution", on=machine))
    closed_url, closed = stack.aws.queue("lambda")
    letters_url, letters = stack.aws.queue("events")
    targets = [
        {"Id": "allowed", "Arn": machine, "RoleArn": starting},
        {
            "Id": "denied",
            "Arn": machine,
            "RoleArn": stack.role("events"),
            "DeadLetterConfig": {"Arn": letters},
        },
        {"Id": "closed", "Arn": closed},
    ]
    rule = unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=rule, Targets=targets)
    events.put_events(Entries=[{"Source": source, "DetailType": "test", "Detail": "{}"}])

    assert stack.aws.messages(letters_url, 1)
    states = stack.aws.client("stepfunctions")
    eventually(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1
    assert stack.decisions(resource=closed, outcome="not allowed")
    assert "Messages" not in stack.aws.client("sqs").receive_message(QueueUrl=closed_url)


def test_an_image_is_pulled_by_the_role_that_starts_the_task(stack: Stack) -> None:
    repository = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/worker"
    token = allow("ecr:GetAuthorizationToken")
    layers = allow(
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", on=repository
    )
    image = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/worker:1"
    for statements, reason in (
        ((token, layers), None),
        ((token,), "CannotPullContainerError: "),
        ((layers,), "ResourceInitializationError: unable to pull secrets or registry auth: "),
    ):
        family = stack.aws.register(image=image)
        role = stack.role("ecs-tasks", *statements)
        task = stack.aws.run_task(stack.cluster, family, overrides={"executionRoleArn": role})
        refusal = stack.aws.admin("POST", "image-pull", {"task": task["taskArn"]})["refusal"]
        assert (refusal or "").startswith(reason or "")
        assert (refusal is None) is (reason is None)


def test_each_grant_is_listed_with_the_requests_that_need_it(stack: Stack) -> None:
    bucket = stack.bucket()
    role = stack.role("ecs-tasks", allow("s3:GetObject", "s3:PutObject", on=f"arn:aws:s3:::{bucket}/*"))
    stack.task_with(role).client("s3").get_object(Bucket=bucket, Key="a/b")
    listed = stack.aws.admin("GET", "authorization/grants")
    needed = {each["action"]: each["needed_by"] for each in listed if bucket in each["resource"]}
    (request,) = needed["s3:GetObject"]
    assert (request["principal"], request["resource"]) == (role, f"arn:aws:s3:::{bucket}/a/b")
    assert needed["s3:PutObject"] == []
