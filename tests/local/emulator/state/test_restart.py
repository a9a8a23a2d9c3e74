"""A local AWS that is killed and started again: what it had answered is there, and what ran has failed."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from local.aws import LocalAws
from local.emulator.access_keys import AGENT_FILE
from tests.local.emulator.local_aws import ROLE, ROOT, RunningAws, allow, document, eventually
from tests.local.emulator.test_distributed_map import distributed
from tests.local.lambdas import zipped

pytestmark = pytest.mark.processes

WAITING = {
    "Work": {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {
            "QueueUrl": "{% $states.input.queue %}",
            "MessageBody": "{% $states.context.Task.Token %}",
        },
        "End": True,
    }
}
QUICK = {"Work": {"Type": "Pass", "Output": {"answer": 42}, "End": True}}


class Kept:
    """A local AWS with a state on disk."""

    def __init__(self, folder: Path) -> None:
        self.state, self.credentials = folder / "state", folder / "credentials"
        self._process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> RunningAws:
        process = self.process(*arguments or ("--port", "0"))
        assert process.stdout is not None
        assert process.stdout.readline(), process.communicate()
        self._process = process
        return RunningAws(self.credentials)

    def process(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "local.emulator", *arguments]
        return subprocess.Popen(
            [*command, "--state", str(self.state), "--credentials", str(self.credentials)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, number: int = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.communicate()
            self._process = None

    def again(self) -> RunningAws:
        """Kill the local AWS and start it again."""
        self.end()
        return self.start()

    def refused(self) -> str:
        """Return the error with which it does not start."""
        process = self.process()
        _, errors = process.communicate()
        assert process.returncode == 1
        return errors.strip().splitlines()[-1]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.end()


def without_metadata(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def populate(aws: RunningAws) -> None:
    """Create resources of the services that a pipeline uses."""
    client = aws.client
    s3 = client("s3")
    s3.create_bucket(Bucket="reports")
    s3.put_bucket_versioning(Bucket="reports", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(
        Bucket="reports",
        Policy=document(allow("s3:GetObject", on="arn:aws:s3:::reports/*", Principal={"AWS": ROLE})),
    )
    s3.put_object(Bucket="reports", Key="tagged", Body=b"1", Tagging="a=b", Metadata={"c": "d"})
    client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument="{}")
    client("iam").put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=document(allow("s3:*")))
    group = client("ec2").create_security_group(GroupName="workers", Description="Workers")["GroupId"]
    client("ec2").authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ],
    )
    client("kms").create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    client("secretsmanager").create_secret(Name="webhook", SecretString="https://example.com")
    client("ssm").put_parameter(Name="/settings", Value="1", Type="String")
    client("logs").create_log_group(logGroupName="/ecs")
    client("logs").create_log_stream(logGroupName="/ecs", logStreamName="one")
    client("logs").put_log_events(
        logGroupName="/ecs", logStreamName="one", logEvents=[{"timestamp": 1, "message": "line"}]
    )
    client("cloudwatch").put_metric_alarm(
        AlarmName="late",
        MetricName="Hours",
        Namespace="ccapi",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Maximum",
    )
    topic = client("sns").create_topic(Name="failure")["TopicArn"]
    url, queue = aws.queue()
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    client("sns").publish(TopicArn=topic, Message="told")
    client("events").put_rule(Name="ends", EventPattern=json.dumps({"source": ["aws.states"]}))
    client("events").put_targets(Rule="ends", Targets=[{"Id": "queue", "Arn": queue}])
    client("scheduler").create_schedule(
        Name="weekly",
        ScheduleExpression="cron(0 6 ? * MON *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue, "RoleArn": ROLE},
    )
    create_function(aws)
    client("ecs").create_cluster(clusterName="workers")
    aws.register()
    assert url


def create_function(aws: RunningAws) -> None:
    trust = document(allow("sts:AssumeRole", on=None, Principal={"Service": "lambda.amazonaws.com"}))
    role = aws.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    aws.client("lambda").create_function(
        FunctionName="reporter",
        Runtime="python3.12",
        Handler="app.handle",
        Role=role,
        Code={"ZipFile": zipped("def handle(event, context): return event")},
    )


def described(aws: RunningAws) -> dict[str, Any]:
    """Return what the services answer about the resources."""
    client = aws.client
    queues = client("sqs").list_queues()["QueueUrls"]
    calls = {
        "buckets": client("s3").list_buckets(),
        "versions": client("s3").list_object_versions(Bucket="reports"),
        "policy": client("s3").get_bucket_policy(Bucket="reports"),
        "tags": client("s3").get_object_tagging(Bucket="reports", Key="tagged"),
        "head": client("s3").head_object(Bucket="reports", Key="tagged"),
        "roles": client("iam").list_roles(),
        "role policies": client("iam").list_role_policies(RoleName="worker"),
        "groups": client("ec2").describe_security_groups(),
        "rules": client("ec2").describe_security_group_rules(),
        "subnets": client("ec2").describe_subnets(),
        "images": client("ec2").describe_images(),
        "keys": client("kms").list_keys(),
        "secret": client("secretsmanager").get_secret_value(SecretId="webhook"),
        "parameters": client("ssm").get_parameters_by_path(Path="/"),
        "log": client("logs").get_log_events(logGroupName="/ecs", logStreamName="one"),
        "alarms": client("cloudwatch").describe_alarms(),
        "subscriptions": client("sns").list_subscriptions(),
        "queues": [
            client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            for url in queues
        ],
        "event rules": client("events").list_rules(),
        "targets": client("events").list_targets_by_rule(Rule="ends"),
        "schedule": client("scheduler").get_schedule(Name="weekly"),
        "function": client("lambda").get_function(FunctionName="reporter"),
        "clusters": client("ecs").describe_clusters(clusters=["workers"]),
        "definitions": client("ecs").list_task_definitions(),
        "machines": client("stepfunctions").list_state_machines(),
        "executions": [
            client("stepfunctions").list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
            for machine in client("stepfunctions").list_state_machines()["stateMachines"]
        ],
    }
    return {
        name: without_metadata(answer) if isinstance(answer, dict) else answer
        for name, answer in calls.items()
    }


def saved(kept: Kept) -> None:
    """Wait for a snapshot that has everything."""
    snapshot = kept.state / "snapshot"
    before = snapshot.stat().st_mtime_ns
    eventually(lambda: snapshot.stat().st_mtime_ns > before)
    eventually(lambda: sum(path.stat().st_size for path in kept.state.glob("journal-*")) == 0)


def test_resources_are_as_they_were_after_each_of_two_kills(kept: Kept) -> None:
    aws = kept.start()
    populate(aws)
    aws.run(QUICK)
    saved(kept)
    before = described(aws)
    assert described(kept.again()) == before
    assert described(kept.again()) == before


def test_a_snapshot_on_request_has_what_was_made_just_before(kept: Kept) -> None:
    aws = kept.start()
    for number in range(3):
        aws.client("sqs").create_queue(QueueName=f"queue-{number}")
        aws.admin("POST", "snapshot", {})
        aws = kept.again()
        assert len(aws.client("sqs").list_queues(QueueNamePrefix="queue-")["QueueUrls"]) == number + 1


def test_it_has_the_same_address_and_takes_the_same_keys(kept: Kept) -> None:
    before = kept.start().aws
    # The new process writes the files again, so this is the key of the old one.
    kept.again()
    assert before.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert LocalAws.read(kept.credentials / AGENT_FILE).admin("GET", "clock")["pause"] is not None


class Writer(threading.Thread):
    """Writes and deletes objects, and notes each answer, until the local AWS is killed."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        super().__init__()
        self._s3 = aws.client("s3", retries={"total_max_attempts": 1})
        self._name = name
        self.bodies: dict[tuple[str, str], bytes] = {}
        """The body of each version, by key and version id."""
        self.latest: dict[str, str | None] = {}
        """The version id of each object, or None for a deleted one."""
        self.uncertain = ""
        """The key of the request that had no answer: it was performed, or it was not."""

    def run(self) -> None:
        number = 0
        while not self.uncertain:
            key, body = f"{self._name}/{number % 50}", f"{number} ".encode() * 1000
            try:
                version = self._s3.put_object(Bucket="reports", Key=key, Body=body)["VersionId"]
                self.bodies[key, version], self.latest[key] = body, version
                if number % 7 == 0:
                    self._s3.delete_object(Bucket="reports", Key=key)
                    self.latest[key] = None
            except (BotoCoreError, ClientError):
                self.uncertain = key
            number += 1


