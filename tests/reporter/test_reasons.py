"""Failed regions are grouped by reason, and each is named or counted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.message import Group
from reporter.reasons import MAX_CHARACTERS, REGIONS_A_GROUP, bounded, grouped
from tests.reporter.examples import failures


def shown(*given: tuple[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    return [(group.reason, group.regions) for group in bounded(grouped(failures(*given)))]


@pytest.mark.parametrize(
    ("given_failures", "groups"),
    [
        ([], []),
        ([("brebes", "no image")], [("no image", ("brebes",))]),
        ([("brebes", "no image"), ("tegal", "no image")], [("no image", ("brebes", "tegal"))]),
        (
            [("brebes", "cloud"), ("tegal", "no image"), ("subang", "no image")],
            [("no image", ("tegal", "subang")), ("cloud", ("brebes",))],
        ),
        (
            [
                ("semarang_port", "semarang_port: no imagery for semarang_port"),
                ("bekasi", "bekasi: no imagery for bekasi"),
            ],
            [("no imagery for <region>", ("semarang_port", "bekasi"))],
        ),
        # The name of another region, or a part of a name, is no name of the region itself.
        (
            [("bekasi", "no image of bekasi_north"), ("tegal", "no image of tegal-south, bekasi")],
            [("no image of bekasi_north", ("bekasi",)), ("no image of tegal-south, bekasi", ("tegal",))],
        ),
        ([("semarang", "semarang: no image")], [("semarang: no image", ("semarang",))]),
        ([("brebes", "")], [("no reason was given", ("brebes",))]),
        # A reason that two regions were given in the same words is one, whichever region it names.
        (
            [("jakarta", "no imagery for jakarta_north"), ("jakarta_north", "no imagery for jakarta_north")],
            [("no imagery for jakarta_north", ("jakarta", "jakarta_north"))],
        ),
        (
            [("bekasi", "slow down (Request ID: AB/1=)"), ("tegal", "slow down (Request ID: CD/2=)")],
            [("slow down (Request ID: …)", ("bekasi", "tegal"))],
        ),
        ([("bekasi", "slow down (RequestId: 1a2b)")], [("slow down (RequestId: 1a2b)", ("bekasi",))]),
        (
            [("a", "tile 12 is empty"), ("b", "tile 99 is empty")],
            [("tile 12 is empty", ("a",)), ("tile 99 is empty", ("b",))],
        ),
        (
            [("a, b", "x"), ("c", "x"), ("and 5 more", "see summary.json")],
            [("x", ("a", "b", "c")), ("and 5 more regions: see summary.json", ())],
        ),
        ([("and 1 more", "see summary.json")], [("and 1 more region: see summary.json", ())]),
        ([("", "x\ny")], [("x y", ("unnamed region",))]),
    ],
)
def test_each_reason_is_shown_once_with_its_regions(
    given_failures: list[tuple[str, str]], groups: object
) -> None:
    assert shown(*given_failures) == groups


def test_a_lost_worker_is_no_region() -> None:
    reasons = ("lost (Request ID: 1a2b)", "lost (Request ID: 3c4d)")
    found = grouped(failures(("shard 2", reasons[0]), ("shard 7", reasons[1]), ("bekasi", "cloud")))
    assert found.lost_workers == (Group("lost (Request ID: …)", ("2", "7")),)
    assert found.regions == 1


def test_a_failure_of_another_form_is_counted() -> None:
    assert grouped([{}, {"region": 3, "error": None}]).regions == 2


def covered(groups: tuple[Group, ...]) -> int:
    """Return the number of regions that groups name or count."""
    total = 0
    for group in groups:
        if not group.regions:
            total += number_in(group.reason)
        for region in group.regions:
            total += number_in(region) if region.startswith("and ") else 1
    return total


def number_in(text: str) -> int:
    found = re.match(r"and ([\d,]+) more", text)
    assert found
    return int(found[1].replace(",", ""))


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-z]{1,8}_[0-9]{1,4}", fullmatch=True),
            st.sampled_from(["x", "y" * 400, "z", ""]),
        ),
        max_size=150,
        unique_by=lambda item: item[0],
    ),
    st.integers(min_value=0, max_value=3_000),
)
def test_every_failed_region_is_named_or_counted(
    regions: list[tuple[str, str]], most_characters: int
) -> None:
    found = grouped(failures(*regions))
    groups = bounded(found, most_characters)
    assert covered(groups) == found.regions == len(regions)
    named = [region for group in groups for region in group.regions if not region.startswith("and ")]
    assert set(named) <= {region for region, _ in regions}
    assert len(named) == len(set(named))


def test_2900_distinct_reasons_are_grouped_at_once() -> None:
    """A cubic algorithm would need 2.4e10 steps here, and never end."""
    many = [(f"region_{number}", f"{number:05} {'e' * 290}") for number in range(2_900)]
    groups = bounded(grouped(failures(*many)))
    assert covered(groups) == 2_900
    assert sum(len(group.reason) + sum(map(len, group.regions)) for group in groups) <= MAX_CHARACTERS + 100
    assert groups[-1].reason.endswith("more regions: see summary.json")


def test_2900_regions_with_their_names_in_one_reason_are_one_group() -> None:
    many = [(f"region_{number}", f"no imagery for region_{number}") for number in range(2_900)]
    (group,) = bounded(grouped(failures(*many)))
    assert group.reason == "no imagery for <region>"
    assert group.regions[-1] == f"and {2_900 - REGIONS_A_GROUP:,} more"


def test_a_reason_that_does_not_fit_does_not_hide_a_shorter_one() -> None:
    found = grouped(failures(("a", "x" * 400), ("b", "x" * 400), ("c", "short")))
    assert [group.reason for group in bounded(found, 100)] == [
        "short",
        "and 2 more regions: see summary.json",
    ]
