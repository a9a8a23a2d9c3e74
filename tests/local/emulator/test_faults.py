import json
import time
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from components.machines.weekly.machine import weekly_machine
from local.emulator.faults import Fault, FaultBook
from tests.local.emulator.local_aws import RunningAws, unique
from tests.stacks import names_of, settings_of


@given(st.integers(0, 5), st.integers(0, 10))
def test_a_fault_matches_as_many_requests_as_it_has_times(times: int, requests: int) -> None:
    book = FaultBook()
    book.add(Fault("ecs:RunTask", times=times))

    matched = [book.match("ecs:RunTask", {}) for _ in range(requests)]

    assert sum(fault is not None for fault in matched) == min(times, requests)


def test_a_fault_matches_only_requests_that_hold_all_its_pairs() -> None:
    book = FaultBook()
    book.add(Fault("ecs:RunTask", match={"capacityProvider": "FARGATE_SPOT", "cluster": "c"}))

    assert book.match("ecs:StopTask", {"cluster": "c"}) is None
    assert book.match("ecs:RunTask", {"cluster": "c"}) is None
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert book.match("ecs:RunTask", {"cluster": "c", "capacityProviderStrategy": strategy})


@pytest.mark.parametrize(
    ("operation", "service", "method", "arguments"),
    [
        ("ssm:GetParameter", "ssm", "get_parameter", {"Name": "/none"}),
        ("sns:ListTopics", "sns", "list_topics", {}),
        ("s3:ListBuckets", "s3", "list_buckets", {}),
        ("stepfunctions:ListStateMachines", "stepfunctions", "list_state_machines", {}),
        ("scheduler:ListSchedules", "scheduler", "list_schedules", {}),
    ],
)
def test_any_operation_of_any_service_can_be_throttled(
    aws: RunningAws, operation: str, service: str, method: str, arguments: dict[str, str]
) -> None:
    # botocore's default number of attempts.
    fault = {"operation": operation, "error": "ThrottlingException", "message": "Rate exceeded", "times": 5}
    aws.admin("POST", "faults", fault)

    with pytest.raises(ClientError, match="ThrottlingException"):
        getattr(aws.client(service), method)(**arguments)

    aws.admin("DELETE", "faults")


def test_a_head_of_an_object_is_an_operation_of_its_own(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="folder/key")
    aws.admin("POST", "faults", {"operation": "s3:HeadObject", "error": "AccessDenied", "status": 403})

    s3.get_object(Bucket=bucket, Key="folder/key")
    with pytest.raises(ClientError, match="403"):
        s3.head_object(Bucket=bucket, Key="folder/key")
    s3.head_object(Bucket=bucket, Key="folder/key")


def test_a_write_can_happen_and_only_its_answer_be_lost(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    lost = {"operation": "s3:PutObject", "error": "InternalError", "status": 500, "performed": True}
    aws.admin("POST", "faults", lost)

    # botocore retries, and its first write fails the condition.
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="claim", Body=b"mine", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="claim")["Body"].read() == b"mine"


def test_a_run_whose_metrics_cannot_be_sent_ends_as_it_would_have_ended(aws: RunningAws) -> None:
    names = names_of("local")
    aws.client("sns").create_topic(Name=names.topic("failure"))
    text = json.dumps(weekly_machine(settings_of("local"), names).definition)
    definition = json.loads(text, object_hook=_without_retry)
    fault = {"operation": "cloudwatch:PutMetricData", "error": "InternalFailure", "status": 500}
    aws.admin("POST", "faults", fault)

    # It fails because its settings do not exist.
    ended = aws.run(definition["States"], **definition)

    assert aws.admin("GET", "faults") == []
    assert ended.error == "Ccapi.RunFailed"
    assert "Ssm.ParameterNotFoundException" in str(ended.cause)


def _without_retry(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "Retry"}


def test_faults_can_be_read_and_forgotten(aws: RunningAws) -> None:
    aws.admin("POST", "faults", {"operation": "ecs:StartTask", "times": 3})

    [pending] = aws.admin("GET", "faults")
    assert (pending["operation"], pending["times"]) == ("ecs:StartTask", 3)
    aws.admin("DELETE", "faults")
    assert aws.admin("GET", "faults") == []


def test_an_answer_can_be_slow(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    aws.admin("POST", "faults", {"operation": "s3:PutObject", "seconds": 0.5})
    started = time.monotonic()
    s3.put_object(Bucket=bucket, Key="key", Body=b"slow")
    assert time.monotonic() - started >= 0.5
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"slow"
    assert aws.admin("GET", "faults") == []


def test_an_execution_that_has_ended_can_have_run_earlier(aws: RunningAws) -> None:
    states = aws.client("stepfunctions")
    arn = aws.start({"Done": {"Type": "Succeed"}})
    aws.ended(arn)
    before = states.describe_execution(executionArn=arn)
    aws.admin("POST", "age", {"execution": arn, "seconds": 660})
    after = states.describe_execution(executionArn=arn)
    (listed,) = states.list_executions(stateMachineArn=before["stateMachineArn"])["executions"]
    for field in ("startDate", "stopDate"):
        assert (before[field] - after[field]).total_seconds() == 660
        assert listed[field] == after[field]


def test_an_execution_that_runs_cannot_have_run_earlier(aws: RunningAws) -> None:
    arn = aws.start({"Wait": {"Type": "Wait", "Seconds": 600, "End": True}})
    with pytest.raises(HTTPError, match="400"):
        aws.admin("POST", "age", {"execution": arn, "seconds": 660})
    aws.client("stepfunctions").stop_execution(executionArn=arn)
