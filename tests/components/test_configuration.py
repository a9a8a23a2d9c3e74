import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi._types import input_type_types

from components.provider_settings import argument_of, provider_arguments, provider_keys
from components.settings import SettingsError
from tests.components.deployment import deploy, deployed
from tests.stacks import ENVIRONMENTS, settings_of

PROVIDER = "pulumi:providers:aws"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_provider_works_on_the_stacks_account_and_no_other(environment: str) -> None:
    provider = deployed(environment).the(PROVIDER)
    assert json.loads(provider.inputs["allowedAccountIds"]) == [settings_of(environment).account]
    assert provider.inputs["region"] == "us-east-1"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_provider_tags_resources_with_project_environment_and_manager(environment: str) -> None:
    tags = json.loads(deployed(environment).the(PROVIDER).inputs["defaultTags"])["tags"]
    assert tags == {"Project": "ccapi", "Environment": environment, "ManagedBy": "pulumi"}


def test_the_aws_settings_of_the_stack_file_reach_the_provider() -> None:
    inputs = deployed("local").the(PROVIDER).inputs
    (endpoints,) = json.loads(inputs["endpoints"])
    assert endpoints["sfn"] == "http://127.0.0.1:4566"
    assert inputs["s3UsePathStyle"] == "true"


def test_only_the_local_stack_has_endpoints_of_its_own() -> None:
    assert "endpoints" not in deployed("dev").the(PROVIDER).inputs
    assert "endpoints" not in deployed("prod").the(PROVIDER).inputs


def test_a_bad_stack_file_is_reported_without_a_traceback() -> None:
    with pytest.raises(
        pulumi.RunError, match=r"ccapi:worker\.shards: 201 is above the highest value"
    ) as caught:
        deploy("dev", worker={"workload": "sample", "shards": 201})
    assert caught.value.__cause__ is None


def test_an_account_without_quotes_is_read_as_text() -> None:
    assert "222222222222" in deploy("dev", account="222222222222").the(PROVIDER).inputs["allowedAccountIds"]


def test_tags_of_the_stack_file_are_put_on_as_well_and_the_stacks_own_win() -> None:
    tags = {"tags": {"CostCenter": "4711", "Environment": "somebody-elses"}}
    inputs = deploy("dev", others={"aws:defaultTags": tags}).the(PROVIDER).inputs
    assert json.loads(inputs["defaultTags"])["tags"] == {
        "CostCenter": "4711",
        "Project": "ccapi",
        "Environment": "dev",
        "ManagedBy": "pulumi",
    }


@pytest.mark.parametrize("ids", [["111111111111"], ["333333333333", "111111111111"], [111111111111]])
def test_a_list_of_accounts_with_the_stacks_own_is_narrowed_to_it(ids: list[Any]) -> None:
    inputs = deploy("dev", others={"aws:allowedAccountIds": ids}).the(PROVIDER).inputs
    assert json.loads(inputs["allowedAccountIds"]) == ["111111111111"]


