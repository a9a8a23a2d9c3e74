from datetime import timedelta

import pytest

from cli.commands import wait
from tests.cli.stand_ins import Pipeline


def test_the_wait_ends_after_its_timeout(running: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        running.now += timedelta(minutes=4)

    monkeypatch.setattr(wait, "_pause", pause)
    waited = running.type("wait", "--timeout", "10m")
    assert (waited.code, len(pauses)) == (1, 3)
    assert "run manual-1 is still running after 10 min" in waited.error
    assert waited.out == "12:00:00 Run manual-1 is running.\n"


def test_a_run_is_read_once_however_often_it_is_looked_for(
    running: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause(_seconds: float) -> None:
        running.now += timedelta(minutes=1)

    monkeypatch.setattr(wait, "_pause", pause)
    running.type("wait", "--timeout", "1h")
    assert running.states.described == 1
