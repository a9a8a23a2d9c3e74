"""The mistakes for any value in a stack file: each is a sentence for the operator."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings import KEYS, Settings, SettingsError
from components.settings.base import SettingsModel
from tests.stacks import values_of

# Jargon of pydantic and of regular expressions, which operators need not know.
JARGON = ("pydantic", "Input", "validat", "type=", "NoneType", "mapping", "iterable", "^", "\\")


def told(values: dict[str, Any]) -> list[str]:
    try:
        Settings.load(project="ccapi", environment="dev", region="us-east-1", values=values)
    except SettingsError as error:
        return str(error).splitlines()[1:]
    return []


def fields() -> Iterator[tuple[str, str]]:
    for key, concern in KEYS.items():
        if isinstance(concern, type) and issubclass(concern, SettingsModel):
            yield from ((key, field.alias) for field in concern.model_fields.values() if field.alias)


# Values that YAML and JSON can represent, with letters that occur in no word of the jargon.
WORDS = st.text("abc ", max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=3,
)
ODD_VALUES = [
    None,
    True,
    0,
    -1,
    2.5,
    1e9,
    "",
    "x",
    "x" * 400,
    [],
    [1],
    ["x"],
    ["x", "x"],
    [None],
    {},
    {"x": 1},
]


@pytest.mark.parametrize(("key", "field"), sorted(fields()))
def test_no_message_needs_a_programmer(key: str, field: str) -> None:
    for value in ODD_VALUES:
        values = values_of("dev")
        values[key] = {**values.get(key, {}), field: value}
        for line in told(values):
            text = line.split(": ", 1)[1]
            assert not [word for word in JARGON if word in text], line


@pytest.mark.parametrize(("key", "field"), sorted(fields()))
def test_each_message_names_its_key_and_a_remedy(key: str, field: str) -> None:
    for value in ODD_VALUES:
        values = values_of("dev")
        values[key] = {**values.get(key, {}), field: value}
        for line in told(values):
            assert line.startswith("  ccapi:"), line
            assert "write " in line, line


@given(key=st.sampled_from(sorted(KEYS)), value=ANYTHING)
def test_anything_at_all_in_place_of_a_concern_is_answered(key: str, value: Any) -> None:
    for line in told({**values_of("dev"), key: value}):
        assert line.startswith(f"  ccapi:{key}"), line
        assert not [word for word in JARGON if word in line], line


def test_a_wrong_value_is_repeated_with_its_bound() -> None:
    values = values_of("dev")
    values["monitoring"]["regionsCount"] = 0
    assert told(values)[0] == "  ccapi:monitoring.regionsCount: 0 is below the lowest value; write 1 or more"


def test_a_wrong_entry_of_a_list_is_reported_by_its_place() -> None:
    values = values_of("dev")
    values["notifications"] = {"failureEmails": ["alerts@example.com", "nobody"]}
    (line,) = told(values)
    assert line.startswith("  ccapi:notifications.failureEmails.1: 'nobody' ")


def test_a_wrong_choice_is_answered_with_all_choices() -> None:
    values = values_of("dev")
    values["worker"] = {"workload": "sampel"}
    (line,) = told(values)
    assert "'command', 'each' or 'sample'" in line


def test_a_list_whose_only_entry_is_wrong_is_reported_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(
            project="ccapi",
            environment="dev",
            region="us-east-1",
            values={**values_of("dev"), "notifications": {"failureEmails": ["alerts"]}},
        )
    assert [mistake.key for mistake in caught.value.mistakes] == ["ccapi:notifications.failureEmails.0"]
