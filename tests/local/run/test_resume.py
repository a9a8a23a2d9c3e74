"""The command that starts the local stack: again if it was kept with its state, or else anew."""

from pathlib import Path
from typing import Any

import pytest

from local.run import kept_stack, resume
from local.run.errors import RunError
from local.run.kept_stack import KeptStack

KEPT = KeptStack(None, "http://127.0.0.1:4566", "http://127.0.0.1:4999")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of a kept stack with a state."""
    monkeypatch.setattr(kept_stack, "KEPT", tmp_path / "kept.json")
    monkeypatch.setattr(resume, "AWS_STATE", tmp_path)
    KEPT.write()
    (tmp_path / "snapshot").touch()
    return tmp_path


def started(monkeypatch: pytest.MonkeyPatch, *alive: str) -> list[str]:
    """Return the parts that are started when these are running."""
    parts: list[str] = []

    class Running:
        def __init__(self, part: str, *_: Any, keep: bool, again: bool) -> None:
            assert (keep, again) == (True, True)
            parts.append(part)

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(resume, "running", Running)
    monkeypatch.setattr(resume, "running_parts", lambda: frozenset(alive))
    assert resume.resume()[0] == KEPT
    return parts


def test_a_stack_with_its_state_is_resumed() -> None:
    assert resume.start_command() == "ccapi local resume"


@pytest.mark.parametrize("lost", ["snapshot", "kept.json"])
def test_a_stack_without_its_record_or_state_begins_anew(folder: Path, lost: str) -> None:
    (folder / lost).unlink()
    assert resume.start_command() == "ccapi local up"
    with pytest.raises(RunError, match=r"no stack is kept with its state .*; type `ccapi local up`"):
        resume.resume()


@pytest.mark.parametrize(
    ("alive", "missing"),
    [
        ((), ["channels", "emulator", "agent"]),
        (("channels", "agent"), ["emulator"]),
        (("channels", "agent", "emulator"), []),
    ],
)
def test_only_the_parts_that_do_not_run_are_started(
    monkeypatch: pytest.MonkeyPatch, alive: tuple[str, ...], missing: list[str]
) -> None:
    assert started(monkeypatch, *alive) == missing
