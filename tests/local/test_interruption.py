"""Ctrl-C and SIGTERM while a process is started."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.interruption import held_back
from local.toolchain import commands

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    before = {number: signal.signal(number, signal.default_int_handler) for number in INTERRUPTIONS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", INTERRUPTIONS)
def test_an_interruption_waits_for_the_end_of_the_block(number: signal.Signals) -> None:
    reached = []

    def interrupted() -> None:
        with held_back():
            signal.raise_signal(number)
            reached.append("end")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached == ["end"]
    assert signal.getsignal(number) is signal.default_int_handler


def test_an_interruption_comes_through_once_it_is_let() -> None:
    reached = []

    def interrupted() -> None:
        with held_back() as let_through:
            signal.raise_signal(signal.SIGTERM)
            reached.append("held")
            let_through()
            reached.append("let through")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached == ["held"]


def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with held_back():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_an_interruption_amid_the_start_of_a_tool_ends_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    class Interrupted(subprocess.Popen[str]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self.pid)
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        commands.run([sys.executable, "-c", "import time; time.sleep(60)"], log=tmp_path / "log")
    assert len(started) == 1
    assert not psutil.pid_exists(started[0])
