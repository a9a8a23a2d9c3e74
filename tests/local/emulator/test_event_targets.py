import json
from collections.abc import Mapping
from typing import Any

from tests.local.emulator.local_aws import ROLE, RunningAws, eventually, unique


def send(aws: RunningAws, source: str, detail: Mapping[str, Any]) -> None:
    entry = {"Source": source, "DetailType": "test", "Detail": json.dumps(detail)}
    aws.client("events").put_events(Entries=[entry])


def rule(aws: RunningAws, source: str, target: Mapping[str, Any], **arguments: Any) -> str:
    name = unique("rule")
    aws.client("events").put_rule(Name=name, EventPattern=json.dumps({"source": [source]}), **arguments)
    aws.client("events").put_targets(Rule=name, Targets=[{"Id": "target", **target}])
    return name


def test_a_state_machine_is_started_with_the_event(aws: RunningAws) -> None:
    source = unique("source")
    machine = aws.create_machine({"Echo": {"Type": "Succeed"}})
    rule(aws, source, {"Arn": machine, "RoleArn": ROLE})

    send(aws, source, {"quotes": 'a "b" \n c'})

    states = aws.client("stepfunctions")
    [execution] = eventually(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    event = aws.ended(execution["executionArn"]).output
    assert (event["source"], event["detail"]) == (source, {"quotes": 'a "b" \n c'})
    assert "ingestion-time" not in event


def test_a_topic_gets_the_event_as_its_message(aws: RunningAws) -> None:
    source = unique("source")
    topic = aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    url, arn = aws.queue()
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    rule(aws, source, {"Arn": topic})

    send(aws, source, {"a": 1})

    [message] = aws.messages(url, 1)
    assert json.loads(message["Message"])["detail"] == {"a": 1}


def test_a_constant_input_takes_the_events_place(aws: RunningAws) -> None:
    source = unique("source")
    url, arn = aws.queue()
    rule(aws, source, {"Arn": arn, "Input": '{"constant": true}'})

    send(aws, source, {})

    assert aws.messages(url, 1) == [{"constant": True}]


def test_an_input_path_and_a_transformer_choose_from_the_event(aws: RunningAws) -> None:
    source = unique("source")
    (first, first_arn), (second, second_arn) = aws.queue(), aws.queue()
    rule(aws, source, {"Arn": first_arn, "InputPath": "$.detail.a"})
    transformer = {"InputPathsMap": {"who": "$.detail.a.b"}, "InputTemplate": '{"text": "it was <who>"}'}
    rule(aws, source, {"Arn": second_arn, "InputTransformer": transformer})

    send(aws, source, {"a": {"b": "me"}})

    assert aws.messages(first, 1) == [{"b": "me"}]
    assert aws.messages(second, 1) == [{"text": "it was me"}]


def test_a_disabled_rule_and_a_scheduled_rule_deliver_nothing(aws: RunningAws) -> None:
    source = unique("source")
    url, arn = aws.queue()
    rule(aws, source, {"Arn": arn, "Input": '"disabled"'}, State="DISABLED")
    scheduled = unique("rule")
    aws.client("events").put_rule(Name=scheduled, ScheduleExpression="rate(1 day)")
    scheduled_target = {"Id": "target", "Arn": arn, "Input": '"scheduled"'}
    aws.client("events").put_targets(Rule=scheduled, Targets=[scheduled_target])
    rule(aws, source, {"Arn": arn, "Input": '"enabled"'})

    send(aws, source, {})

    assert aws.messages(url, 1) == ["enabled"]


def test_a_log_group_gets_the_event_in_a_stream(aws: RunningAws) -> None:
    source, group = unique("source"), unique("/aws/events/group")
    aws.client("logs").create_log_group(logGroupName=group)
    rule(aws, source, {"Arn": f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"})

    send(aws, source, {"a": 1})

    [event] = eventually(lambda: aws.client("logs").filter_log_events(logGroupName=group)["events"])
    assert json.loads(event["message"])["detail"] == {"a": 1}


def test_every_target_of_a_rule_gets_the_event_whatever_becomes_of_the_others(aws: RunningAws) -> None:
    source = unique("source")
    url, arn = aws.queue()
    name = rule(aws, source, {"Arn": "arn:aws:sqs:us-east-1:123456789012:none"})
    aws.client("events").put_targets(Rule=name, Targets=[{"Id": "other", "Arn": arn, "Input": '"here"'}])

    send(aws, source, {})

    assert aws.messages(url, 1) == ["here"]


def test_an_event_that_cannot_be_delivered_goes_to_the_dead_letter_queue_with_the_reason(
    aws: RunningAws,
) -> None:
    source = unique("source")
    url, arn = aws.queue()
    missing = "arn:aws:states:us-east-1:123456789012:stateMachine:none"
    name = rule(aws, source, {"Arn": missing, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": arn}})

    send(aws, source, {"lost": True})

    receive = aws.client("sqs").receive_message
    [letter] = eventually(lambda: receive(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages"))
    assert json.loads(letter["Body"])["detail"] == {"lost": True}
    facts = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert "none" in facts.pop("ERROR_MESSAGE")
    assert facts == {
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "RETRY_ATTEMPTS": "0",
        "RULE_ARN": f"arn:aws:events:us-east-1:123456789012:rule/{name}",
        "TARGET_ARN": missing,
    }
