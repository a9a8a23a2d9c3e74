import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from components.settings import KEYS, STAND_INS
from docs.stack_file_schema import keys, schema
from tests.stacks import ENVIRONMENTS, ROOT

FILE = "schemas/stack-file.json"


def stack_file(environment: str) -> Any:
    return yaml.safe_load((ROOT / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8"))


def mistakes(content: Any) -> list[str]:
    return [error.json_path for error in Draft7Validator(schema()).iter_errors(content)]


def changed(**changes: Any) -> Any:
    """Return the stack file of dev with some keys replaced."""
    content = stack_file("dev")
    content["config"] |= {f"ccapi:{key}": value for key, value in changes.items()}
    return content


def test_the_schema_is_valid() -> None:
    Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_stack_files_of_the_checkout_fit(environment: str) -> None:
    assert mistakes(stack_file(environment)) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"workers": {"shards": 2}}, ""),
        ({"schedule": {"presets": "weekly"}}, "['ccapi:schedule']"),
        ({"schedule": {"preset": "fortnightly"}}, "['ccapi:schedule'].preset"),
        ({"monitoring": {"catalog": "island", "regionsCount": 0}}, "['ccapi:monitoring'].regionsCount"),
        ({"monitoring": {"catalog": "island", "regionsCount": "5"}}, "['ccapi:monitoring'].regionsCount"),
        ({"notifications": {"failureEmails": []}}, "['ccapi:notifications'].failureEmails"),
        ({"notifications": {}}, "['ccapi:notifications']"),
        ({"worker": {"shards": 2}}, "['ccapi:worker']"),
        ({"cluster": {"adopt": {}}}, "['ccapi:cluster'].adopt"),
        ({"budget": {"monthlyUsd": 0}}, "['ccapi:budget'].monthlyUsd"),
        ({"account": 111111111111}, "['ccapi:account']"),
        *(({key: value}, f"['ccapi:{key}']") for key, value in STAND_INS.items()),
        (
            {"notifications": {"failureEmails": ["a@example.com"], "reservedConcurrency": 0}},
            "['ccapi:notifications'].reservedConcurrency",
        ),
        (
            {"notifications": {"failureEmails": ["a@example.com"], "webhook": {"occasions": ["ok"]}}},
            "['ccapi:notifications'].webhook.occasions[0]",
        ),
        (
            {"notifications": {"failureEmails": ["a@example.com"], "slack": {"mention": "@here"}}},
            "['ccapi:notifications'].slack.mention",
        ),
        (
            {"notifications": {"failureEmails": ["a@example.com"], "pagerDuty": {"severity": "high"}}},
            "['ccapi:notifications'].pagerDuty.severity",
        ),
    ],
)
def test_a_wrong_value_is_reported_at_its_path(changes: dict[str, Any], place: str) -> None:
    assert mistakes(changed(**changes)) == [f"$.config{place}"]


@pytest.mark.parametrize(
    "changes",
    [
        *({key: {"secure": "v1:abc"}} for key in STAND_INS),
        {
            "notifications": {
                "failureEmails": ["a@example.com"],
                "contact": "the data team",
                "slack": {"occasions": ["succeeded"], "mention": "<!here>"},
                "pagerDuty": {"severity": "error", "url": "https://events.eu.pagerduty.com/v2/enqueue"},
                "webhook": {"occasions": ["failed"]},
                "reservedConcurrency": 100,
            }
        },
        {"budget": {"monthlyUsd": 19.9}},
        {"schedule": {"preset": "weekly", "everyWeeks": 2, "anchorWeek": "2026-11-23"}},
        {"worker": {"workload": "sample", "cpuUnits": 1024, "memoryMib": 4096}},
        {"cluster": {"adopt": {"name": "shared"}}},
    ],
)
def test_a_right_value_is_not(changes: dict[str, Any]) -> None:
    assert mistakes(changed(**changes)) == []


@pytest.mark.parametrize("key", ["aws:region", "ccapi:account", "ccapi:worker", "ccapi:notifications"])
def test_a_setting_without_a_default_is_required(key: str) -> None:
    content = stack_file("dev")
    del content["config"][key]
    assert mistakes(content) == ["$.config"]


def test_a_setting_with_a_default_is_optional() -> None:
    content = stack_file("dev")
    needed = {"aws:region", "ccapi:account", "ccapi:monitoring", "ccapi:worker", "ccapi:notifications"}
    content["config"] = {key: value for key, value in content["config"].items() if key in needed}
    assert mistakes(content) == []


def test_fields_that_pulumi_writes_match_the_schema() -> None:
    content = {**stack_file("dev"), "encryptionsalt": "v1:abc", "secretsprovider": "passphrase"}
    content["config"]["aws:profile"] = "dev"
    assert mistakes(content) == []
    assert mistakes({**content, "configuration": {}}) == ["$"]
    content["config"]["aws:profil"] = "dev"
    assert mistakes(content) == ["$.config"]


def test_every_key_of_the_settings_is_described() -> None:
    properties = schema()["properties"]["config"]["properties"]
    assert set(properties) == {"aws:region", *(f"ccapi:{key}" for key in KEYS)}
    assert all(described["description"] for described in properties.values())


def settings_in(described: dict[str, Any]) -> list[dict[str, Any]]:
    below = list(described.get("properties", {}).values())
    return below + [setting for group in below for setting in settings_in(group)]


@pytest.mark.parametrize("key", keys())
def test_every_setting_below_a_key_is_described(key: str) -> None:
    for setting in settings_in(keys()[key]):
        assert setting["description"]


def test_the_schema_has_no_reference_and_no_null() -> None:
    text = json.dumps(schema())
    assert "$ref" not in text
    assert "null" not in text


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_editor_finds_the_schema_by_a_stack_files_first_line(environment: str) -> None:
    first, _, _ = (ROOT / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8").partition("\n")
    assert first == f"# yaml-language-server: $schema={FILE}"
    assert (ROOT / FILE).exists()


def test_an_editor_finds_the_schema_for_a_new_stack_file() -> None:
    wired = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    assert wired["yaml.schemas"] == {f"./{FILE}": "Pulumi.*.yaml"}
