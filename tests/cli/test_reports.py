from pathlib import Path

import pytest

from cli.commands.reports import size
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import REGIONS, Pipeline


@pytest.fixture
def reported(partial: Pipeline) -> Pipeline:
    partial.s3.put("reports", f"weekly/{WEEK}/index.html", "<p>")
    partial.s3.put("reports", f"weekly/{WEEK}/shards/0.json", "{}")
    partial.s3.put("reports", "weekly/another/index.html", "another")
    return partial


def test_the_files_of_a_run_are_listed_with_sizes_and_a_link(reported: Pipeline) -> None:
    document = reported.type("reports", WEEK, "--json").document
    assert [each["key"].removeprefix(f"weekly/{WEEK}/") for each in document["files"]] == [
        "index.html",
        "north.json",
        "shards/0.json",
        "south.json",
    ]
    assert f"prefix=weekly/{WEEK}/" in document["link"]
    text = reported.type("reports", WEEK).out
    assert "index.html" in text
    assert f"ccapi reports {WEEK} --download {WEEK}" in text


def test_files_are_written_below_the_folder(reported: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    typed = reported.type("reports", WEEK, "--download", str(folder))
    assert typed.code == 0
    assert f"Page: {folder / 'index.html'}" in typed.out
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "index.html",
        "north.json",
        "shards/0.json",
        "south.json",
    ]


@pytest.mark.parametrize(
    "key", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "a\\out.txt", "index.html/x"]
)
def test_a_key_that_leaves_the_folder_is_refused_and_the_others_are_written(
    reported: Pipeline, tmp_path: Path, key: str
) -> None:
    reported.s3.put("reports", f"weekly/{WEEK}/{key}", "out")
    folder = tmp_path / "folder"
    typed = reported.type("reports", WEEK, "--download", str(folder), "--json")
    assert typed.code == 1
    assert len(typed.document["refused"]) == 1
    assert len(typed.document["files"]) == 4
    assert {path.name for path in tmp_path.iterdir()} == {"folder"}


def test_a_link_in_the_folder_is_not_followed(reported: Pipeline, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "shards").symlink_to(outside)
    assert reported.type("reports", WEEK, "--download", str(folder)).code == 1
    assert not list(outside.iterdir())


def test_a_download_that_breaks_off_leaves_the_old_file_whole(reported: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("old", encoding="utf-8")

    def broken(bucket: str, key: str, path: str) -> None:  # noqa: ARG001
        Path(path).write_text("ha", encoding="utf-8")
        raise OSError(28, "No space left on device", key)

    reported.s3.download_file = broken  # type: ignore[method-assign]
    typed = reported.type("reports", WEEK, "--download", str(tmp_path))
    assert (typed.code, "cannot be written: No space left on device" in typed.error) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "old"


def test_a_run_without_files_says_so(partial: Pipeline) -> None:
    for region in REGIONS[:2]:
        del partial.s3.objects["reports", f"weekly/{WEEK}/{region}.json"]
    typed = partial.type("reports", WEEK)
    assert (typed.code, "has no reports yet" in typed.error) == (1, True)


@pytest.mark.parametrize(("number", "words"), [(0, "0 B"), (1536, "1.5 KB"), (5 * 1024 * 1024, "5.0 MB")])
def test_sizes_are_in_words(number: int, words: str) -> None:
    assert size(number) == words
