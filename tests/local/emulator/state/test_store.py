"""The files of a state: whole or refused, private or refused, and never loaded by half."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator.state.errors import StateError
from local.emulator.state.store import SNAPSHOT, Header, Store, has_state
from tests.stacks import ROOT

VERSIONS = {"moto": "5.2.5", "Python": "3.11.7"}
HEADER = Header(VERSIONS, port=4566, account="123456789012", enforce_roles=True, generation=1)
CHANGES = [b"first", b"second" * 100, b"third"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "aws"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """Return a store with a snapshot and three changes since."""
    store = Store(folder)
    assert store.begin() == 1
    store.write_snapshot(HEADER, b"state")
    for change in CHANGES:
        store.sync(store.append(change))
    yield store
    store.close()


def journal(folder: Path, number: int = 1) -> Path:
    return folder / f"journal-{number}"


def changes(store: Store) -> list[bytes]:
    return list(store.read_journals(1))


def test_a_new_folder_is_private_and_has_no_state(folder: Path) -> None:
    store = Store(folder)
    assert store.header(VERSIONS) is None
    assert not has_state(folder)
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "values")] == [0o700, 0o700]
    store.close()


def test_a_snapshot_and_the_changes_since_are_read_as_they_were_written(store: Store, folder: Path) -> None:
    assert store.header(VERSIONS) == HEADER
    assert store.read_snapshot() == b"state"
    assert changes(store) == CHANGES
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()} == {0o600}


def test_a_new_snapshot_replaces_the_changes_before_it(store: Store, folder: Path) -> None:
    generation = store.begin()
    store.append(b"meanwhile")
    store.write_snapshot(Header(VERSIONS, 4566, "123456789012", True, generation), b"later")
    assert store.read_snapshot() == b"later"
    assert list(store.read_journals(generation)) == [b"meanwhile"]
    assert not journal(folder).exists()


def test_a_snapshot_that_was_not_finished_changes_nothing(store: Store, folder: Path) -> None:
    store.begin()
    store.append(b"meanwhile")
    (folder / f"{SNAPSHOT}.new").write_bytes(b"half of")
    assert store.read_snapshot() == b"state"
    assert changes(store) == [*CHANGES, b"meanwhile"]


@pytest.mark.parametrize("left", [0, 1, 40, -1])
def test_a_snapshot_that_is_cut_off_is_refused(store: Store, folder: Path, left: int) -> None:
    content = (folder / SNAPSHOT).read_bytes()
    (folder / SNAPSHOT).write_bytes(content[:left])
    with pytest.raises(StateError, match="is damaged or was cut off; type `ccapi local up` to begin anew"):
        store.read_snapshot()


def test_a_snapshot_without_a_header_is_refused(store: Store, folder: Path) -> None:
    (folder / SNAPSHOT).write_bytes(b"")
    with pytest.raises(StateError, match="is damaged or was cut off"):
        store.header(VERSIONS)


def test_a_snapshot_with_any_other_byte_is_refused(store: Store, folder: Path) -> None:
    content = (folder / SNAPSHOT).read_bytes()
    for position in range(len(content)):
        other = bytes([content[position] ^ 1])
        (folder / SNAPSHOT).write_bytes(content[:position] + other + content[position + 1 :])
        with pytest.raises(StateError, match="damaged"):
            store.read_snapshot()


def test_a_last_change_that_was_cut_off_was_never_answered(store: Store, folder: Path) -> None:
    content = journal(folder).read_bytes()
    before = len(content) - len(CHANGES[-1]) - 40
    for length in range(before, len(content)):
        journal(folder).write_bytes(content[:length])
        assert changes(store) == CHANGES[:-1]


def test_a_journal_with_any_other_byte_is_refused(store: Store, folder: Path) -> None:
    content = journal(folder).read_bytes()
    for position in range(len(content)):
        other = bytes([content[position] ^ 1])
        journal(folder).write_bytes(content[:position] + other + content[position + 1 :])
        with pytest.raises(StateError, match="damaged"):
            changes(store)


def test_a_journal_before_the_last_one_is_whole_or_refused(store: Store, folder: Path) -> None:
    store.begin()
    journal(folder).write_bytes(journal(folder).read_bytes()[:-1])
    with pytest.raises(StateError, match="damaged"):
        changes(store)


def test_a_missing_journal_is_refused(store: Store, folder: Path) -> None:
    store.begin()
    journal(folder).unlink()
    with pytest.raises(StateError, match=r"has the journals \[2\], and one of them is missing"):
        changes(store)


def test_a_journal_without_a_snapshot_is_refused(store: Store, folder: Path) -> None:
    (folder / SNAPSHOT).unlink()
    with pytest.raises(StateError, match="has a journal and no snapshot"):
        store.header(VERSIONS)


def test_a_snapshot_of_other_versions_is_refused_with_both(store: Store) -> None:
    with pytest.raises(
        StateError, match=r"is of other versions: moto 5\.2\.5, and this is 6\.0\.0; type `ccapi local up`"
    ):
        store.header({**VERSIONS, "moto": "6.0.0"})


def test_a_file_that_others_can_read_is_refused(store: Store, folder: Path) -> None:
    (folder / SNAPSHOT).chmod(0o640)
    with pytest.raises(StateError, match=r"open to other users \(mode 0640\), and must have mode 0600"):
        store.header(VERSIONS)
    journal(folder).chmod(0o604)
    with pytest.raises(StateError, match="mode 0604"):
        changes(store)


def test_a_folder_that_others_can_open_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(StateError, match=r"mode 0755\), and must have mode 0700"):
        Store(tmp_path)


def test_a_link_is_refused(store: Store, folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    (folder / SNAPSHOT).rename(elsewhere)
    (folder / SNAPSHOT).symlink_to(elsewhere)
    with pytest.raises(StateError, match="is a link"):
        store.read_snapshot()


def test_a_file_of_another_user_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with pytest.raises(StateError, match=r"belongs to the user \d+, and this is the user 4711"):
        store.header(VERSIONS)


@pytest.mark.usefixtures("store")
def test_a_folder_is_held_by_one_process(folder: Path) -> None:
    code = f"from pathlib import Path; from local.emulator.state.store import Store; Store(Path({str(folder)!r}))"
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "another local AWS keeps its state in" in other.stderr
    assert "type `ccapi local down` to stop it" in other.stderr


def test_a_change_that_does_not_fit_on_the_disk_leaves_the_journal_as_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = os.write, [10]

    def write(descriptor: int, content: bytes) -> int:
        if not left:
            raise OSError(28, "No space left on device")
        return real(descriptor, content[: left.pop()])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space left"):
        store.append(b"too long")
    monkeypatch.undo()
    store.append(b"short")
    assert changes(store) == [*CHANGES, b"short"]


def test_values_are_written_once_and_deleted_when_no_snapshot_names_them(store: Store, folder: Path) -> None:
    values = store.values
    store.begin()
    kept, gone = values.put(b"kept"), values.put(b"gone")
    assert not values.is_written(kept)
    values.write()
    written_at = (folder / "values" / kept).stat().st_mtime_ns
    store.begin()
    assert values.put(b"kept") == kept
    values.write()
    values.delete_unnamed()
    assert (folder / "values" / kept).stat().st_mtime_ns == written_at
    assert values.read(kept) == b"kept"
    with pytest.raises(StateError, match="the value of an object is missing"):
        values.read(gone)


def test_a_value_with_another_content_is_refused(store: Store, folder: Path) -> None:
    digest = store.values.put(b"value")
    store.values.write()
    (folder / "values" / digest).write_bytes(b"other")
    with pytest.raises(StateError, match="the value of an object is damaged"):
        store.values.read(digest)
