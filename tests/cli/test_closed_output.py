"""Outputs that cannot be written: a pager that was closed, and a full disk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks import ROOT


def typed(stdout: int, buffered: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "--help"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": buffered},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_closed_pager_is_no_error(buffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = typed(writing, buffered)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_is_one_sentence(buffered: str) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    done = typed(full, buffered)
    os.close(full)
    assert done.returncode == 1
    assert done.stderr.startswith("ccapi: ")
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_is_no_traceback(redirection: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m cli --help {redirection}', sys.executable],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