def test_objects_that_were_answered_are_there_with_their_versions(kept: Kept) -> None:
    aws = kept.start()
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="reports")
    s3.put_bucket_versioning(Bucket="reports", VersioningConfiguration={"Status": "Enabled"})
    writers = [Writer(aws.aws, name) for name in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    eventually(lambda: all(len(writer.bodies) > 60 for writer in writers))
    kept.end()
    for writer in writers:
        writer.join()

    s3 = kept.start().client("s3")

    listed = s3.list_object_versions(Bucket="reports")
    latest = {version["Key"]: version["VersionId"] for version in listed["Versions"] if version["IsLatest"]}
    for writer in writers:
        certain = {key: version for key, version in writer.latest.items() if key != writer.uncertain}
        assert {key: latest.get(key) for key in certain} == certain
        for (key, version), body in writer.bodies.items():
            answer = s3.get_object(Bucket="reports", Key=key, VersionId=version)
            assert answer["Body"].read() == body


def test_what_ended_keeps_its_result_and_what_ran_has_failed_with_an_event(kept: Kept) -> None:
    aws = kept.start()
    url, queue = aws.queue()
    events = aws.client("events")
    events.put_rule(Name="ends", EventPattern=json.dumps({"detail": {"status": ["FAILED"]}}))
    events.put_targets(Rule="ends", Targets=[{"Id": "queue", "Arn": queue}])
    tokens, _ = aws.queue()
    aws.admin("POST", "snapshot", {})
    # From here on there is the journal alone.
    ended = aws.start(QUICK)
    aws.ended(ended)
    history = aws.history(ended)
    running = aws.start(WAITING, {"queue": tokens})
    token = eventually(lambda: aws.client("sqs").receive_message(QueueUrl=tokens).get("Messages"))[0]["Body"]

    entered = aws.history(running)

    aws = kept.again()

    assert aws.ended(ended).output == {"answer": 42}
    assert aws.history(running)[:-1] == entered
    assert aws.history(ended) == history
    result = aws.ended(running)
    assert (result.status, result.error) == ("FAILED", "LocalAws.Restarted")
    assert "was started again with its state" in str(result.cause)
    assert aws.history(running)[-1]["type"] == "ExecutionFailed"
    (event,) = aws.messages(url, 1)
    assert event["detail"]["executionArn"] == running
    with pytest.raises(ClientError, match="TaskTimedOut"):
        aws.client("stepfunctions").send_task_heartbeat(taskToken=token)


def test_messages_tasks_and_keys_are_there_without_a_snapshot(kept: Kept) -> None:
    aws = kept.start()
    cluster, family = aws.create_cluster(), aws.register()
    url, _ = aws.queue()
    sqs = aws.client("sqs")
    aws.admin("POST", "snapshot", {})
    task = aws.run_task(cluster, family)
    worker = aws.as_task(task)
    aws.report(task, "RUNNING")
    for body in ("read", "unread"):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    advanced = datetime.now(UTC) + timedelta(days=7)
    aws.admin("POST", "clock", {"advance_to": advanced.isoformat()})

    aws = kept.again()

    assert aws.task(task)["lastStatus"] == "RUNNING"
    assert worker.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert aws.messages(url, 1) == ["unread"]
    assert datetime.fromisoformat(aws.admin("GET", "clock")["now"]) >= advanced


def test_an_accepted_event_still_reaches_its_function(kept: Kept) -> None:
    aws = kept.start()
    create_function(aws)
    aws.admin("POST", "snapshot", {})
    aws.client("lambda").invoke(FunctionName="reporter", InvocationType="Event", Payload=b'{"outcome": 1}')
    aws = kept.again()
    offered = aws.admin("POST", "invocations/next", {"agent": "one"})["invocation"]
    assert json.loads(offered["request"]["payload"]) == {"outcome": 1}


def test_a_stopped_local_aws_saves_what_only_a_snapshot_has(kept: Kept) -> None:
    aws = kept.start()
    aws.client("ssm").put_parameter(Name="/settings", Value="1", Type="String")
    kept.end(signal.SIGTERM)
    assert kept.start().client("ssm").get_parameter(Name="/settings")["Parameter"]["Value"] == "1"


def test_a_damaged_state_is_not_served(kept: Kept) -> None:
    kept.start()
    kept.end()
    snapshot = kept.state / "snapshot"
    snapshot.write_bytes(snapshot.read_bytes()[:-10])
    assert kept.refused() == (
        f"The state cannot be used: {snapshot} is damaged or was cut off; type `ccapi local up` to begin anew."
    )


def test_a_state_of_other_versions_is_not_served(kept: Kept) -> None:
    kept.start()
    kept.end()
    snapshot = kept.state / "snapshot"
    header, _, rest = snapshot.read_bytes().partition(b"\n")
    versions = json.loads(header)
    versions["versions"]["local AWS"] = "0123456789ab"
    snapshot.write_bytes(json.dumps(versions).encode() + b"\n" + rest)
    assert "is of other versions: local AWS 0123456789ab, and this is " in kept.refused()


def test_a_port_that_is_in_use_is_named(kept: Kept) -> None:
    port = int(kept.start().endpoint.rpartition(":")[2])
    kept.end()
    with socket.create_server(("127.0.0.1", port)):
        assert kept.refused() == (
            f"Port {port}, at which the agent, the workers and the stack know this local AWS, cannot be used (Address "
            "already in use (while attempting to bind on address ('127.0.0.1', "
            f"{port}))); end the program that uses it, then type `ccapi local resume`."
        )


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "local.emulator", "--port", "0", "--credentials", str(kept.credentials)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline()
        RunningAws(kept.credentials).client("s3").create_bucket(Bucket="reports")
        process.terminate()
    assert [path.name for path in tmp_path.iterdir()] == ["credentials"]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_parent_of_child_executions_is_there_and_its_children_are_gone(
    kept: Kept, end: signal.Signals
) -> None:
    aws = kept.start()
    wait = {"Type": "Wait", "Seconds": 3600, "End": True}
    execution = aws.start({"Map": distributed(wait, ToleratedFailureCount=2)})
    states = aws.client("stepfunctions")
    (run,) = eventually(lambda: states.list_map_runs(executionArn=execution)["mapRuns"])
    eventually(lambda: len(_children(states, run["mapRunArn"])) == 2)
    for child in _children(states, run["mapRunArn"]):
        states.stop_execution(executionArn=child["executionArn"])
    assert aws.ended(execution).output == [None, None]
    history = aws.history(execution)

    kept.end(end)
    aws = kept.start()
    assert aws.history(execution) == history
    with pytest.raises(ClientError, match="ResourceNotFound"):
        _children(aws.client("stepfunctions"), run["mapRunArn"])


def _children(states: Any, map_run: str) -> list[dict[str, Any]]:
    return list(states.list_executions(mapRunArn=map_run)["executions"])
