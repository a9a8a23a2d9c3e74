"""The real engine, a program and the provider, each in its own process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import boto3
import pytest
from pulumi import automation

from local.paths import ROOT
from local.toolchain import Toolchain
from tests.local.emulator.local_aws import eventually
from tests.local.lambdas import Functions

PROJECT = {"name": "provider", "runtime": {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}}
SERVICES = (
    "cloudwatch",
    "ec2",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
)
PROVIDER = """
import json
import pulumi
import pulumi_aws as aws

options = pulumi.ResourceOptions(provider=aws.Provider(
    "local",
    region="us-east-1",
    access_key=ACCESS_KEY,
    secret_key="local",
    allowed_account_ids=["123456789012"],
    default_tags={"tags": {"project": "ccapi"}},
    endpoints=[dict.fromkeys(SERVICES, ENDPOINT)],
))
"""


class World:
    """A stack that deploys any program."""

    def __init__(self, endpoint: str, folder: Path, access_key: str = "local") -> None:
        self.endpoint, self.folder, self.access_key = endpoint, folder, access_key
        (folder / "Pulumi.yaml").write_text(json.dumps(PROJECT))
        self.write("")
        self.stack = automation.create_or_select_stack("test", work_dir=str(folder))

    def write(self, program: str) -> None:
        values = (self.endpoint, SERVICES, self.access_key)
        facts = f"ENDPOINT, SERVICES, ACCESS_KEY = {values!r}\n"
        (self.folder / "__main__.py").write_text(facts + PROVIDER + dedent(program))

    def up(self, program: str | None = None) -> dict[str, int]:
        """Deploy a program, by default the previous one, and return the number of each operation."""
        if program is not None:
            self.write(program)
        return _done(self.stack.up(suppress_outputs=True).summary)

    def refresh(self) -> dict[str, int]:
        return _done(self.stack.refresh(suppress_outputs=True).summary)

    def failure(self, program: str, *, preview: bool = False) -> str:
        self.write(program)
        with pytest.raises(automation.CommandError) as error:
            (self.stack.preview if preview else self.stack.up)(suppress_outputs=True)
        return str(error.value)

    def client(self, service: str) -> Any:
        session: Any = boto3.Session("local", "local", region_name="us-east-1")
        return session.client(service, endpoint_url=self.endpoint)


def _done(summary: automation.UpdateSummary) -> dict[str, int]:
    counts = {str(getattr(kind, "value", kind)): n for kind, n in (summary.resource_changes or {}).items()}
    counts.pop("same", None)
    return counts


@pytest.fixture
def world(toolchain: Toolchain, endpoint: str, tmp_path: Path) -> Iterator[World]:
    with _engine(toolchain, tmp_path):
        yield World(endpoint, tmp_path / "program")


@contextmanager
def _engine(toolchain: Toolchain, tmp_path: Path) -> Iterator[None]:
    """Return the engine's variables, after creating its folders."""
    for folder in ("state", "program"):
        (tmp_path / folder).mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in toolchain.environment(stand_in_provider=True).items():
            patch.setenv(name, value)
        patch.setenv("PULUMI_HOME", str(tmp_path / "home"))
        patch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
        yield


NOTIFICATIONS = """
    topic = aws.sns.Topic("success", display_name="Success", opts=options)
    queue = aws.sqs.Queue("mailbox", visibility_timeout_seconds=60, opts=options)
    aws.sns.TopicSubscription(
        "mail", topic=topic.arn, protocol="sqs", endpoint=queue.arn, raw_message_delivery=True, opts=options
    )
    pulumi.export("topic", topic.arn)
"""


def test_a_second_up_and_a_refresh_find_everything_unchanged(world: World) -> None:
    assert world.up(NOTIFICATIONS) == {"create": 5}

    assert world.up() == {}
    assert world.refresh() == {}
    assert world.up() == {}


def test_a_destroyed_stack_leaves_nothing(world: World) -> None:
    world.up(NOTIFICATIONS)

    world.stack.destroy(suppress_outputs=True)

    assert world.client("sns").list_topics()["Topics"] == []
    assert world.client("sns").list_subscriptions()["Subscriptions"] == []
    assert "QueueUrls" not in world.client("sqs").list_queues()


def test_drift_and_loss_are_found_by_a_refresh_and_put_right_by_the_next_up(world: World) -> None:
    world.up(NOTIFICATIONS)
    topic = world.stack.outputs()["topic"].value
    (queue,) = world.client("sqs").list_queues()["QueueUrls"]
    world.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="DisplayName", AttributeValue="Failure"
    )
    world.client("sqs").delete_queue(QueueUrl=queue)

    assert world.refresh() == {"update": 1, "delete": 1}
    world.up()

    attributes = world.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["DisplayName"] == "Success"
    assert len(world.client("sqs").list_queues()["QueueUrls"]) == 1
    assert world.refresh() == {}


ROLE = """
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    aws.iam.Role("task", name="task", path=PATH, assume_role_policy=document, opts=options)
"""


def test_a_named_resource_is_deleted_before_its_replacement_takes_the_name(world: World) -> None:
    world.up(ROLE.replace("PATH", '"/"'))

    assert world.up(ROLE.replace("PATH", '"/ccapi/"')) == {"replace": 1}

    (found,) = world.client("iam").list_roles()["Roles"]
    assert found["Path"] == "/ccapi/"


