from typing import Any

import pytest

from tests.local.emulator.local_aws import unique
from tests.local.lambdas import Functions

QUEUE = "arn:aws:sqs:us-east-1:123456789012:letters"


def configuration(functions: Functions, name: str) -> dict[str, Any]:
    return dict(functions.client.get_function(FunctionName=name)["Configuration"])


def test_the_configuration_of_a_created_function_is_reported(functions: Functions) -> None:
    group = unique("/group")
    name = functions.create(
        DeadLetterConfig={"TargetArn": QUEUE}, LoggingConfig={"LogGroup": group, "LogFormat": "JSON"}
    )

    found = configuration(functions, name)

    assert found["DeadLetterConfig"] == {"TargetArn": QUEUE}
    assert found["LoggingConfig"] == {
        "LogGroup": group,
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
    }


def test_without_a_logging_configuration_the_log_has_its_default_group(functions: Functions) -> None:
    name = functions.create()

    assert configuration(functions, name)["LoggingConfig"] == {
        "LogGroup": f"/aws/lambda/{name}",
        "LogFormat": "Text",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"DeadLetterConfig": {"TargetArn": QUEUE}},
        {"KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0"},
        {"TracingConfig": {"Mode": "Active"}},
        {"EphemeralStorage": {"Size": 1024}},
        {"LoggingConfig": {"LogFormat": "Text", "LogGroup": "/other"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_update_changes_each_field(functions: Functions, change: dict[str, Any]) -> None:
    name = functions.create()
    before = configuration(functions, name)

    functions.client.update_function_configuration(FunctionName=name, **change)

    after = configuration(functions, name)
    assert {field: after[field] for field in change} == change
    assert before["RevisionId"] != after["RevisionId"]


def test_variables_can_be_cleared(functions: Functions) -> None:
    name = functions.create(variables={"CHANNEL": "#alerts"})

    functions.client.update_function_configuration(FunctionName=name, Environment={})

    assert "Environment" not in configuration(functions, name)


def test_a_reserved_concurrency_of_none_is_reported(functions: Functions) -> None:
    name = functions.create()

    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    answer = functions.client.get_function(FunctionName=name)
    assert answer["Concurrency"] == {"ReservedConcurrentExecutions": 0}


def test_the_last_configuration_of_events_holds(functions: Functions) -> None:
    name = functions.create()
    for attempts in (2, 0):
        functions.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=attempts)

    found = functions.client.get_function_event_invoke_config(FunctionName=name)

    assert found["MaximumRetryAttempts"] == 0
