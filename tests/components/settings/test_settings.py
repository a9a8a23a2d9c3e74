from typing import Any

import pytest
from pydantic.alias_generators import to_snake

from components.settings import KEYS, SECRET_KEYS, STAND_INS, Settings, SettingsError
from components.settings.schedule import Preset
from components.settings.worker import MAX_SHARDS, Workload
from tests.stacks import ENVIRONMENTS, settings_of, values_of


def load(values: dict[str, Any], region: str | None = "us-east-1") -> Settings:
    return Settings.load(project="ccapi", environment="dev", region=region, values=values)


def mistakes(values: dict[str, Any], region: str | None = "us-east-1") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(values, region)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_stack_file_can_be_used(environment: str) -> None:
    assert settings_of(environment).environment == environment


def test_prod_runs_the_existing_program_over_every_region_each_week() -> None:
    settings = settings_of("prod")
    assert settings.worker.workload is Workload.COMMAND
    assert settings.monitoring.regions_count == settings.monitoring.known_regions
    assert settings.schedule.cron == "cron(0 6 ? * MON *)"


def test_dev_never_starts_by_itself() -> None:
    assert settings_of("dev").schedule.preset is Preset.ON_DEMAND
    assert not settings_of("dev").schedule.enabled


def test_settings_cannot_be_changed_once_loaded() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings_of("dev").worker.shards = 3


def test_a_concern_that_is_left_out_has_its_defaults() -> None:
    values = values_of("dev")
    del values["schedule"]
    assert load(values).schedule.preset is Preset.WEEKLY


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    found = mistakes({**values_of("dev"), "scedule": {"preset": "daily"}})
    assert found == [f"ccapi:scedule: is not a setting; write one of {', '.join(KEYS)}"]


def test_a_key_of_an_unknown_group_is_refused_by_its_full_name() -> None:
    found = mistakes({**values_of("dev"), "schedule": {"presett": "daily"}})
    assert len(found) == 1
    assert found[0].startswith("ccapi:schedule.presett: ")
    assert "is not a setting" in found[0]


@pytest.mark.parametrize("key", ["account", "monitoring", "worker", "notifications"])
def test_a_setting_without_a_default_is_required(key: str) -> None:
    values = values_of("dev")
    del values[key]
    (found,) = mistakes(values)
    assert found.startswith(f"ccapi:{key}")
    assert found.endswith(("is missing; write it", "has neither catalog nor items; write one of them"))


def test_a_missing_region_is_requested_by_the_providers_key() -> None:
    assert mistakes(values_of("dev"), region=None) == ["aws:region: is missing; write it"]


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-3", "cn-north-1", "us-gov-west-1"])
def test_a_region_of_any_supported_partition_is_accepted(region: str) -> None:
    assert load(values_of("dev"), region).region == region


@pytest.mark.parametrize("region", ["", "us-east", "us-east-1a", "US-EAST-1", "Virginia", "us-east-1 "])
def test_an_invalid_region_is_refused(region: str) -> None:
    (found,) = mistakes(values_of("dev"), region)
    assert found.startswith(f"aws:region: {region!r} ")


@pytest.mark.parametrize("account", ["11111111111", "1111111111111", "11111111111a", 111111111111, " 1" * 6])
def test_an_invalid_account_id_is_refused(account: str | int) -> None:
    (found,) = mistakes({**values_of("dev"), "account": account})
    assert found.startswith(f"ccapi:account: {account!r} ")


SEVEN_MISTAKES: dict[str, Any] = {
    "account": "1234",
    "scedule": {},
    "schedule": {"timeZone": "Asia/Jakart"},
    "monitoring": {"catalog": "atlantis"},
    "worker": {"workload": "command", "shards": 2},
    "run": {"timeoutSeconds": 600, "heartbeatSeconds": 600, "taskTimeoutSeconds": 600},
    "command": {"program": ["python", "monitor.py"], "stallSeconds": 300},
    "notifications": {"failureEmails": ["alerts@example.com"], "successEmails": "nobody"},
}


def test_seven_mistakes_are_reported_in_one_message_of_seven_lines() -> None:
    with pytest.raises(SettingsError) as caught:
        load(SEVEN_MISTAKES)
    head, *lines = str(caught.value).splitlines()
    assert head == "7 settings cannot be used:"
    assert [line.split(": ")[0].strip() for line in lines] == [
        "ccapi:scedule",
        "ccapi:account",
        "ccapi:schedule.timeZone",
        "ccapi:monitoring.catalog",
        "ccapi:notifications.successEmails",
        "ccapi:run.heartbeatSeconds",
        "ccapi:worker.shards",
    ]


