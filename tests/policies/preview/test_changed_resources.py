from collections.abc import Mapping, Sequence

import pytest

from guardrails.preview.changed_resources import ChangedResources, changed_resources
from guardrails.preview.comment import as_comment
from guardrails.preview.comparison import Base, change_of
from guardrails.preview.preview_result import Preview
from guardrails.preview.sections import change_section
from tests.policies.preview.previews import report

PARENT = "ccapi:index:Pipeline$"
KEY = "aws:kms/key:Key"
TOPIC = "aws:sns/topic:Topic"


def urn(name: str, type_: str = TOPIC, *, parent: str = PARENT, project: str = "ccapi") -> str:
    return f"urn:pulumi:dev::{project}::{parent}{type_}::{name}"


def preview(*urns: str, **aliases: Sequence[str]) -> Preview:
    by_urn: Mapping[str, Sequence[str]] = {each: aliases.get(each.rpartition("::")[2], ()) for each in urns}
    return Preview(stack="dev", report=report(aliases_by_urn=by_urn))


def change(before: Preview, now: Preview) -> ChangedResources:
    return changed_resources(before.report, now.report)


def test_a_rename_removes_one_resource_and_adds_another() -> None:
    found = change(preview(urn("key", KEY), urn("news")), preview(urn("the-key", KEY), urn("news")))

    assert found == ChangedResources(removed=[urn("key", KEY)], added=[urn("the-key", KEY)])


def test_another_parent_removes_the_resource_and_adds_it() -> None:
    found = change(preview(urn("news", parent="")), preview(urn("news")))

    assert found == ChangedResources(removed=[urn("news", parent="")], added=[urn("news")])


@pytest.mark.parametrize("old", [urn("old"), urn("news", parent="")])
def test_an_alias_keeps_a_resource(old: str) -> None:
    assert change(preview(old), preview(urn("news"), news=[old])) == ChangedResources(removed=[], added=[])


def test_an_alias_of_nothing_adds_the_resource() -> None:
    assert change(preview(), preview(urn("news"), news=[urn("old")])).added == [urn("news")]


def test_another_name_of_the_project_changes_no_resource() -> None:
    assert change(preview(urn("news", project="old")), preview(urn("news"))) == ChangedResources(
        removed=[], added=[]
    )


def test_resources_that_hold_data_are_first_and_named_so() -> None:
    found = change(preview(urn("news"), urn("key", KEY)), preview())

    assert found.lists == {
        "Removed by the change, so that a deployment deletes 2 resources": [
            "key (aws:kms/key:Key), which holds data",
            "news (aws:sns/topic:Topic)",
        ]
    }


def test_at_most_twenty_resources_are_listed_and_the_others_counted() -> None:
    (names,) = change(preview(), preview(*(urn(f"topic-{n:02}") for n in range(23)))).lists.values()

    assert (len(names), names[0], names[-1]) == (21, "topic-00 (aws:sns/topic:Topic)", "and 3 more")


def test_a_rename_is_a_change_in_the_comment_and_in_the_text() -> None:
    before, now = preview(urn("key", KEY)), preview(urn("the-key", KEY))
    base = Base(previews={"dev": before}, name="main")

    assert change_of(before, now).is_any
    assert not change_of(now, now).is_any
    comment = as_comment([now], base)
    assert "**Removed by the change, so that a deployment deletes 1 resource**" in comment
    assert r"- key (aws:kms/key:Key), which holds data" in comment
    assert "**Added by the change, so that a deployment creates 1 resource**" in comment
    assert [*change_section(now, base).lists] == [
        "Removed by the change, so that a deployment deletes 1 resource",
        "Added by the change, so that a deployment creates 1 resource",
    ]
