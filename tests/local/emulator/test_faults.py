import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.faults import Fault, FaultBook
from tests.local.emulator.laptop import Laptop, unique


@given(st.integers(0, 5), st.integers(0, 10))
def test_a_fault_strikes_as_often_as_it_was_told(times: int, requests: int) -> None:
    book = FaultBook()
    book.add(Fault("ecs:RunTask", times=times))

    struck = [book.strike("ecs:RunTask", {}) for _ in range(requests)]

    assert sum(fault is not None for fault in struck) == min(times, requests)


def test_a_fault_strikes_only_requests_that_hold_all_its_pairs() -> None:
    book = FaultBook()
    book.add(Fault("ecs:RunTask", match={"capacityProvider": "FARGATE_SPOT", "cluster": "c"}))

    assert book.strike("ecs:StopTask", {"cluster": "c"}) is None
    assert book.strike("ecs:RunTask", {"cluster": "c"}) is None
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert book.strike("ecs:RunTask", {"cluster": "c", "capacityProviderStrategy": strategy})


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
    aws: Laptop, operation: str, service: str, method: str, arguments: dict[str, str]
) -> None:
    # As often as botocore tries by default.
    fault = {"operation": operation, "error": "ThrottlingException", "message": "Rate exceeded", "times": 5}
    aws.admin("POST", "faults", fault)

    with pytest.raises(ClientError, match="ThrottlingException"):
        getattr(aws.client(service), method)(**arguments)

    aws.admin("DELETE", "faults")


def test_a_write_can_happen_and_only_its_answer_be_lost(aws: Laptop) -> None:
    s3, bucket = aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    lost = {"operation": "s3:PutObject", "error": "InternalError", "status": 500, "performed": True}
    aws.admin("POST", "faults", lost)

    # botocore tries again, and finds its own first write in the way.
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="claim", Body=b"mine", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="claim")["Body"].read() == b"mine"


def test_faults_can_be_read_and_forgotten(aws: Laptop) -> None:
    aws.admin("POST", "faults", {"operation": "ecs:StartTask", "times": 3})

    [pending] = aws.admin("GET", "faults")
    assert (pending["operation"], pending["times"]) == ("ecs:StartTask", 3)
    aws.admin("DELETE", "faults")
    assert aws.admin("GET", "faults") == []
