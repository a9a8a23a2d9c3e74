"""The watch machine on a running local stack: dead workers, and runs that end without a message."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.local.emulator.local_aws import eventually
from tests.local.run.conftest import Checkout
from tests.local.run.kept import Kept, keep

LOG_GROUP = "/aws/ecs/ccapi-local"


class Watched:
    """A kept stack whose runs are started by hand and pause a little before they try again."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.states = kept.client("stepfunctions")
        machines = self.states.list_state_machines()["stateMachines"]
        self.arns = {machine["name"]: machine["stateMachineArn"] for machine in machines}
        self.weekly = self.arns["ccapi-weekly-monitoring-local"]
        self.change({})

    def change(self, top: dict[str, Any]) -> None:
        """Change fields of the machine, beside its pauses."""
        self.kept.change_machine(self.weekly, **top)

    def start(self) -> str:
        """Start a run, once the worker of the one before has gone."""
        eventually(lambda: not self.working_tasks())
        started = self.states.start_execution(stateMachineArn=self.weekly, input='{"regions_count": 1}')
        return str(started["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        return self.kept.ended(execution)

    def failures(self, execution: str) -> list[dict[str, Any]]:
        return self.kept.worker_errors(execution)

    def working_tasks(self) -> list[dict[str, Any]]:
        """Return the tasks that monitor and have not stopped; one that validated may still be on its way out."""
        ecs = self.kept.client("ecs")
        cluster = "ccapi-cluster-local"
        arns = [
            arn
            for desired in ("RUNNING", "STOPPED")
            for arn in ecs.list_tasks(cluster=cluster, desiredStatus=desired)["taskArns"]
        ]
        described = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return [
            task
            for task in described
            if task["lastStatus"] != "STOPPED"
            and task["overrides"]["containerOverrides"][0]["command"] == ["monitor"]
        ]


@pytest.fixture(scope="module")
def watched(shared_checkout: Checkout) -> Iterator[Watched]:
    with keep(shared_checkout) as kept:
        yield Watched(kept)


@pytest.fixture
def mailbox(watched: Watched) -> Iterator[str]:
    """A queue on the topic of failures."""
    sqs, sns = watched.kept.client("sqs"), watched.kept.client("sns")
    url: str = sqs.create_queue(QueueName="failures")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    (topic,) = (item["TopicArn"] for item in sns.list_topics()["Topics"] if "failure" in item["TopicArn"])
    subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
    yield url
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=url)


def test_a_successful_run_is_recorded_and_the_watch_machine_publishes_its_metric(watched: Watched) -> None:
    s3, cloudwatch = watched.kept.client("s3"), watched.kept.client("cloudwatch")
    (bucket,) = (item["Name"] for item in s3.list_buckets()["Buckets"] if "cache" in item["Name"])
    recorded = json.load(s3.get_object(Bucket=bucket, Key="state/last-success.json")["Body"])
    assert recorded["run"] == watched.kept.checkout.last_run["run_id"]
    listed = cloudwatch.list_metrics(Namespace="CloudClearingAPI")["Metrics"]
    assert "HoursSinceLastSuccess" in {metric["MetricName"] for metric in listed}


def test_a_worker_that_is_killed_is_noticed_at_once_and_tried_again(watched: Watched) -> None:
    # Otherwise the worker may be done before it is found and killed.
    with watched.kept.slowed(watched.weekly, seconds_per_region=5):
        execution = watched.start()
        watched.kept.worker().kill()
    ended = watched.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    # Without the watch its heartbeat would have been missed, which is no error of a worker.
    (failed,) = watched.failures(execution)
    assert failed["error"] == "Worker.Crashed"
    assert "(exit code 137) Log stream: worker/monitor/" in failed["cause"]


def test_a_worker_that_cannot_start_is_noticed_at_once_and_tried_again(watched: Watched) -> None:
    logs = watched.kept.client("logs")
    logs.delete_log_group(logGroupName=LOG_GROUP)
    execution = watched.start()
    eventually(lambda: watched.failures(execution))
    logs.create_log_group(logGroupName=LOG_GROUP)
    ended = watched.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    assert {failed["error"] for failed in watched.failures(execution)} == {"Worker.StartFailed"}
    assert "It never started." in watched.failures(execution)[0]["cause"]


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
def test_a_run_that_ends_without_a_message_is_reported_and_its_worker_is_stopped(
    watched: Watched, mailbox: str, status: str
) -> None:
    watched.change({"TimeoutSeconds": 10_800 if status == "ABORTED" else 8})
    with watched.kept.slowed(watched.weekly, seconds_per_region=5):
        execution = watched.start()
        worker = watched.kept.worker()
    # It notices nothing any more, not even that it should stop; nor does the process of its region.
    worker.suspend()
    suspended = [worker, *worker.children(recursive=True)]
    for child in suspended[1:]:
        child.suspend()
    try:
        if status == "ABORTED":
            watched.states.stop_execution(
                executionArn=execution, error="Operator", cause="it was the wrong week"
            )
        assert watched.ended(execution)["status"] == status

        def is_stopping() -> bool:
            (task,) = watched.working_tasks()
            return (task["desiredStatus"], task.get("stopCode")) == ("STOPPED", "UserInitiated")

        eventually(is_stopping)
    finally:
        for process in suspended:
            process.resume()
    eventually(lambda: not watched.working_tasks())

    sqs = watched.kept.client("sqs")
    (letter,) = eventually(lambda: sqs.receive_message(QueueUrl=mailbox).get("Messages"))
    mail = json.loads(letter["Body"])
    name = execution.rpartition(":")[2]
    ended = "STOPPED" if status == "ABORTED" else "TIMED OUT"
    assert f"{name} {ended}" in mail["Subject"]
    assert ("it was the wrong week" if status == "ABORTED" else "timed out") in mail["Message"]
    reason = (
        "The run was stopped by an operator before this region was done."
        if status == "ABORTED"
        else "The run was ended by its timeout before this region was done."
    )
    assert f"\n- {reason}" in mail["Message"]
    # The page and the summary are there and say the same, also of a run that could not make them itself.
    s3 = watched.kept.client("s3")
    (bucket,) = (item["Name"] for item in s3.list_buckets()["Buckets"] if "reports" in item["Name"])
    summary = json.load(s3.get_object(Bucket=bucket, Key=f"weekly/{name}/summary.json")["Body"])
    done = summary["succeeded"]
    assert f"Monitored: {done} of {done + summary['failed']} region" in mail["Message"]
    assert {region["error"] for region in summary["regions"] if region["status"] == "failed"} == {reason}
    page = s3.get_object(Bucket=bucket, Key=f"weekly/{name}/index.html")["Body"].read().decode()
    assert reason in page


def confirm(watched: Watched, address: str, *, confirmed: bool) -> None:
    """Let the owner of an address confirm its subscriptions, or not have done so."""
    watched.kept.aws.admin("POST", "subscriptions", {"endpoint": address, "confirmed": confirmed})


def missing_subscriptions(watched: Watched) -> float:
    """Let the watch look, and return the sum of what it has published so far of missing subscriptions."""
    started = watched.states.start_execution(
        stateMachineArn=watched.arns["ccapi-watch-local"], input='{"sweep": true}'
    )
    assert watched.ended(started["executionArn"])["status"] == "SUCCEEDED"
    now = datetime.now(UTC)
    statistics = watched.kept.client("cloudwatch").get_metric_statistics(
        Namespace="CloudClearingAPI",
        MetricName="SubscriptionsMissing",
        Dimensions=[{"Name": "Environment", "Value": "local"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in statistics["Datapoints"]))


def test_an_address_that_has_not_confirmed_is_above_the_threshold_of_its_alarm(watched: Watched) -> None:
    (alarm,) = watched.kept.client("cloudwatch").describe_alarms(
        AlarmNames=["ccapi-subscriptions-missing-local"]
    )["MetricAlarms"]
    before = missing_subscriptions(watched)
    assert before <= alarm["Threshold"]

    confirm(watched, "alerts@example.com", confirmed=False)
    assert missing_subscriptions(watched) - before == 1 > alarm["Threshold"]

    confirm(watched, "alerts@example.com", confirmed=True)
    assert missing_subscriptions(watched) - before == 1


def test_the_watch_itself_never_failed(watched: Watched) -> None:
    arn = watched.arns["ccapi-watch-local"]

    def executions() -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = watched.states.list_executions(stateMachineArn=arn)["executions"]
        return [] if any(item["status"] == "RUNNING" for item in listed) else listed

    assert {item["status"] for item in eventually(executions)} == {"SUCCEEDED"}
    sqs = watched.kept.client("sqs")
    (queue,) = sqs.list_queues(QueueNamePrefix="ccapi-watch")["QueueUrls"]
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
