import pytest

from docs.pictures import BEGIN, END, README, state_machine, with_pictures


def test_the_picture_in_the_readme_is_that_of_the_machine() -> None:
    assert state_machine() in README.read_text(encoding="utf-8"), "run make docs"


def test_only_what_lies_between_the_marks_is_written_anew() -> None:
    text = f"# Before\n{BEGIN}\nan old picture\n{END}\n# After\n"
    assert with_pictures(text) == f"# Before\n{BEGIN}\n{state_machine()}\n{END}\n# After\n"


@pytest.mark.parametrize("text", ["", f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n"])
def test_a_readme_without_the_marks_is_left_alone(text: str) -> None:
    with pytest.raises(SystemExit, match="has no place for the picture; write the lines"):
        with_pictures(text)
