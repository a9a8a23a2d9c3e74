from tests.schedules.readers import FILES, READERS


def test_the_four_readers_are_one_file() -> None:
    first, *others = (file.read_bytes() for file in FILES)
    assert all(other == first for other in others), (
        f"the readers of schedule expressions differ; copy the one that is right over the others: {FILES}"
    )


def test_the_readers_that_are_tested_are_these_files() -> None:
    assert [reader.__file__ for reader in READERS] == [str(file) for file in FILES]
