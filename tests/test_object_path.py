"""The worker and the local AWS refuse the same S3 keys, and write no file outside their folder."""

from pathlib import Path
from types import ModuleType

import pytest

import local.object_path
import worker.object_path


@pytest.fixture(params=[local.object_path, worker.object_path], ids=["local", "worker"])
def room(request: pytest.FixtureRequest) -> ModuleType:
    module: ModuleType = request.param
    return module


REFUSED = {
    "an absolute key": "/etc/passwd",
    "a parent": "weekly/../../f",
    "a parent below": "weekly/x/../../../f",
    "a parent at the end": "weekly/x/..",
    "the folder itself": "weekly/.",
    "an empty segment": "weekly//f",
    "a folder": "weekly/x/",
    "nothing": "weekly/",
    "an absolute path after the prefix": "weekly//etc/passwd",
    "another prefix": "monthly/f",
    "a NUL character": "weekly/a\0b",
    "a backslash": "weekly/..\\..\\f",
    "a long name": f"weekly/{'é' * 128}",
    "a long key": f"weekly/{'a/' * 510}b",
    "half of a character": "weekly/\ud800",
}


@pytest.mark.parametrize("key", REFUSED.values(), ids=REFUSED.keys())
def test_a_key_that_names_no_file_below_the_folder_is_refused(
    room: ModuleType, key: str, tmp_path: Path
) -> None:
    with pytest.raises(room.KeyRefusedError) as refused:
        room.object_path(tmp_path, key, "weekly/")
    assert str(refused.value).isascii() or "…" in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", ["f", "x/f.pdf", "..f", "...", " ", "x/é✓", "a" * 255, "a\x1b[31mb"])
def test_any_other_key_is_a_file_below_the_folder(room: ModuleType, name: str, tmp_path: Path) -> None:
    assert room.object_path(tmp_path, f"weekly/{name}", "weekly/") == tmp_path / name


def test_links_are_not_followed(room: ModuleType, tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "x").symlink_to(outside)
    (folder / "dangling").symlink_to(outside / "f")
    for key in ("x", "x/f", "dangling"):
        with pytest.raises(room.KeyRefusedError, match="is a symbolic link"):
            room.object_path(folder, key)


def test_a_key_that_is_a_file_and_a_folder_is_refused(room: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(room.KeyRefusedError, match="its folder 'file' is also a file"):
        room.object_path(tmp_path, "file/f")
    with pytest.raises(room.KeyRefusedError, match="also a folder"):
        room.object_path(tmp_path, "folder")
