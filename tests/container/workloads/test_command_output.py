"""A program's output becomes lines and counts as progress, with or without line ends, on a pipe or a terminal."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.workloads.command import process as process_module
from worker.workloads.command.lines import LINE_CHARACTERS, Lines
from worker.workloads.command.process import StalledError, started

KEY = "".join(chr(ord("A") + number % 26) for number in range(64))


def lines_of(*pieces: str) -> list[str]:
    lines = Lines()
    found = [line for piece in pieces for line in lines.feed(piece)]
    return [*found, *lines.close()]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a\nb\r\nc\n\n", ["a", "b", "c", ""]),
        ("0...10...20", ["0...10...20"]),
        ("10%\r20%\r100%\n", ["10%", "20%", "100%"]),
        ("10%\b\b\b20%\b\b\b30%\n", ["30%"]),
        ("|\b/\b-\b\\\b done", [" done"]),
        ("\b\bx", ["x"]),
        ("\x1b[1;31mERROR\x1b[0m: \x1b[Kno\n", ["ERROR: no"]),
        ("10%\x1b[2K\x1b[G20%\x1b[1A30%", ["10%", "", "20%", "30%"]),
        ("10%\x1b[s20%\x1b[u30%\x1b8", ["10%20%", "30%"]),
        ("\x1b]0;title\x07text", ["text"]),
    ],
)
def test_lines_are_those_that_a_terminal_would_show(written: str, read: list[str]) -> None:
    assert lines_of(written) == read
    assert lines_of(*written) == read


@given(st.text(alphabet="ab\n\r\b\x1b[]0;12KmA\x07 ", max_size=60), st.data())
def test_lines_do_not_depend_on_how_the_text_arrives(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]
    assert lines_of(*pieces) == lines_of(text)


def test_a_line_that_is_too_long_is_cut_between_words() -> None:
    found = lines_of(f"{'x ' * 990}{KEY} {KEY}{'y' * 5000}\n")
    assert max(map(len, found)) == LINE_CHARACTERS
    assert "".join(found) == f"{'x ' * 990}{KEY} {KEY}{'y' * 5000}"
    assert found[1].startswith(KEY)


@pytest.mark.parametrize("begun", ["\x1b[", "\x1b[ ", "\x1b]0;", "\x1b("])
def test_a_sequence_that_never_ends_is_not_kept(begun: str) -> None:
    lines = Lines()
    found = [
        *lines.feed(begun),
        *(line for _ in range(100) for line in lines.feed("1" * 1000)),
        *lines.close(),
    ]
    assert sum(map(len, found)) > 99_000


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[int]:
    """Return the descriptor of a named pipe `gate` in the program's folder, by which a test lets the program go on."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    # For both directions, so that it opens before the program does.
    descriptor = os.open(path, os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def pieces_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets each piece of a program's output after its lines are ready."""
    read: list[str] = []

    class Recorded(Lines):
        def feed(self, text: str) -> Iterator[str]:
            yield from super().feed(text)
            read.append(text)

    monkeypatch.setattr(process_module, "Lines", Recorded)
    return read


SLOWLY = """
import sys
gate = open("gate", "rb", buffering=0)
for piece in {pieces!r}:
    gate.readline()
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
"""


def output_of(pieces: Sequence[bytes], folder: Path, gate: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the lines of a program that writes each 0.9 s and may be silent for 1 s, by the test's clock."""
    now, sent, read = 0.0, 0, pieces_read(monkeypatch)

    def go_on() -> None:
        nonlocal now, sent
        if len(read) == sent < len(pieces):
            now += 0.9
            sent += 1
            os.write(gate, b"\n")

    monkeypatch.setattr(process_module, "monotonic", lambda: now)
    code = SLOWLY.format(pieces=pieces)
    with started([sys.executable, "-c", code], folder, dict(os.environ)) as process:
        return list(process.lines(stall_seconds=1, tick=go_on))


@pytest.mark.parametrize(
    "pieces",
    [
        ["0", "...10", "...20", "...30", "...40", "...50", "...60"],
        ["|", "\b/", "\b-", "\b\\", "\b|", "\b/", "\b-"],
        ["\r10%", "\r20%", "\r30%", "\r40%", "\r50%", "\r60%", "\r70%"],
        ["\x1b[2K\x1b[G1", "\x1b[2K\x1b[G2", "\x1b[2K\x1b[G3", "\x1b[2K\x1b[G4", "\x1b[2K\x1b[G5", "\x1b[2K"],
        ["\0", "\0", "\0", "\0", "\0", "\0", "\0"],
    ],
    ids=["dots", "spinner", "carriage returns", "redrawn", "bytes of no text"],
)
def test_every_byte_is_a_sign_of_life(
    tmp_path: Path, gate: int, monkeypatch: pytest.MonkeyPatch, pieces: list[str]
) -> None:
    assert output_of([piece.encode() for piece in pieces], tmp_path, gate, monkeypatch)[-1:] != []


def test_half_a_character_counts_as_output_and_is_joined(
    tmp_path: Path, gate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert output_of([bytes([byte]) for byte in "🛰".encode()], tmp_path, gate, monkeypatch) == ["🛰"]


def test_real_silence_is_stopped_and_the_unfinished_line_is_read_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    read = pieces_read(monkeypatch)
    # No time passes until the only piece that the program writes is read and its line is received.
    monkeypatch.setattr(process_module, "monotonic", lambda: 1.0 if read and found else 0.0)
    code = "import os, time; os.write(1, b'begun\\n0...10...2'); time.sleep(60)"
    with started([sys.executable, "-c", code], tmp_path, dict(os.environ)) as process:
        lines = process.lines(stall_seconds=1, tick=lambda: None)
        with pytest.raises(StalledError):
            found.extend(lines)
    # `extend` takes in what was yielded before the error.
    assert found == ["begun", "0...10...2"]


def test_an_unfinished_line_is_read_although_a_child_holds_the_output_open(tmp_path: Path) -> None:
    with started(["sh", "-c", "sleep 60 & printf 'failed at 7'"], tmp_path, dict(os.environ)) as process:
        assert list(process.lines(stall_seconds=10, tick=lambda: None)) == ["failed at 7"]


# Each writes a line, and goes on once the line has been read. mawk also holds back input, in blocks of 4,096 bytes.
HOLDS_BACK = {
    "awk": [
        "sh",
        "-c",
        "(echo 1; head -c 65534 /dev/zero | tr '\\0' '\\n'; until [ -e read ]; do sleep 0.1; done; echo 2) | awk NF",
    ],
    "perl": [
        "perl",
        "-e",
        "print qq(1\\n); until (-e 'read') { select(undef, undef, undef, 0.1) } print qq(2\\n)",
    ],
}


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("what", HOLDS_BACK)
def test_a_program_that_holds_its_output_back_writes_at_once_to_a_terminal(
    tmp_path: Path, what: str, terminal: bool
) -> None:
    if shutil.which(what) is None:
        pytest.skip(f"there is no {what} on this machine")
    seen: list[str] = []
    with started(HOLDS_BACK[what], tmp_path, dict(os.environ), terminal=terminal) as process:
        try:
            for line in process.lines(stall_seconds=15 if terminal else 1, tick=lambda: None):
                seen.append(line)
                (tmp_path / "read").touch()
        except StalledError:
            pass
    assert seen == (["1", "2"] if terminal else [])


def test_a_program_has_a_terminal_only_if_it_is_given_one(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.stdout.isatty(), sys.stderr.isatty(), sys.stdin.isatty())"
    for terminal, told in ((True, "True True False"), (False, "False False False")):
        with started([sys.executable, "-c", code], tmp_path, dict(os.environ), terminal=terminal) as process:
            assert list(process.lines(stall_seconds=10, tick=lambda: None)) == [told]
