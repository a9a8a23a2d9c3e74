from typing import Any

import pytest

from local.agent.secret_values import secret_value

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:name-AbCdEf"


class Store:
    """Answers like SSM and Secrets Manager, and records the requests."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def get_parameter(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"Parameter": {"Value": "parameter"}}

    def get_secret_value(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"SecretString": '{"key": "value"}'}


@pytest.mark.parametrize(
    ("value_from", "value", "asked"),
    [
        ("/name", "parameter", {"Name": "/name", "WithDecryption": True}),
        (
            "arn:aws:ssm:us-east-1:123456789012:parameter/path/name",
            "parameter",
            {"Name": "/path/name", "WithDecryption": True},
        ),
        (ARN, '{"key": "value"}', {"SecretId": ARN}),
        (f"{ARN}:key::", "value", {"SecretId": ARN}),
        (f"{ARN}:key:AWSPREVIOUS:", "value", {"SecretId": ARN, "VersionStage": "AWSPREVIOUS"}),
        (f"{ARN}:::id", '{"key": "value"}', {"SecretId": ARN, "VersionId": "id"}),
    ],
)
def test_a_secret_is_read_from_the_service_of_its_reference(
    value_from: str, value: str, asked: dict[str, Any]
) -> None:
    store = Store()

    assert secret_value(value_from, lambda _service: store) == value
    assert store.asked == asked


def test_a_key_that_a_secret_does_not_hold_is_an_error() -> None:
    with pytest.raises(KeyError, match="other"):
        secret_value(f"{ARN}:other::", lambda _service: Store())
