from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from guardrails.__main__ import main
from guardrails.preview.variations import VariationsError, read_variations, varied_file
from tests.stacks import ENVIRONMENTS, ROOT

KEYS = st.sampled_from(["p:a", "p:b", "p:c"])
VALUES = st.recursive(
    st.integers() | st.text("ab: #'\n", max_size=4) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
SETTINGS = st.dictionaries(KEYS, VALUES)

BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))])


def written(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def configured(folder: Path, stack: Any, variation: Any) -> Any:
    """Return the configuration of a stack's file with a variation."""
    variations = read_variations(written(folder / "what-if.yaml", {"other": variation}))
    file = written(folder / "Pulumi.dev.yaml", {"config": stack})
    return yaml.safe_load(varied_file(file, variations["other"]))["config"]


def test_settings_are_changed_key_by_key_and_the_others_stay(tmp_path: Path) -> None:
    stack = {"p:worker": {"size": "small", "disk": {"gib": 30, "fast": True}}, "p:zones": ["a", "b"]}
    changes = {"p:worker": {"shards": 4, "disk": {"gib": 50}}, "p:zones": ["c"], "q:region": "x"}
    assert configured(tmp_path, stack, changes) == {
        "p:worker": {"size": "small", "disk": {"gib": 50, "fast": True}, "shards": 4},
        "p:zones": ["c"],
        "q:region": "x",
    }


def test_null_removes_a_key_at_any_depth(tmp_path: Path) -> None:
    stack = {"p:worker": {"size": "small", "cpu": 4}, "p:run": {"a": 1}}
    changes = {
        "p:worker": {"size": None, "gone": None},
        "p:run": None,
        "p:new": {"a": None, "b": {"c": None}},
    }
    assert configured(tmp_path, stack, changes) == {"p:worker": {"cpu": 4}, "p:new": {"b": {}}}


def test_an_object_takes_the_place_of_a_value_and_a_value_that_of_an_object(tmp_path: Path) -> None:
    assert configured(tmp_path, {"p:a": 1, "p:b": {"c": 1}}, {"p:a": {"d": 2}, "p:b": 3}) == {
        "p:a": {"d": 2},
        "p:b": 3,
    }


def test_settings_outside_of_a_variation_are_unchanged(tmp_path: Path) -> None:
    text = (
        "encryptionsalt: v1:abc=\n"
        "config:\n"
        "  p:answer: yes\n"
        "  p:zone: 012\n"
        '  p:account: "0123"\n'
        "  p:week: 2026-11-23\n"
        "  p:token:\n"
        "    secure: v1:def=\n"
    )
    file = written(tmp_path / "Pulumi.dev.yaml", text)
    variations = read_variations(written(tmp_path / "what-if.yaml", "more: {p:shards: 4}"))
    assert varied_file(file, variations["more"]) == f"{text}  p:shards: 4\n"


def test_a_stack_without_any_configuration_gets_some(tmp_path: Path) -> None:
    file = written(tmp_path / "Pulumi.dev.yaml", "")
    variations = read_variations(written(tmp_path / "what-if.yaml", {"more": {"p:a": 1}}))
    assert yaml.safe_load(varied_file(file, variations["more"])) == {"config": {"p:a": 1}}


@given(SETTINGS, SETTINGS.filter(bool))
def test_every_setting_of_a_variation_holds(
    tmp_path_factory: pytest.TempPathFactory, stack: dict[str, Any], changes: dict[str, Any]
) -> None:
    found = configured(tmp_path_factory.mktemp("project"), stack, changes)
    assert found.keys() == {*stack, *changes}
    for key, change in changes.items():
        assert within(change, found[key])
    assert all(found[key] == value for key, value in stack.items() if key not in changes)


def within(change: Any, found: Any) -> bool:
    if isinstance(change, dict):
        return all(within(value, found[key]) for key, value in change.items())
    return bool(change == found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no variation; write one, as in `large: {app:worker: {size: large}}`"),
        ("- a", "is not an object; write names"),
        ("a: {", "is not valid YAML"),
        ("a: {[b]: 1}", "is not valid YAML"),
        ("a: &a {p:b: *a}", "is not valid YAML"),
        ("a: {p:b: 2026-13-45}", "is not valid YAML"),
        (BOMB, "aliases expand to more than 100,000 values"),
        ("large: {p:a: 1}\nempty:\nother: 4", "empty changes no setting; write the settings"),
        ("large: {p:a: 1}\nempty:\nother: 4", "other changes no setting"),
        ("large: {size: 4}", "large: size has no project; write it before the key"),
        ("as it is: {p:a: 1}", "as it is is the name of the stack without a variation; write another name."),
    ],
)
def test_a_file_that_cannot_be_used_is_reported_with_every_mistake(
    text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(VariationsError) as raised:
        read_variations(written(tmp_path / "what-if.yaml", text))
    assert said in str(raised.value)


def test_a_file_that_is_not_there_ends_the_command_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        (tmp_path / name).touch()
    assert main(["preview", str(tmp_path), "--what-if", str(tmp_path / "gone.yaml")]) == 2
    assert "gone.yaml cannot be read (No such file or directory)" in capsys.readouterr().err


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_variations_of_the_checkout_fit_its_stacks(stack: str) -> None:
    variations = read_variations(ROOT / "policies" / "what-if.yaml")
    file = ROOT / f"Pulumi.{stack}.yaml"
    as_it_is = yaml.safe_load(file.read_text(encoding="utf-8"))
    for variation in variations.values():
        assert yaml.safe_load(varied_file(file, variation)).keys() == as_it_is.keys()
