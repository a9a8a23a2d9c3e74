import json
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from local.provider.aws import Aws
from local.provider.errors import ProviderError
from local.provider.servicer import Provider
from local.provider.settings import Settings
from local.provider.values import send
from tests.local.provider.conftest import AbortedError, Context, Engine

LOCAL = "http://127.0.0.1:4566"


def settings(**values: Any) -> Settings:
    encoded = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return Settings.parse({"region": "us-east-1", **encoded})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"])
def test_loopback_endpoints_are_accepted(host: str) -> None:
    assert settings(endpoints=[{"sns": f"http://{host}:4566"}]).endpoints["sns"] == f"http://{host}:4566"


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.us-east-1.amazonaws.com",
        "http://10.0.0.1:4566",
        "http://0.0.0.0:4566",
        "http://localhost.example.com:4566",
        "http://127.0.0.1@example.com",
        "sns",
    ],
)
def test_an_endpoint_that_is_not_on_loopback_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(ProviderError, match="only loopback addresses") as refusal:
        settings(endpoints=[{"sns": url}])

    assert url in str(refusal.value)
    assert "pulumi plugin install resource aws" in str(refusal.value)


def test_a_service_without_an_endpoint_is_refused_when_it_is_used() -> None:
    aws = settings(endpoints=[{"sns": LOCAL}]).aws()

    with pytest.raises(ProviderError, match="no endpoint is set for `sqs`"):
        aws.client("sqs")


@pytest.mark.parametrize(
    ("given", "service"),
    [("sfn", "stepfunctions"), ("cloudwatchlogs", "logs"), ("eventbridge", "events"), ("lambda", "lambda")],
)
def test_services_go_by_the_names_that_the_settings_have_for_them(given: str, service: str) -> None:
    assert settings(endpoints=[{given: LOCAL}]).endpoints[service] == LOCAL


def test_an_unsupported_setting_is_refused_by_name() -> None:
    with pytest.raises(ProviderError, match="aws:ignoreTags, aws:tagPolicyCompliance is not supported"):
        settings(tagPolicyCompliance="error", ignoreTags={"keys": ["team"]})


def test_settings_for_authentication_and_networking_have_no_effect() -> None:
    given = settings(profile="work", assumeRoles=[{"roleArn": "arn"}], useFipsEndpoint=True, maxRetries=3)
    assert given == settings()


def test_settings_that_are_empty_count_as_not_given() -> None:
    assert settings(profile="", assumeRoles=[]).region == "us-east-1"


def test_a_missing_region_is_reported_with_the_command_that_sets_it() -> None:
    with pytest.raises(ProviderError, match="pulumi config set aws:region"):
        Settings.parse({})


def test_another_account_than_the_allowed_ones_is_refused(engine: Engine) -> None:
    with pytest.raises(AbortedError, match="account 123456789012; allowedAccountIds has only 999999999999"):
        engine.configure(allowedAccountIds=["999999999999"])


def test_a_forbidden_account_is_refused(engine: Engine) -> None:
    with pytest.raises(AbortedError, match="account 123456789012 is among forbiddenAccountIds"):
        engine.configure(forbiddenAccountIds=["123456789012"])


def test_the_allowed_account_is_accepted(engine: Engine) -> None:
    engine.configure(allowedAccountIds=["123456789012", "999999999999"])


def test_a_closed_endpoint_is_reported_with_the_remedy() -> None:
    with pytest.raises(AbortedError, match=r"does not answer: .*Is it running\? `make run` starts it"):
        Engine(Provider(), "http://127.0.0.1:1").configure(allowedAccountIds=["123456789012"])


def test_a_secret_key_does_not_blot_out_the_words_of_a_message() -> None:
    settings = {"region": "us-east-1", "tagPolicyCompliance": "error", "secretKey": "local"}
    request = provider_pb2.ConfigureRequest(args=send(settings, frozenset({"secretKey"})))

    context: Any = Context()

    with pytest.raises(AbortedError, match="local/provider"):
        Provider().Configure(request, context)


def test_no_call_is_made_if_the_settings_say_so() -> None:
    Engine(Provider(), "http://127.0.0.1:1").configure(
        allowedAccountIds=["123456789012"], skipRequestingAccountId=True, skipCredentialsValidation=True
    )


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_follows_the_region(region: str, partition: str) -> None:
    assert Aws(region, {}, "local", "local", None).partition == partition
