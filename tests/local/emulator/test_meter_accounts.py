from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.callers import Caller, Kind
from local.emulator.meter.account import Task
from local.emulator.meter.billing import LINES, billed_deliveries, billed_requests, is_counted
from local.emulator.meter.meter import Meter

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
RUN = Caller(Kind.EXECUTION, "arn:aws:states:us-east-1:123456789012:execution:machine:one", "Work")
TASK = Caller(Kind.TASK, "19f51196-a4c2-420d-a971-16b527c94126")


def a_task(billed_from: datetime | None = None, billed_until: datetime | None = None) -> Task:
    return Task(
        arn=f"arn:aws:ecs:us-east-1:123456789012:task/cluster/{TASK.id}",
        command=("monitor",),
        cpu_units=256,
        memory_mib=512,
        storage_gib=20,
        architecture="X86_64",
        capacity_provider="FARGATE",
        has_public_ip=False,
        group=None,
        started_by=None,
        billed_from=billed_from,
        billed_until=billed_until,
    )


def line_of(operation: str) -> str | None:
    return next(iter(billed_requests({operation: 1})), None)


# https://aws.amazon.com/s3/pricing/
LINE_OF_METHOD = {
    "PUT": "s3_put_requests",
    "POST": "s3_put_requests",
    "GET": "s3_get_requests",
    "HEAD": "s3_get_requests",
    "DELETE": None,
}
NAMED_THERE = {"SelectObjectContent": "s3_get_requests", "DeleteObjects": None}
NOT_OF_ORDINARY_BUCKETS = {"CreateSession", "WriteGetObjectResponse"}


def test_each_request_of_s3_is_billed_by_its_method_and_a_list_like_a_write() -> None:
    model = ServiceModel(Loader().load_service_model("s3", "service-2"), "s3")
    for name in set(model.operation_names) - NOT_OF_ORDINARY_BUCKETS:
        by_method = LINE_OF_METHOD[model.operation_model(name).http["method"]]
        expected = "s3_put_requests" if name.startswith("List") else NAMED_THERE.get(name, by_method)
        assert line_of(f"s3:{name}") == expected, name


@pytest.mark.parametrize(
    ("operation", "line"),
    [
        ("sns:Publish", "sns_publishes"),
        ("sns:Subscribe", None),
        ("sqs:ReceiveMessage", "sqs_requests"),
        ("secretsmanager:GetSecretValue", "secret_requests"),
        ("cloudwatch:PutMetricData", "metrics_api_requests"),
        ("cloudwatch:PutDashboard", "metrics_api_requests"),
        ("cloudwatch:PutMetricAlarm", None),
        ("ecs:RunTask", None),
        ("stepfunctions:SendTaskHeartbeat", None),
        ("ssm:GetParameter", None),
        ("scheduler:GetSchedule", None),
    ],
)
def test_a_request_is_counted_in_its_line_of_the_bill_or_is_free(operation: str, line: str | None) -> None:
    assert line_of(operation) == line


def test_deliveries_by_e_mail_and_over_http_are_billed_and_no_others() -> None:
    protocols = {"email": 2, "email-json": 1, "http": 1, "https": 3, "sqs": 9, "lambda": 9}

    assert billed_deliveries(protocols) == {"sns_email_deliveries": 3, "sns_http_deliveries": 4}


@pytest.mark.parametrize(
    ("status", "counted"), [(200, True), (304, True), (404, True), (412, True), (503, False)]
)
def test_responses_with_a_server_error_are_not_billed(status: int, counted: bool) -> None:
    assert is_counted(status) is counted


def metered(meter: Meter) -> dict[str, Any]:
    (execution,) = meter.as_json()["executions"]
    return dict(execution)


BILLED_SERVICES = ("cloudwatch", "events", "kms", "s3", "secretsmanager", "sns", "sqs")
PROTOCOLS = ("email", "email-json", "http", "https")
ARCHITECTURES = ("arm64", "x86_64")


def test_every_metered_line_of_the_bill_has_a_description_and_is_in_the_account() -> None:
    operations = [
        f"{service}:{name}"
        for service in BILLED_SERVICES
        for name in ServiceModel(Loader().load_service_model(service, "service-2"), service).operation_names
    ]
    meter = Meter()
    meter.start(RUN.id, traced=True)
    meter.transition(RUN.id, "Work")
    meter.log(RUN, "worker", 100)
    for operation in operations:
        meter.request(RUN, operation)
    for protocol in PROTOCOLS:
        meter.delivery(RUN, protocol)
    for architecture in ARCHITECTURES:
        meter.function(RUN, 1000, 1024, architecture)

    by_account = {"state_transitions", "xray_traces", "log_bytes", "lambda_requests"}
    by_account |= {f"lambda_{architecture}_gb_seconds" for architecture in ARCHITECTURES}
    by_request = billed_requests(dict.fromkeys(operations, 1)).keys()
    by_delivery = billed_deliveries(dict.fromkeys(PROTOCOLS, 1)).keys()
    assert by_account | by_request | by_delivery == LINES.keys() == metered(meter)["usage"].keys()
    assert [line for line, description in LINES.items() if not description.strip()] == []
    assert len(set(LINES.values())) == len(LINES)