@pytest.mark.parametrize(
    ("key", "value", "mistake"),
    [
        ("allowedAccountIds", ["333333333333"], "does not have the stack's own account 111111111111; add it"),
        ("forbiddenAccountIds", ["333333333333"], "cannot be set beside the stack's own account"),
        ("maxRetries", "many", "'many' is not a whole number"),
        ("useFipsEndpoint", "perhaps", "'perhaps' is neither true nor false"),
        ("assumeRoles", [{"roleAn": "arn"}], "is not a setting"),
        ("defaultTags", ["CostCenter"], "is not a group of settings"),
        ("defaultTags", {"tags": {"": "x"}}, "the name '' has 0 characters; write 1 to 128"),
        ("defaultTags", {"tags": {"n" * 129: "x"}}, "has 129 characters; write 1 to 128"),
        ("defaultTags", {"tags": {"Note": "v" * 257}}, "has 257 characters; write 0 to 256"),
        (
            "defaultTags",
            {"tags": {"AWS:team": "x"}},
            "the name 'AWS:team' begins with aws:, which is AWS's own",
        ),
        ("defaultTags", {"tags": {"Team": "a\nb"}}, "has characters other than letters, digits"),
        (
            "defaultTags",
            {"tags": {"Team": "a;b"}},
            "the value 'a;b' has characters other than letters, digits",
        ),
        ("defaultTags", {"tags": {f"t{n}": "x" for n in range(47)}}, "has 47 tags; write at most 46"),
        ("profil", "dev", "is not a setting of the AWS provider; take it out, or write one of accessKey, "),
        ("assumeRole", {"roleArn": "arn"}, "is not a setting of the AWS provider"),
    ],
)
def test_a_key_that_cannot_be_used_is_reported_without_a_traceback(
    key: str, value: Any, mistake: str
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deploy("dev", others={f"aws:{key}": value})
    (_, line) = str(caught.value).splitlines()
    assert line.startswith(f"  aws:{key}")
    assert mistake in line


def test_mistakes_of_both_namespaces_and_of_neither_are_reported_at_once() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deploy("dev", others={"aws:profil": "x", "capi:worker": {}, "ccapi:account": "[1"}, wroker={})
    assert sorted(line.strip().split(": ")[0] for line in str(caught.value).splitlines()[1:]) == [
        "aws:profil",
        "capi:worker",
        "ccapi:account",
        "ccapi:wroker",
    ]


def test_a_credential_is_not_quoted_in_a_message() -> None:
    with pytest.raises(SettingsError) as caught:
        provider_arguments({"token": ["never-to-be-seen"], "maxRetries": "x"}, account=None)
    assert "never-to-be-seen" not in str(caught.value)


def test_an_encrypted_tag_is_not_quoted_in_a_message() -> None:
    with pytest.raises(SettingsError) as caught:
        provider_arguments(
            {"defaultTags": {"tags": {"Team": "never;seen"}}}, account=None, encrypted=["defaultTags"]
        )
    assert "a value has characters other than" in str(caught.value)
    assert "never;seen" not in str(caught.value)


def test_a_setting_that_is_encrypted_is_not_quoted_in_a_message() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deploy("dev", others={"ccapi:account": "never-to-be-seen"}, encrypted_others=["ccapi:account"])
    assert "is not an account of twelve digits" in str(caught.value)
    assert "never-to-be-seen" not in str(caught.value)


def test_a_credential_that_is_encrypted_stays_a_secret() -> None:
    inputs = (
        deploy("dev", secrets={}, others={"aws:token": "t"}, encrypted_others=["aws:token"])
        .the(PROVIDER)
        .inputs
    )
    assert inputs["token"] != "t"
    assert inputs["token"]["value"] == "t"


SAMPLES: dict[str, Any] = {
    "assumeRoles": [{"roleArn": "arn:aws:iam::1:role/a", "sessionName": "deploy"}],
    "assumeRoleWithWebIdentity": {"roleArn": "arn:aws:iam::1:role/a", "webIdentityTokenFile": "/token"},
    "endpoints": [{"s3": "http://127.0.0.1:4566"}],
    "ignoreTags": {"keyPrefixes": ["team:"]},
    "defaultTags": {"tags": {"CostCenter": "4711"}},
    "allowedAccountIds": ["111111111111"],
}
REFUSED = {"forbiddenAccountIds"}


def sample_of(key: str) -> Any:
    """Return a value for a key without a sample, such as a new key of a later version of pulumi_aws."""
    text = str(input_type_types(aws.ProviderArgs)[key])
    if "Sequence" in text:
        return ["one"]
    return "true" if "'bool'" in text else "7" if "'int'" in text else "one"


KEYS_OF_PROVIDER = sorted(set(input_type_types(aws.ProviderArgs)) - {"region"})


@cache
def provider_with_every_key() -> Mapping[str, Any]:
    values = {
        f"aws:{key}": SAMPLES.get(key, sample_of(key)) for key in KEYS_OF_PROVIDER if key not in REFUSED
    }
    return deploy("dev", others=values).the(PROVIDER).inputs


@pytest.mark.parametrize("key", KEYS_OF_PROVIDER)
def test_every_key_of_the_provider_is_passed_on_or_refused(key: str) -> None:
    value: Any = SAMPLES.get(key, sample_of(key))
    if key in REFUSED:
        with pytest.raises(pulumi.RunError, match=f"aws:{key}: "):
            deploy("dev", others={f"aws:{key}": value})
        return
    inputs = provider_with_every_key()
    # A value that the provider marks as secret arrives wrapped as a secret.
    found = inputs[key]["value"] if isinstance(inputs[key], dict) else inputs[key]
    told: Any = found if isinstance(value, str) else json.loads(found)
    if key == "defaultTags":
        assert SAMPLES[key]["tags"].items() <= told["tags"].items()
    else:
        assert told == value


def test_the_keys_are_those_of_the_class() -> None:
    assert provider_keys() == sorted(input_type_types(aws.ProviderArgs))
    assert argument_of("s3UsEast1RegionalEndpoint") == "s3_us_east1_regional_endpoint"


@pytest.mark.parametrize("account", ["١٢٣٤٥٦٧٨٩٠١٢", "１１１１１１１１１１１１"])
def test_an_account_has_the_digits_of_ascii(account: str) -> None:
    with pytest.raises(pulumi.RunError, match="is not an account of twelve digits"):
        deploy("dev", account=account)
