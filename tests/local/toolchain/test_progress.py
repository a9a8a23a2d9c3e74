"""The progress output of long steps, on a terminal and in a log."""

import io

import pytest

from local.toolchain.progress import TextProgress, duration


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_on_a_terminal(written: str) -> list[str]:
    """Return the lines that stay on the screen."""
    return [line.split("\x1b[2K")[-1] for line in written.rstrip("\n").split("\n")]


def test_in_a_log_a_step_is_written_when_it_begins_now_and_then_and_when_it_ends() -> None:
    log, clock = io.StringIO(), Clock()
    with TextProgress(log, clock) as progress:
        for done in range(31):
            progress("Compiling", done, 30)
            clock.now += 1
    assert log.getvalue().splitlines() == [
        "Compiling 0/30",
        "Compiling 15/30, 15 s",
        "Compiling 30/30, 30 s",
        "Compiling, 31 s",
    ]


def test_in_a_log_a_step_that_takes_no_time_is_one_line() -> None:
    log = io.StringIO()
    with TextProgress(log, Clock()) as progress:
        progress("Compiling")
        progress("Installing")
    assert log.getvalue() == "Compiling\nInstalling\n"


def test_on_a_terminal_each_step_is_one_line_that_is_rewritten() -> None:
    screen, clock = Terminal(), Clock()
    with TextProgress(screen, clock) as progress:
        for done in range(3):
            progress("Compiling", done, 2)
            clock.now += 40
        progress("Installing")
        clock.now += 3
    assert shown_on_a_terminal(screen.getvalue()) == ["Compiling, 2 min 0 s", "Installing, 3 s"]
    assert "Compiling 1/2, 40 s" in screen.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_without_a_step_nothing_is_written(stream: io.StringIO) -> None:
    TextProgress(stream).close()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (165, "2 min 45 s")]
)
def test_durations_are_written_as_a_person_says_them(seconds: int, text: str) -> None:
    assert duration(seconds) == text