def test_one_mistake_is_reported_in_the_singular() -> None:
    with pytest.raises(SettingsError, match=r"^1 setting cannot be used:"):
        load({**values_of("dev"), "account": "1234"})


def test_a_group_with_a_mistake_is_not_compared_with_other_groups() -> None:
    values = values_of("prod")
    values["worker"] = {**values["worker"], "shards": MAX_SHARDS + 1}
    (found,) = mistakes(values)
    assert found == (
        f"ccapi:worker.shards: {MAX_SHARDS + 1} is above the highest value; write {MAX_SHARDS} or less"
    )


def test_a_target_is_replaced_by_the_number_of_shards_that_it_needs() -> None:
    values = values_of("dev")
    values["worker"] = {"workload": "sample", "expectedSecondsPerRegion": 60, "targetMinutes": 6}
    # Of 6 minutes, 220 s are for all else: two of five regions a shard.
    assert load(values).worker.shards == 3


def test_a_target_that_cannot_be_met_is_one_mistake() -> None:
    values = values_of("dev")
    values["worker"] = {"workload": "sample", "expectedSecondsPerRegion": 60, "targetMinutes": 4}
    assert mistakes(values) == [
        "ccapi:worker.targetMinutes: 4 is less than the 280 s that a run is expected to take in 5 shards, the most "
        "for 5 regions; write 5 or more, or lower worker.expectedSecondsPerRegion"
    ]


# Each secret key with a value that passes its check, and values that do not.
SECRETS: dict[str, tuple[str, list[object]]] = {
    "slackWebhookUrl": (
        "https://hooks.slack.com/services/T0/B0/not-a-real-one",
        ["https://example.com/not-a-real-one", "not-a-real-one", 7, ["not-a-real-one"]],
    ),
    "pagerDutyRoutingKey": (
        "0123456789abcdefNotARealOne01234",
        ["not-a-real-one", "0" * 31, "0" * 33, "0" * 31 + "-", "0" * 31 + "\N{SUPERSCRIPT TWO}", 7],
    ),
    "webhookUrl": (
        "https://example.com/not-a-real-one",
        ["http://example.com/not-a-real-one", "not-a-real-one", 7, ["not-a-real-one"]],
    ),
    "webhookSigningKey": ("not-a-real-one-but-long", ["not-a-real-one!", "k" * 15, 7, {"key": "k" * 32}]),
}


WEBHOOK = ("webhookUrl", "webhookSigningKey")


def load_secret(key: str, value: object, *, encrypted: bool = True) -> Settings:
    halves = {half: STAND_INS[half] for half in WEBHOOK} if key in WEBHOOK else {}
    values = {**values_of("dev"), **halves, key: value}
    return Settings.load(
        project="ccapi",
        environment="dev",
        region="us-east-1",
        values=values,
        encrypted={key, *halves} if encrypted else set(halves) - {key},
    )


def test_every_secret_key_is_tried_and_has_a_stand_in() -> None:
    assert SECRETS.keys() == SECRET_KEYS == STAND_INS.keys()
    assert KEYS.keys() > SECRET_KEYS


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_is_not_printed(key: str) -> None:
    value, _ = SECRETS[key]
    settings = load_secret(key, value)
    found = getattr(settings, to_snake(key))
    assert found.get_secret_value() == value
    assert value not in f"{settings!r}{settings}{found!r}{settings.model_dump_json()}"


@pytest.mark.parametrize("key", SECRETS)
def test_a_stand_in_passes_the_check_of_its_key(key: str) -> None:
    load_secret(key, STAND_INS[key])


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_in_plain_text_is_refused_with_the_command_that_encrypts_it(key: str) -> None:
    value, _ = SECRETS[key]
    with pytest.raises(SettingsError, match=f"pulumi config set --secret {key}") as caught:
        load_secret(key, value, encrypted=False)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, (_, wrong) in SECRETS.items() for value in wrong]
)
def test_a_wrong_secret_is_refused_without_repeating_it(key: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        load_secret(key, value)
    (mistake,) = caught.value.mistakes
    assert mistake.key == f"ccapi:{key}"
    assert "write " in mistake.text
    if len(str(value)) > 1:
        assert str(value) not in mistake.text
    assert "not-a-real-one" not in mistake.text


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_may_be_left_out(key: str) -> None:
    assert getattr(load(values_of("dev")), to_snake(key)) is None
