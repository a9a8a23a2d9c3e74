"""Mistakes in a stack file are reported before anything is started, in the words of `pulumi preview`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.settings import SECRET_KEYS, SettingsError
from local.run.checks import as_text, checked
from local.run.errors import RunError
from local.run.options import parse
from local.workspace import NOWHERE, StackFileError, loopback, read_stack_file
from tests.components.deployment import deploy
from tests.stacks import CATALOG_NAME, stack_file

NO_OPTIONS = parse([])
# Each line stands for eight times the values of the one before.
LAUGHS = "    - &a0 [lol]\n" + "".join(
    f"    - &a{n} [{','.join([f'*a{n - 1}'] * 8)}]\n" for n in range(1, 30)
)
SECURE = {"secure": "v1:abc:def"}


def written(folder: Path, text: str) -> Path:
    (folder / "Pulumi.local.yaml").write_text(text, encoding="utf-8")
    return folder


def told(config: Mapping[str, Any]) -> list[str]:
    with pytest.raises(RunError) as caught:
        checked("local", config, NO_OPTIONS)
    return [line.strip() for line in str(caught.value).splitlines()]


def test_the_stack_file_of_the_checkout_can_be_used() -> None:
    assert checked("local", stack_file("local"), NO_OPTIONS) == stack_file("local")


def test_options_are_worked_in() -> None:
    options = parse(["--regions", "1", "--shards", "1"])
    adapted = checked("local", stack_file("local"), options)
    assert (adapted["ccapi:monitoring"], adapted["ccapi:worker"]["shards"]) == (
        {"catalog": CATALOG_NAME, "regionsCount": 1},
        1,
    )


def test_a_number_of_shards_replaces_a_target() -> None:
    config = stack_file("local")
    worker = {key: value for key, value in config["ccapi:worker"].items() if key != "shards"}
    config["ccapi:worker"] = {**worker, "targetMinutes": 60}
    adapted = checked("local", config, parse(["--regions", "2", "--shards", "2"]))
    assert adapted["ccapi:worker"] == {**worker, "shards": 2}
    adapted = checked("local", config, parse(["--regions", "2"]))
    assert adapted["ccapi:worker"] == config["ccapi:worker"]


@pytest.mark.parametrize("text", ["", "config:\n", "config: {}\n", "encryptionsalt: v1:x\n"])
def test_an_empty_stack_file_is_reported_with_every_setting_that_has_no_default(
    text: str, tmp_path: Path
) -> None:
    assert told(read_stack_file("local", written(tmp_path, text))) == [
        "Pulumi.local.yaml: 5 settings cannot be used:",
        "aws:region: is missing; write it",
        "ccapi:account: is missing; write it",
        "ccapi:monitoring: has neither catalog nor items; write one of them",
        "ccapi:worker.workload: is missing; write it",
        "ccapi:notifications.failureEmails: is missing; write it",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("config: [a]\n", "`config` in Pulumi.local.yaml is not a group of settings; write one key a line"),
        ("config: text\n", "`config` in Pulumi.local.yaml is not a group of settings"),
        ("- a\n", "Pulumi.local.yaml holds no settings; write `config:`"),
        (
            "config:\n\ta: b\n",
            "Pulumi.local.yaml is not YAML (found character '\\t' that cannot start any token, line 2)",
        ),
        ("config: {", "Pulumi.local.yaml is not YAML ("),
        ("config:\n  ccapi:a: 1\n  ccapi:a: 2\n", "the key ccapi:a occurs twice, line 3"),
        ("config:\n  account: x\n", "account in Pulumi.local.yaml has no namespace; write ccapi: or aws:"),
        ("config:\n  5: x\n", "5 in Pulumi.local.yaml has no namespace"),
        ("config:\n  ccapi:a: !!binary aGVsbG8=\n", "the tag !!binary is not allowed in a setting, line 2"),
        ("config:\n  ccapi:a: !!set {b, c}\n", "the tag !!set is not allowed in a setting, line 2"),
        (f"config:\n  ccapi:a:\n{LAUGHS}", "aliases expand to more than 100,000 values, line 1"),
        ("config:\n  ccapi:a: .inf\n", ".inf is not a finite number, line 2"),
        ("config:\n  ccapi:a: [1, -.Inf]\n", "-.Inf is not a finite number, line 2"),
        ("config:\n  ccapi:a: 1e400\n", "1e400 is not a finite number, line 2"),
        ("config:\n  ? [a, b]\n  : 1\n", "a key is a list or a group instead of a text, line 2"),
        ("config:\n  ccapi:a: !mine b\n", "the tag !mine is not allowed in a setting, line 2"),
        (
            "config:\n  ccapi:a: &a [*a]\n",
            "Pulumi.local.yaml is not YAML (found unconstructable recursive node",
        ),
        (
            f"config:\n  ccapi:a: {'[' * 30_000}{']' * 30_000}\n",
            "Pulumi.local.yaml is nested too deeply",
        ),
    ],
)
def test_a_file_that_the_engine_cannot_read_is_reported_in_a_sentence(
    text: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(StackFileError) as caught:
        read_stack_file("local", written(tmp_path, text))
    assert sentence in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_reported_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"there is no Pulumi\.local\.yaml; write one"):
        read_stack_file("local", tmp_path)
    (tmp_path / "Pulumi.local.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StackFileError, match=r"Pulumi\.local\.yaml cannot be read"):
        read_stack_file("local", tmp_path)


# The values that the engine passes to a program, as observed with `pulumi preview`.
@pytest.mark.parametrize(
    ("text", "handed"),
    [
        ("111111111111", "111111111111"),
        ("012345678901", "12345678901"),
        ("", ""),
        ("yes", "yes"),
        ("true", "true"),
        ("[{a: 2026-11-23}]", '[{"a": "2026-11-23 00:00:00 +0000 UTC"}]'),
        ("2026-11-23", "2026-11-23 00:00:00 +0000 UTC"),
        ("2026-02-30", "2026-02-30"),
        ("12:34:56", "12:34:56"),
        ("0o17", "15"),
        ("1_000", "1000"),
        ("1e3", "1000"),
        ("2.0", "2"),
        ("1_0.5", "10.5"),
        ("1.23456789012e11", "123456789012"),
        ("=", "="),
        ("{<<: {a: 1}, b: 2}", '{"a": 1, "b": 2}'),
        ("1" + "0" * 5000, "1" + "0" * 5000),
    ],
)
def test_a_value_is_read_as_the_engine_reads_it(text: str, handed: str, tmp_path: Path) -> None:
    config = read_stack_file("local", written(tmp_path, f"config:\n  ccapi:key: {text}\n"))
    assert as_text(config["ccapi:key"]) == handed


def test_the_mistakes_are_those_of_the_program() -> None:
    changes: dict[str, Any] = {
        "account": "12345",
        "monitoring": {"catalog": CATALOG_NAME, "regionsCount": "many"},
        "wroker": {"shards": 2},
    }
    with pytest.raises(Exception, match="settings cannot be used") as by_the_program:
        deploy("local", **changes)
    by_the_command = told(
        {**stack_file("local"), **{f"ccapi:{key}": value for key, value in changes.items()}}
    )
    assert by_the_command[1:] == [line.strip() for line in str(by_the_program.value).splitlines()[1:]]
    assert not isinstance(by_the_program.value, SettingsError)


def test_without_endpoints_nothing_can_be_deployed_here() -> None:
    config = stack_file("local")
    del config["aws:endpoints"]
    assert told(config) == [
        "Pulumi.local.yaml: aws:endpoints: has no service; list those of the local AWS, each with its address"
    ]


def test_an_encrypted_value_is_not_read() -> None:
    webhook = {**stack_file("local")["ccapi:notifications"], "webhook": {"occasions": ["failed"]}}
    config = {
        **stack_file("local"),
        "ccapi:notifications": webhook,
        **{f"ccapi:{key}": SECURE for key in SECRET_KEYS},
    }
    assert checked("local", config, NO_OPTIONS) == config


@pytest.mark.parametrize("key", ["ccapi:account", "ccapi:worker", "aws:region", "aws:endpoints"])
def test_a_value_that_a_run_reads_itself_may_not_be_encrypted(key: str) -> None:
    assert told({**stack_file("local"), key: {"secure": "v1:abc:def"}}) == [
        "Pulumi.local.yaml: 1 setting cannot be used:",
        f"{key}: is encrypted, but is read before the engine decrypts anything; write it in plain text",
    ]


@pytest.mark.parametrize("key", ["aws:profile", "aws:defaultTags", "aws:skipMetadataApiCheck"])
def test_a_value_that_only_the_engine_reads_may_be_encrypted(key: str) -> None:
    config = {**stack_file("local"), key: {"secure": "v1:abc:def"}}
    assert checked("local", config, NO_OPTIONS) == config


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:defaultTags", {"tags": {"Team": SECURE}}),
        ("ccapi:notifications", {"failureEmails": [SECURE]}),
        ("ccapi:worker", {"workload": "sample", "image": SECURE}),
    ],
)
def test_an_encrypted_value_within_a_group_is_not_read(key: str, value: Any) -> None:
    config = {**stack_file("local"), key: value}
    assert checked("local", config, NO_OPTIONS) == config
    wrong = {**value, "wrong": 1}
    (_, mistake) = told({**config, key: wrong})
    assert mistake.startswith(f"{key}.wrong: 1 is not a setting")


def test_the_services_of_the_local_aws_are_those_of_its_stack_file() -> None:
    (services,) = loopback(NOWHERE)["aws:endpoints"]
    assert services.keys() == stack_file("local")["aws:endpoints"][0].keys()


def test_a_setting_in_the_letters_of_python_is_refused() -> None:
    (_, said) = told({**stack_file("local"), "ccapi:schedule": {"time_zone": "UTC"}})
    assert said.startswith("ccapi:schedule.time_zone: 'UTC' is not a setting")
