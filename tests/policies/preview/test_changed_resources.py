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


def preview(*urns: str) -> Preview:
    return Preview(stack="dev", report=report(urns=urns))


def change(before: Preview, now: Preview) -> ChangedResources:
    return changed_resources(before.report, now.report)


def test_a_rename_removes_one_resource_and_adds_another() -> None:
    found = change(preview(urn("key", KEY), urn("news")), preview(urn("the-key", KEY), urn("news")))

    assert found == ChangedResources(removed=[urn("key", KEY)], added=[urn("the-key", KEY)])


def test_another_parent_removes_the_resource_and_adds_it() -> None:
    found = change(preview(urn("news", parent="")), preview(urn("news")))

    assert found == ChangedResources(removed=[urn("news", parent="")], added=[urn("news")])


def test_another_name_of_the_project_changes_no_resource() -> None:
    assert change(preview(urn("news", project="old")), preview(urn("news"))) == ChangedResources(
        removed=[], added=[]
    )


def test_resources_that_hold_data_are_first_and_named_so() -> None:
    found = change(preview(urn("news"), urn("key", KEY)), preview())

    assert found.lists == {
        "Removed or renamed: 2 resources; a deployment deletes each that no alias names": [
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
    assert "**Removed or renamed: 1 resource; a deployment deletes each that no alias names**" in comment
    assert r"- key (aws:kms/key:Key), which holds data" in comment
    assert "**Added or renamed: 1 resource; a deployment creates each that has no alias**" in comment
    assert [*change_section(now, base).lists] == [
        "Removed or renamed: 1 resource; a deployment deletes each that no alias names",
        "Added or renamed: 1 resource; a deployment creates each that has no alias",
    ]
