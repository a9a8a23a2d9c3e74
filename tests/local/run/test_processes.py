"""The error about a process that did not start has what this process wrote, and not what earlier ones did."""

from pathlib import Path

import pytest

from local.run import processes
from local.run.errors import RunError


def test_a_process_that_does_not_start_again_is_reported_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOGS", tmp_path)
    monkeypatch.setattr(processes, "record", lambda _pid, **_: None)
    (tmp_path / "channels.log").write_text("An earlier error.\n")
    (tmp_path / "file").touch()

    with (
        pytest.raises(RunError) as caught,
        processes.running(
            "channels", ["--credentials", str(tmp_path / "file" / "x")], keep=False, again=True
        ),
    ):
        pass

    assert "cannot be written" in str(caught.value)
    assert "An earlier error." not in str(caught.value)
    assert (tmp_path / "channels.log").read_text().startswith("An earlier error.\n")
