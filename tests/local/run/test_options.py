from pathlib import Path

import pytest

from components.settings.regions import region_names
from local.run.errors import RunError
from local.run.options import Options, parse
from tests.stacks import CATALOG_NAME, REGION_NAMES


def test_without_options_the_stack_file_decides() -> None:
    assert parse([]) == Options(
        None, None, None, (), None, keep=False, released_provider=False, slack=False, verbose=False
    )


def test_every_option_is_taken() -> None:
    first, second = REGION_NAMES[:2]
    found = parse(
        [
            "--catalog",
            CATALOG_NAME,
            "--regions",
            "3",
            "--shards",
            "2",
            "--fail-region",
            first,
            "--fail-region",
            second,
            "--keep",
            "--slack",
            "--verbose",
        ]
    )
    assert found == Options(
        CATALOG_NAME,
        3,
        2,
        (first, second),
        None,
        keep=True,
        released_provider=False,
        slack=True,
        verbose=True,
    )


@pytest.mark.parametrize("text", ["0", str(len(REGION_NAMES) + 1), "many", "-1", "2.5", "", "١"])
def test_a_number_of_regions_that_cannot_be_is_refused_with_its_bounds(text: str) -> None:
    with pytest.raises(
        RunError, match=rf"--regions {text} is not a whole number from 1 to {len(REGION_NAMES)}; write one"
    ):
        parse(["--regions", text])


def test_more_shards_than_regions_are_refused() -> None:
    with pytest.raises(RunError, match="--shards 4 is more than the 3 regions; write 3 or less"):
        parse(["--regions", "3", "--shards", "4"])


def test_policies_of_roles_are_enforced_unless_a_developer_ignores_them() -> None:
    assert not parse([]).ignore_roles
    assert parse(["--ignore-roles"]).ignore_roles


def test_an_unknown_region_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        RunError,
        match=rf"--fail-region atlantis is not among the {len(REGION_NAMES)} regions.*{REGION_NAMES[0]}",
    ):
        parse(["--fail-region", "atlantis"])


def test_a_region_outside_the_run_is_refused() -> None:
    with pytest.raises(RunError, match="is not among the 2 regions of this run"):
        parse(["--regions", "2", "--fail-region", REGION_NAMES[2]])


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(RunError) as caught:
        parse(["--regions", "0", "--shards", "99", "--fail-region", "atlantis", "--speed", "11"])
    assert len(str(caught.value).splitlines()) == 5


def test_an_option_without_its_value_is_refused() -> None:
    with pytest.raises(RunError, match="expected one argument"):
        parse(["--regions"])


def test_the_folder_of_a_program_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "monitor").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parse(["--program", "monitor"]).program == tmp_path / "monitor"


def test_a_program_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"--program .*/nowhere is no folder; write the one that"):
        parse(["--program", str(tmp_path / "nowhere")])


def test_the_slack_page_takes_no_value() -> None:
    with pytest.raises(RunError, match=r"--slack: ignored explicit argument 'page\.html'"):
        parse(["--slack=page.html"])


def test_a_program_cannot_be_combined_with_fail_region(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="--fail-region is for the sample"):
        parse(["--program", str(tmp_path), "--fail-region", REGION_NAMES[0]])


def test_the_bounds_are_those_of_the_catalog() -> None:
    known = region_names("example")
    assert parse(["--catalog", "example", "--fail-region", known[-1]]).catalog == "example"
    with pytest.raises(
        RunError, match=rf"--regions 99 is not a whole number from 1 to {len(known)}; write one"
    ):
        parse(["--catalog", "example", "--regions", "99"])


def test_an_unknown_catalog_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        RunError, match="--catalog atlantis is not a catalog in regions/; write one of example,"
    ):
        parse(["--catalog", "atlantis", "--regions", "2"])