def test_an_execution_has_an_account_with_the_name_of_its_machine() -> None:
    meter = Meter()

    meter.start(RUN.id, traced=True)
    meter.transition(RUN.id, "Work")
    meter.transition(RUN.id, "Work")

    found = metered(meter)
    assert (found["execution"], found["state_machine"]) == (RUN.id, MACHINE)
    assert found["transitions"] == {"Work": 2}
    assert found["usage"] == {"state_transitions": 2, "xray_traces": 1}


def test_usage_of_tasks_and_of_integrations_is_separate_in_an_execution() -> None:
    meter = Meter()
    meter.task(RUN, TASK.id, a_task())

    meter.request(TASK, "s3:PutObject")
    meter.request(TASK, "s3:PutObject")
    meter.request(RUN, "s3:PutObject")
    meter.log(TASK, "worker", 100)
    meter.delivery(TASK, "email")

    found = metered(meter)
    assert found["requests"] == {"tasks": {"s3:PutObject": 2}, "integrations": {"s3:PutObject": 1}}
    assert found["usage"] == {"s3_put_requests": 3, "sns_email_deliveries": 1, "log_bytes": 100}


def test_a_task_stays_with_the_state_that_started_it() -> None:
    meter = Meter()

    meter.task(RUN, TASK.id, a_task())
    meter.task(Caller(Kind.AGENT), TASK.id, a_task(NOW))
    meter.task(
        Caller(Kind.EXECUTION, "arn:aws:states:r:a:execution:other:two", "Stop"), TASK.id, a_task(NOW, NOW)
    )

    (task,) = metered(meter)["tasks"]
    assert (task["state"], task["stopped"]) == ("Work", True)


def test_usage_outside_of_executions_is_separate() -> None:
    meter = Meter()

    meter.request(Caller(Kind.DEVELOPER), "s3:CreateBucket")
    meter.request(TASK, "s3:GetObject")

    others = meter.as_json()["others"]
    assert others["requests"] == {"developer": {"s3:CreateBucket": 1}, "tasks": {"s3:GetObject": 1}}
    assert meter.as_json()["executions"] == []


def test_the_agents_own_requests_are_not_billed() -> None:
    meter = Meter()

    meter.request(Caller(Kind.AGENT), "cloudwatch:PutMetricData")

    assert meter.as_json()["others"]["requests"] == {}


@given(st.floats(0, 100_000), st.floats(0, 100_000))
def test_a_task_is_billed_from_the_pull_of_its_image_until_it_has_stopped_or_until_now(
    pulled: float, lasted: float
) -> None:
    start = NOW + timedelta(seconds=pulled)
    end = start + timedelta(seconds=lasted)

    assert a_task(start, end).seconds(NOW + timedelta(days=9)) == (end - start).total_seconds()
    assert a_task(start).seconds(end) == (end - start).total_seconds()
    assert a_task().seconds(end) == 0


def test_schedules_are_counted_by_their_group() -> None:
    meter = Meter()

    meter.schedule_invocation("weekly", 1)
    meter.schedule_invocation("weekly", 1)

    assert meter.as_json()["schedule_invocations"] == {"weekly": 2}


def test_a_function_is_billed_by_its_memory_and_its_duration_to_its_caller() -> None:
    meter = Meter()

    meter.function(RUN, 1500, 256, "arm64")
    meter.function(RUN, 500, 256, "arm64")
    meter.function(RUN, 1000, 1024, "x86_64")

    usage = metered(meter)["usage"]
    assert usage["lambda_requests"] == 3
    assert usage["lambda_arm64_gb_seconds"] == pytest.approx(0.5)
    assert usage["lambda_x86_64_gb_seconds"] == pytest.approx(1)


def test_the_requests_of_a_function_are_metered_for_its_caller() -> None:
    meter = Meter()

    meter.environment(RUN, "environment")
    meter.request(Caller(Kind.FUNCTION, "environment"), "secretsmanager:GetSecretValue")

    assert metered(meter)["requests"] == {"functions": {"secretsmanager:GetSecretValue": 1}}


def test_a_function_that_a_function_invokes_works_for_the_same_execution() -> None:
    meter = Meter()

    meter.environment(RUN, "outer")
    meter.environment(Caller(Kind.FUNCTION, "outer"), "inner")
    meter.request(Caller(Kind.FUNCTION, "inner"), "sqs:SendMessage")

    assert metered(meter)["requests"] == {"functions": {"sqs:SendMessage": 1}}
