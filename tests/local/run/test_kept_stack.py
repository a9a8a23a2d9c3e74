"""A stack that `--keep` left running is stopped by the next command only with a sentence that names it."""

import io
from pathlib import Path

import pytest

from local.run import command, kept_stack
from local.run.display import VisibleConsole
from local.run.kept_stack import KeptStack, take_kept_stack

KEPT = KeptStack("2026-W49", "http://127.0.0.1:4566", "http://127.0.0.1:4999")


@pytest.fixture(autouse=True)
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(kept_stack, "KEPT", tmp_path / "kept.json")
    return tmp_path / "kept.json"


def reported(stopped: int) -> str:
    file = io.StringIO()
    command._report_stopped(VisibleConsole(file=file, width=60), stopped)
    return file.getvalue()


def test_a_kept_stack_is_recorded_and_taken_once(record: Path) -> None:
    KEPT.write()
    assert take_kept_stack() == KEPT
    assert not record.exists()
    assert take_kept_stack() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"run_id": "a"}', '{"b": 1}', "\0"])
def test_a_record_that_cannot_be_read_is_none(record: Path, text: str) -> None:
    record.write_text(text, encoding="utf-8")
    assert take_kept_stack() is None
    assert not record.exists()


def test_the_stack_that_is_stopped_is_named() -> None:
    KEPT.write()
    assert reported(3) == "Stopped the kept stack of run 2026-W49 (http://127.0.0.1:4566).\n"


def test_processes_left_by_a_killed_run_are_counted() -> None:
    assert reported(3) == "Stopped 3 processes that an earlier run left running.\n"


def test_nothing_is_reported_if_nothing_was_stopped() -> None:
    KEPT.write()
    # The machine was restarted since.
    assert reported(0) == ""
