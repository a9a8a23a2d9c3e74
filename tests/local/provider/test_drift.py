from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest

from local.provider.values import Properties
from tests.local.provider.conftest import AbortedError, Engine

Client = Callable[[str], Any]


@pytest.fixture
def client(endpoint: str) -> Client:
    session: Any = boto3.Session("local", "local", region_name="us-east-1")
    return partial(session.client, endpoint_url=endpoint)


class Resource:
    """A deployed resource, with `refresh` and `up` of it."""

    def __init__(self, engine: Engine, token: str) -> None:
        self.engine, self.token = engine, token
        self.id, self.inputs, self.state = engine.create_sample(token)

    def refresh(self) -> tuple[Properties, Properties] | None:
        found, state, inputs = self.engine.read(self.token, self.id, self.state, self.inputs)
        return (state, inputs) if found else None

    def drift(self) -> set[str]:
        refreshed = self.refresh()
        assert refreshed is not None
        state, inputs = refreshed
        return set(self.engine.diff(self.token, state, inputs, self.inputs).diffs)

    def put_right(self) -> None:
        refreshed = self.refresh()
        assert refreshed is not None
        state, inputs = refreshed
        self.state = self.engine.update(self.token, self.id, state, inputs, self.inputs)


def test_a_changed_retention_is_found_and_put_right(engine: Engine, client: Client) -> None:
    group = Resource(engine, "aws:cloudwatch/logGroup:LogGroup")
    client("logs").put_retention_policy(logGroupName=group.id, retentionInDays=365)

    assert group.drift() == {"retentionInDays"}
    group.put_right()

    assert client("logs").describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    assert group.drift() == set()


def test_a_removed_retention_is_found_and_put_right(engine: Engine, client: Client) -> None:
    group = Resource(engine, "aws:cloudwatch/logGroup:LogGroup")
    client("logs").delete_retention_policy(logGroupName=group.id)

    assert group.drift() == {"retentionInDays"}
    group.put_right()

    assert client("logs").describe_log_groups()["logGroups"][0]["retentionInDays"] == 7


def test_a_changed_alarm_threshold_is_found_and_put_right(engine: Engine, client: Client) -> None:
    alarm = Resource(engine, "aws:cloudwatch/metricAlarm:MetricAlarm")
    found = client("cloudwatch").describe_alarms()["MetricAlarms"][0]
    kept = (
        "AlarmName",
        "ComparisonOperator",
        "EvaluationPeriods",
        "MetricName",
        "Namespace",
        "Period",
        "Statistic",
    )
    client("cloudwatch").put_metric_alarm(**{name: found[name] for name in kept}, Threshold=99)

    assert "threshold" in alarm.drift()
    alarm.put_right()

    assert client("cloudwatch").describe_alarms()["MetricAlarms"][0]["Threshold"] == 0.5
    assert alarm.drift() == set()


def test_changed_added_and_removed_tags_are_found_and_put_right(engine: Engine, client: Client) -> None:
    engine.configure(defaultTags={"tags": {"project": "ccapi"}})
    topic = Resource(engine, "aws:sns/topic:Topic")
    client("sns").tag_resource(
        ResourceArn=topic.id, Tags=[{"Key": "team", "Value": "thieves"}, {"Key": "new", "Value": "1"}]
    )
    client("sns").untag_resource(ResourceArn=topic.id, TagKeys=["stage", "project"])

    assert topic.drift() == {"tags"}
    topic.put_right()

    tags = client("sns").list_tags_for_resource(ResourceArn=topic.id)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "project": "ccapi",
        "team": "forest",
        "stage": "test",
    }
    assert topic.drift() == set()


def test_a_setting_that_the_program_never_gave_is_found_and_put_back(engine: Engine, client: Client) -> None:
    queue = Resource(engine, "aws:sqs/queue:Queue")
    client("sqs").set_queue_attributes(QueueUrl=queue.id, Attributes={"DelaySeconds": "60"})

    assert queue.drift() == {"delaySeconds"}
    queue.put_right()

    attributes = client("sqs").get_queue_attributes(QueueUrl=queue.id, AttributeNames=["DelaySeconds"])
    assert attributes["Attributes"] == {"DelaySeconds": "0"}


def test_rules_that_are_resources_of_their_own_are_no_drift_of_their_group(engine: Engine) -> None:
    group = Resource(engine, "aws:ec2/securityGroup:SecurityGroup")
    rule = {
        "securityGroupId": group.id,
        "ipProtocol": "tcp",
        "fromPort": 22,
        "toPort": 22,
        "cidrIpv4": "10.0.0.0/8",
    }
    engine.create("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", rule)

    assert group.drift() == set()


def test_a_resource_deleted_behind_our_back_is_noticed(engine: Engine, client: Client) -> None:
    topic = Resource(engine, "aws:sns/topic:Topic")
    client("sns").delete_topic(TopicArn=topic.id)

    assert topic.refresh() is None


def test_an_import_brings_the_inputs_that_a_program_would_have_to_give(engine: Engine) -> None:
    resource_id, inputs, _ = engine.create_sample("aws:scheduler/schedule:Schedule")

    found, _, imported = engine.read("aws:scheduler/schedule:Schedule", resource_id, {}, {})

    assert found == resource_id == "ccapi/weekly"
    assert imported == inputs


def test_an_id_of_another_form_is_refused(engine: Engine) -> None:
    with pytest.raises(AbortedError, match="the id `weekly` is not of the form groupName/name"):
        engine.read("aws:scheduler/schedule:Schedule", "weekly", {}, {})
