"""The usage of real executions, compared with counts by hand."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.local.emulator.local_aws import ROLE, RunningAws, unique

PASS = {"Type": "Pass", "End": True}


@pytest.fixture
def bucket(aws: RunningAws) -> str:
    name = unique("bucket")
    aws.client("s3").create_bucket(Bucket=name)
    return name


def metered(aws: RunningAws, execution: str) -> dict[str, Any]:
    found = [
        account for account in aws.admin("GET", "meter")["executions"] if account["execution"] == execution
    ]
    assert len(found) == 1
    return dict(found[0])


def ran(aws: RunningAws, states: Mapping[str, Any], given: Any = None) -> dict[str, Any]:
    """Run a machine to its end, and return its usage."""
    execution = aws.start(states, given)
    aws.ended(execution)
    return metered(aws, execution)


def transitions(aws: RunningAws, states: Mapping[str, Any], given: Any = None) -> dict[str, int]:
    return dict(ran(aws, states, given)["transitions"])


def missing(bucket: str, **fields: Any) -> dict[str, Any]:
    """Return a state that reads a missing object."""
    read = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}
    return {**read, "Arguments": {"Bucket": bucket, "Key": "missing"}, **fields}


def once_a_second(attempts: int) -> list[dict[str, Any]]:
    return [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": attempts, "BackoffRate": 1}]


def test_each_state_that_is_entered_is_a_transition_and_no_other(aws: RunningAws) -> None:
    states = {
        "First": {"Type": "Pass", "Next": "Which"},
        "Which": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% true %}", "Next": "Pause"}],
            "Default": "Never",
        },
        "Never": PASS,
        "Pause": {"Type": "Wait", "Seconds": 0, "Next": "Last"},
        "Last": {"Type": "Succeed"},
    }

    assert transitions(aws, states) == {"First": 1, "Which": 1, "Pause": 1, "Last": 1}


def test_each_retry_is_one_more_transition_and_one_more_request(aws: RunningAws, bucket: str) -> None:
    used = ran(aws, {"Read": missing(bucket, Retry=once_a_second(2), End=True)})

    assert used["transitions"] == {"Read": 3}
    assert used["requests"] == {"integrations": {"s3:GetObject": 3}}
    assert used["usage"] == {"state_transitions": 3, "s3_get_requests": 3}


def test_a_state_that_is_caught_is_counted_once_and_the_state_it_goes_to_too(
    aws: RunningAws, bucket: str
) -> None:
    states = {
        "Read": missing(bucket, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], End=True),
        "Caught": PASS,
    }

    assert transitions(aws, states) == {"Read": 1, "Caught": 1}


def test_a_map_is_one_transition_and_each_state_of_each_item_another(aws: RunningAws) -> None:
    inner = {"One": {"Type": "Pass", "Next": "Two"}, "Two": PASS}
    states = {
        "Each": {
            "Type": "Map",
            "Items": [1, 2, 3],
            "ItemProcessor": {"StartAt": "One", "States": inner},
            "End": True,
        }
    }

    assert transitions(aws, states) == {"Each": 1, "One": 3, "Two": 3}


def test_a_map_that_is_tried_again_is_counted_again_with_all_its_states(aws: RunningAws, bucket: str) -> None:
    states = {
        "Each": {
            "Type": "Map",
            "Items": [1],
            "ItemProcessor": {"StartAt": "Read", "States": {"Read": missing(bucket, End=True)}},
            "Retry": once_a_second(1),
            "End": True,
        }
    }

    assert transitions(aws, states) == {"Each": 2, "Read": 2}


def test_an_item_that_is_tried_again_is_not_its_map(aws: RunningAws, bucket: str) -> None:
    states = {
        "Each": {
            "Type": "Map",
            "Items": [1, 2],
            "ItemProcessor": {
                "StartAt": "Read",
                "States": {"Read": missing(bucket, Retry=once_a_second(1), End=True)},
            },
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}],
            "MaxConcurrency": 1,
            "End": True,
        },
        "Done": PASS,
    }

    assert transitions(aws, states) == {"Each": 1, "Read": 2, "Done": 1}


def test_a_parallel_is_one_transition_and_each_state_of_its_branches_another(aws: RunningAws) -> None:
    branches = [{"StartAt": name, "States": {name: PASS}} for name in ("Left", "Right")]
    states = {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}

    assert transitions(aws, states) == {"Both": 1, "Left": 1, "Right": 1}


def test_each_child_execution_of_a_distributed_map_is_one_more_transition(aws: RunningAws) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "One",
        "States": {"One": PASS},
    }
    states = {"Each": {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": processor, "End": True}}

    assert transitions(aws, states) == {"Each": 1 + 3, "One": 3}


def test_the_counted_states_are_those_of_the_history(aws: RunningAws) -> None:
    states = {
        "Loop": {
            "Type": "Pass",
            "Assign": {"n": "{% $states.input.n + 1 %}"},
            "Output": {"n": "{% $states.input.n + 1 %}"},
            "Next": "Again",
        },
        "Again": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $n < 5 %}", "Next": "Loop"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    }
    execution = aws.start(states, {"n": 0})
    aws.ended(execution)

    entered = [event for event in aws.history(execution) if event["type"].endswith("StateEntered")]
    assert sum(metered(aws, execution)["transitions"].values()) == len(entered) == 11


def test_requests_are_counted_by_who_makes_them(aws: RunningAws, bucket: str) -> None:
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {"Bucket": bucket, "Key": "key", "Body": "body"},
        "End": True,
    }
    before = aws.admin("GET", "meter")["others"]["requests"]["developer"]
    used = ran(aws, {"Put": put})
    s3 = aws.client("s3")
    s3.list_objects_v2(Bucket=bucket)
    s3.get_object(Bucket=bucket, Key="key")
    s3.head_object(Bucket=bucket, Key="key")
    s3.head_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="key")
    after = aws.admin("GET", "meter")["others"]["requests"]["developer"]

    assert used["requests"] == {"integrations": {"s3:PutObject": 1}}
    grown = {name: count - before.get(name, 0) for name, count in after.items() if name.startswith("s3:")}
    assert {name: count for name, count in grown.items() if count} == {
        "s3:ListObjectsV2": 1,
        "s3:GetObject": 1,
        "s3:HeadObject": 1,
        "s3:HeadBucket": 1,
        "s3:DeleteObject": 1,
    }


def test_a_request_that_aws_fails_at_is_not_counted_and_one_that_it_refuses_is(
    aws: RunningAws, bucket: str
) -> None:
    fault = {
        "operation": "s3:PutObject",
        "error": "SlowDown",
        "status": 503,
        "match": {"path": f"/{bucket}/key"},
    }
    aws.admin("POST", "faults", fault)
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {"Bucket": bucket, "Key": "key", "Body": "body", "IfNoneMatch": "*"},
    }
    again = {**put, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}], "End": True}
    states = {"Put": {**put, "Retry": once_a_second(1), "Next": "Again"}, "Again": again, "Done": PASS}

    used = ran(aws, states)

    assert used["transitions"] == {"Put": 2, "Again": 1, "Done": 1}
    assert used["requests"] == {"integrations": {"s3:PutObject": 2}}


def test_a_message_is_a_request_and_a_delivery_to_each_subscriber_that_wants_it(aws: RunningAws) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    for address in ("one@example.com", "two@example.com"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    _, queue = aws.queue()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    uninterested = {"FilterPolicy": json.dumps({"kind": ["other"]})}
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="three@example.com", Attributes=uninterested)
    publish = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"TopicArn": topic, "Message": "done"},
        "End": True,
    }

    used = ran(aws, {"Tell": publish})

    assert used["deliveries"] == {"email": 2, "sqs": 1}
    assert used["usage"] == {"state_transitions": 1, "sns_publishes": 1, "sns_email_deliveries": 2}


def test_a_log_counts_26_bytes_for_each_event_beside_its_message_and_a_traced_execution_is_a_trace(
    aws: RunningAws,
) -> None:
    logs, states = aws.client("logs"), aws.client("stepfunctions")
    group = f"/aws/vendedlogs/states/{unique('machine')}"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"
    machine = states.create_state_machine(
        name=unique("machine"),
        definition=json.dumps({"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}),
        roleArn=ROLE,
        loggingConfiguration={
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
        },
        tracingConfiguration={"enabled": True},
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input='{"name": "Größe"}')["executionArn"]
    aws.ended(execution)

    events = logs.filter_log_events(logGroupName=group)["events"]
    used = metered(aws, execution)
    assert used["log_bytes"] == {group: sum(len(event["message"].encode()) + 26 for event in events)}
    assert used["traces"] == 1
    assert metered(aws, aws.start({"One": PASS}))["traces"] == 0


def test_a_task_is_metered_with_all_properties_that_its_price_depends_on(aws: RunningAws) -> None:
    cluster = aws.create_cluster()
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask",
        "Arguments": {
            "Cluster": cluster,
            "TaskDefinition": aws.register(command=["monitor"]),
            "Overrides": {
                "Cpu": "512",
                "Memory": "1024",
                "EphemeralStorage": {"SizeInGiB": 40},
                "ContainerOverrides": [{"Name": "monitor", "Command": ["validate"]}],
            },
            "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}],
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {"Subnets": [aws.subnet], "AssignPublicIp": "ENABLED"}
            },
            "Group": "week",
        },
        "End": True,
    }

    (task,) = ran(aws, {"Work": run})["tasks"]

    assert task.pop("task").startswith(f"arn:aws:ecs:us-east-1:123456789012:task/{cluster}/")
    assert task == {
        "state": "Work",
        "command": ["validate"],
        "cpu_units": 512,
        "memory_mib": 1024,
        "storage_gib": 40,
        "architecture": "X86_64",
        "capacity_provider": "FARGATE_SPOT",
        "public_ip": True,
        "group": "week",
        "started_by": "AWS Step Functions",
        "seconds": 0.0,
        "stopped": False,
    }


def test_a_task_is_billed_for_until_it_has_stopped_and_its_requests_are_its_executions(
    aws: RunningAws, bucket: str
) -> None:
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask",
        "Arguments": {
            "Cluster": aws.create_cluster(),
            "TaskDefinition": aws.register(command=["monitor"]),
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [aws.subnet]}},
        },
        "Output": "{% $states.result.Tasks[0] %}",
        "End": True,
    }
    execution = aws.start({"Work": run})
    started = aws.ended(execution).output
    task = {"taskArn": started["TaskArn"], "clusterArn": started["ClusterArn"]}
    worker = aws.as_task(task).client("s3")

    aws.report(task, "PENDING", pullStartedAt=started["CreatedAt"])
    worker.put_object(Bucket=bucket, Key="key", Body=b"body")
    running = metered(aws, execution)["tasks"][0]
    aws.report(task, "STOPPED")
    used = metered(aws, execution)
    described = aws.task(task)

    assert used["requests"] == {"integrations": {"ecs:RunTask": 1}, "tasks": {"s3:PutObject": 1}}
    (stopped,) = used["tasks"]
    assert (running["stopped"], stopped["stopped"]) == (False, True)
    lasted = (described["stoppedAt"] - described["createdAt"]).total_seconds()
    assert 0 < running["seconds"] <= stopped["seconds"] == pytest.approx(lasted, abs=0.01)
    assert metered(aws, execution)["tasks"] == [stopped]


def test_an_attempt_of_a_schedule_is_an_invocation_of_its_group(aws: RunningAws) -> None:
    group = unique("group")
    datum = {
        "MetricName": "InvocationAttemptCount",
        "Dimensions": [{"Name": "ScheduleGroup", "Value": group}],
        "Value": 1,
        "Unit": "Count",
    }
    for _ in range(2):
        aws.client("cloudwatch").put_metric_data(Namespace="AWS/Scheduler", MetricData=[datum])

    assert aws.admin("GET", "meter")["schedule_invocations"][group] == 2
