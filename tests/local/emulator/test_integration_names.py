from datetime import UTC, datetime

import pytest

from local.emulator.integration_names import (
    UnsupportedFieldError,
    operation_name,
    sdk_name,
    service_model,
    to_request,
    to_result,
)

RUN_TASK = service_model("ecs").operation_model("RunTask")
PUBLISH = service_model("sns").operation_model("Publish")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("SSM", "Ssm"), ("S3", "S3"), ("SFN", "Sfn"), ("taskArn", "TaskArn"), ("ETag", "ETag")],
)
def test_names_are_written_as_the_java_sdk_writes_them(name: str, expected: str) -> None:
    assert sdk_name(name) == expected


def test_nested_fields_become_the_apis_names() -> None:
    assert to_request(
        {
            "Cluster": "c",
            "EnableECSManagedTags": True,
            "Overrides": {
                "ContainerOverrides": [{"Name": "monitor", "Environment": [{"Name": "a", "Value": "b"}]}]
            },
        },
        RUN_TASK.input_shape,
    ) == {
        "cluster": "c",
        "enableECSManagedTags": True,
        "overrides": {
            "containerOverrides": [{"name": "monitor", "environment": [{"name": "a", "value": "b"}]}]
        },
    }


def test_the_java_spelling_of_a_field_is_taken_too() -> None:
    assert to_request({"EnableEcsManagedTags": True}, RUN_TASK.input_shape) == {"enableECSManagedTags": True}


def test_an_api_name_in_camel_case_is_refused() -> None:
    with pytest.raises(UnsupportedFieldError, match="'cluster' is not supported here"):
        to_request({"cluster": "c"}, RUN_TASK.input_shape)


def test_keys_of_maps_stay_as_they_are() -> None:
    request = {"MessageAttributes": {"my-key": {"DataType": "String", "StringValue": "x"}}}

    assert to_request(request, PUBLISH.input_shape) == request


def test_results_carry_times_as_iso_strings() -> None:
    result = to_result(
        {"tasks": [{"taskArn": "a", "createdAt": datetime(2026, 3, 29, 1, 2, 3, tzinfo=UTC)}]},
        RUN_TASK.output_shape,
    )

    assert result == {"Tasks": [{"TaskArn": "a", "CreatedAt": "2026-03-29T01:02:03.000Z"}]}


def test_an_operation_is_found_by_its_method() -> None:
    assert operation_name("s3", "list_objects_v2") == "ListObjectsV2"
