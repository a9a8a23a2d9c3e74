"""Tests that the commented-out settings in the stack files are valid."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from pydantic.alias_generators import to_snake

from components.settings import KEYS, SECRET_KEYS, STAND_INS, Settings, SettingsError
from components.settings.notifications import Notifications
from docs import stack_files
from docs.stack_file_schema import schema
from tests.stacks import PROJECT, ROOT, stack_file

EXAMPLES = ("dev", "prod")
# A `#` without a space comments out a setting; a `#` with a space begins a sentence.
OFFER = re.compile(r"^( *)#(?=[^ ]|  )")


def lines_of(environment: str) -> list[str]:
    return (ROOT / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8").splitlines()[1:]


def is_offer(line: str) -> bool:
    return OFFER.match(line) is not None


def offers(environment: str) -> Iterator[tuple[int, int]]:
    """Yield the first line and the end of each block of commented-out lines."""
    lines = lines_of(environment)
    begins = [i for i, line in enumerate(lines) if is_offer(line) and not is_offer(lines[i - 1])]
    for begin in begins:
        yield (
            begin,
            next(i for i in range(begin, len(lines) + 1) if i == len(lines) or not is_offer(lines[i])),
        )


def taken(environment: str, begin: int, end: int) -> str:
    """Return a stack file with a commented-out block enabled, instead of the setting that its sentence names."""
    lines = lines_of(environment)
    replaced = re.search(r"In place of (\w+)", lines[begin - 1])
    chosen = [OFFER.sub(r"\1", line) for line in lines[begin:end]]
    kept = [line for line in lines if replaced is None or not line.strip().startswith(f"{replaced[1]}:")]
    at = kept.index(lines[begin])
    return "\n".join([*kept[:at], *chosen, *kept[at + len(chosen) :]])


def secrets_before(environment: str, begin: int) -> list[str]:
    """Return the secret keys in the sentence before a commented-out block."""
    return re.findall(r"pulumi config set --secret (\w+)`", lines_of(environment)[begin - 1])


def use(environment: str, config: dict[str, Any], secrets: list[str]) -> None:
    """Load the settings of a stack file with its secrets set; raise their error if it is invalid."""
    values = {key.partition(":")[2]: value for key, value in config.items() if key.startswith(f"{PROJECT}:")}
    Settings.load(
        project=PROJECT,
        environment=environment,
        region=config["aws:region"],
        values={**values, **{key: STAND_INS[key] for key in secrets}},
        encrypted=secrets,
    )


@pytest.mark.parametrize(
    ("environment", "begin", "end"),
    [(environment, *offer) for environment in EXAMPLES for offer in offers(environment)],
)
def test_settings_in_comments_are_valid_when_uncommented(environment: str, begin: int, end: int) -> None:
    content = yaml.safe_load(taken(environment, begin, end))
    assert content["config"] != stack_file(environment)
    use(environment, content["config"], secrets_before(environment, begin))
    Draft7Validator(schema()).validate(content)


@pytest.mark.parametrize("environment", EXAMPLES)
def test_an_example_shows_every_concern(environment: str) -> None:
    text = "\n".join(lines_of(environment))
    shown = set(re.findall(rf"^  #?{PROJECT}:(\w+):", text, flags=re.MULTILINE))
    assert shown == KEYS.keys() - SECRET_KEYS
    assert all(f"pulumi config set --secret {key}`" in text for key in SECRET_KEYS)


@pytest.mark.parametrize("environment", EXAMPLES)
def test_every_channel_is_offered_behind_the_command_that_sets_its_credential(environment: str) -> None:
    offered = {
        (key, OFFER.sub(r"\1", lines_of(environment)[begin]).strip())
        for begin, _ in offers(environment)
        for key in secrets_before(environment, begin)
    }
    assert offered == {
        ("slackWebhookUrl", "slack:"),
        ("pagerDutyRoutingKey", "pagerDuty:"),
        ("webhookUrl", "webhook:"),
        ("webhookSigningKey", "webhook:"),
    }


def test_prod_shows_every_setting_of_the_notifications() -> None:
    text = "\n".join(lines_of("prod"))
    shown = set(re.findall(r"^    #?(\w+):", text, flags=re.MULTILINE))
    assert {field.alias for field in Notifications.model_fields.values()} <= shown


@pytest.mark.parametrize("account", ['"222222222222"', "222222222222"])
def test_the_pages_read_an_encrypted_value_and_an_account_without_quotes(
    account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(ccapi:account:) .*", rf"\1 {account}", text)
    text += "".join(f"  ccapi:{key}:\n    secure: v1:abc:def\n" for key in sorted(SECRET_KEYS))
    (tmp_path / "Pulumi.mine.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(stack_files, "ROOT", tmp_path)
    settings = stack_files.settings_of("mine")
    assert settings.account == "222222222222"
    assert all(getattr(settings, to_snake(key)) is not None for key in SECRET_KEYS)


def test_the_pages_name_every_mistake_of_an_empty_stack_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.mine.yaml").write_text("", encoding="utf-8")
    monkeypatch.setattr(stack_files, "ROOT", tmp_path)
    with pytest.raises(SettingsError) as caught:
        stack_files.settings_of("mine")
    missing = ("aws:region", "ccapi:account", "ccapi:worker.workload", "ccapi:notifications.failureEmails")
    assert [key for key in missing if f"{key}: is missing" not in str(caught.value)] == []