def test_a_partly_created_resource_is_kept_and_completed_by_the_next_up(world: World) -> None:
    said = world.failure('aws.ec2.InternetGateway("gateway", vpc_id="vpc-12345678", opts=options)')

    assert 'aws:ec2/internetGateway:InternetGateway "gateway"' in said
    assert "VpcID vpc-12345678 does not exist" in said

    network = 'network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16", opts=options)\n'
    gateway = 'aws.ec2.InternetGateway("gateway", vpc_id=network.id, opts=options)'
    assert world.up(network + gateway) == {"create": 1, "update": 1}
    (found,) = world.client("ec2").describe_internet_gateways()["InternetGateways"]
    assert len(found["Attachments"]) == 1


def test_secrets_reach_aws_and_are_encrypted_in_the_state(world: World, tmp_path: Path) -> None:
    world.up("""
        secret = aws.secretsmanager.Secret("key", recovery_window_in_days=0, opts=options)
        value = pulumi.Output.secret("hunter2")
        aws.secretsmanager.SecretVersion("value", secret_id=secret.id, secret_string=value, opts=options)
        tags = {"owner": value}
        aws.ssm.Parameter("parameter", name="/key", type="SecureString", value=value, tags=tags, opts=options)
    """)

    (listed,) = world.client("secretsmanager").list_secrets()["SecretList"]
    held = world.client("secretsmanager").get_secret_value(SecretId=listed["ARN"])
    assert held["SecretString"] == "hunter2"
    (state,) = (tmp_path / "state" / ".pulumi" / "stacks").rglob("test.json")
    assert "/key" in state.read_text()
    assert "hunter2" not in state.read_text()


MISTAKE = """
    aws.scheduler.Schedule(
        "weekly",
        schedule_expression="rate(7 days)",
        flexible_time_window={"mode": "OFF", "minutes": 5},
        target={"arn": "arn", "role_arn": "arn"},
        opts=options,
    )
"""
UNSUPPORTED = """
    attributes = [{"name": "run", "type": "S"}]
    aws.dynamodb.Table("claims", hash_key="run", attributes=attributes, opts=options)
"""


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (MISTAKE, "an unexpected argument `minutes` was provided"),
        (UNSUPPORTED, "does not support aws:dynamodb/table:Table yet"),
    ],
    ids=["a mistake", "a type that is not supported"],
)
def test_a_resource_that_cannot_be_deployed_fails_the_preview(
    world: World, program: str, message: str
) -> None:
    assert message in world.failure(program, preview=True)


FUNCTION = """
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.iam.Role("reporter", assume_role_policy=document, opts=options)
    letters = aws.sqs.Queue("letters", opts=options)
    key = aws.kms.Key("key", opts=options)
    group = aws.cloudwatch.LogGroup("reporter", retention_in_days=7, opts=options)
    reporter = aws.lambda_.Function(
        "reporter",
        role=role.arn,
        runtime="python3.13",
        architectures=["arm64"],
        handler="app.handler",
        code=pulumi.FileArchive(CODE),
        memory_size=256,
        timeout=900,
        environment={"variables": {"CHANNEL": "#alerts"}},
        dead_letter_config={"target_arn": letters.arn},
        kms_key_arn=key.arn,
        tracing_config={"mode": "Active"},
        reserved_concurrent_executions=2,
        logging_config={"log_format": "Text", "log_group": group.name},
        opts=options,
    )
    aws.lambda_.FunctionEventInvokeConfig(
        "reporter", function_name=reporter.name, maximum_retry_attempts=RETRIES, opts=options
    )
    topic = aws.sns.Topic("events", opts=options)
    aws.lambda_.Permission(
        "events",
        function=reporter.name,
        action="lambda:InvokeFunction",
        principal="sns.amazonaws.com",
        source_arn=topic.arn,
        opts=options,
    )
    aws.sns.TopicSubscription(
        "events", topic=topic.arn, protocol="lambda", endpoint=reporter.arn, opts=options
    )
    pulumi.export("function", reporter.name)
    pulumi.export("topic", topic.arn)
    pulumi.export("group", group.name)
"""


def test_a_function_is_deployed_subscribed_updated_and_destroyed(
    functions: Functions, toolchain: Toolchain, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    program = FUNCTION.replace("CODE", repr(str(code)))
    (code / "app.py").write_text("def handler(event, context): print('version', 1); return 1")
    with _engine(toolchain, tmp_path):
        world = World(functions.aws.endpoint, tmp_path / "program", functions.aws.aws.access_key_id)

        assert world.up(program.replace("RETRIES", "0")) == {"create": 11}
        assert world.up() == {}
        assert world.refresh() == {}
        outputs = {name: output.value for name, output in world.stack.outputs().items()}
        assert functions.invoke(outputs["function"]).payload == 1

        (code / "app.py").write_text("def handler(event, context): print('version', 2); return 2")
        assert world.up(program.replace("RETRIES", "1")) == {"update": 2}
        assert world.up() == {}
        assert functions.invoke(outputs["function"]).payload == 2

        functions.aws.client("sns").publish(TopicArn=outputs["topic"], Message="Body")
        eventually(lambda: functions.log(outputs["group"]).count("version 2") == 2)

        world.stack.destroy(suppress_outputs=True)

    with pytest.raises(functions.client.exceptions.ResourceNotFoundException):
        functions.client.get_function(FunctionName=outputs["function"])
