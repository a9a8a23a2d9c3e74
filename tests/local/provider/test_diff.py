import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.provider.diff import Change, Kind, changes, ignored, same
from local.provider.values import UNKNOWN

scalars = st.text(max_size=5) | st.booleans() | st.integers()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
inputs = st.dictionaries(st.text(alphabet="abcXYZ", min_size=1, max_size=4), values, max_size=4)


@given(inputs)
def test_equal_inputs_have_no_changes(given_inputs: dict[str, Any]) -> None:
    assert changes(given_inputs, given_inputs) == []


@given(inputs, inputs)
def test_changes_are_found_exactly_when_inputs_differ(old: dict[str, Any], new: dict[str, Any]) -> None:
    differing = {name for name in {*old, *new} if (name in old) != (name in new) or old[name] != new[name]}

    assert {change.property for change in changes(old, new)} == differing


@given(inputs, inputs)
def test_the_way_back_undoes_the_way_there(old: dict[str, Any], new: dict[str, Any]) -> None:
    opposite = {Kind.ADD: Kind.DELETE, Kind.DELETE: Kind.ADD, Kind.UPDATE: Kind.UPDATE}

    there = {change.path: change.kind for change in changes(old, new)}
    back = {change.path: opposite[change.kind] for change in changes(new, old)}

    assert there == back


@pytest.mark.parametrize(
    ("old", "new", "path", "kind"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, "tags.a", Kind.UPDATE),
        ({"tags": {}}, {"tags": {"a.b": "2"}}, 'tags["a.b"]', Kind.ADD),
        ({"rules": [{"days": 1}]}, {"rules": [{}]}, "rules[0].days", Kind.DELETE),
        ({"subnets": ["a"]}, {"subnets": ["a", "b"]}, "subnets[1]", Kind.ADD),
        ({"arn": "a"}, {"arn": UNKNOWN}, "arn", Kind.UPDATE),
    ],
)
def test_a_change_names_the_path_of_the_property_that_differs(
    old: dict[str, Any], new: dict[str, Any], path: str, kind: Kind
) -> None:
    assert changes(old, new) == [Change(path, kind)]


@given(st.dictionaries(st.text(), values, min_size=1))
def test_json_documents_are_the_same_however_they_are_written(document: dict[str, Any]) -> None:
    compact = json.dumps(document, separators=(",", ":"))
    spacious = json.dumps(dict(reversed(document.items())), indent=2)

    assert same(compact, spacious)


def test_texts_that_resemble_json_are_compared_as_texts() -> None:
    assert not same("{a}", "{b}")
    assert not same("[1]", "[2]")


def test_ignored_paths_and_their_content_are_left_out() -> None:
    old = {"tags": {"a": "1"}, "tagsAll": {"a": "1"}, "name": "x"}
    new = {"tags": {"a": "2"}, "tagsAll": {"a": "2"}, "name": "y"}

    left = [change.path for change in changes(old, new) if not ignored(change, ("tags", "name"))]

    assert left == ["tagsAll.a"]
