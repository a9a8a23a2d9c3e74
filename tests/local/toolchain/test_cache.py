"""The cache folder and its locks."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.toolchain.cache import cache_folder, locked
from tests.local.toolchain.machine import ROOT


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"CCAPI_CACHE_DIR": "/big/cache", "XDG_CACHE_HOME": "/xdg"}, "/big/cache"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/ccapi"),
        ({"XDG_CACHE_HOME": ""}, "~/.cache/ccapi"),
        ({}, "~/.cache/ccapi"),
        ({"CCAPI_CACHE_DIR": "~/cache"}, "~/cache"),
    ],
)
def test_the_cache_folder_follows_the_environment_variables(environment: dict[str, str], folder: str) -> None:
    assert cache_folder(environment) == Path(folder).expanduser()


def test_a_lock_that_is_free_is_taken_without_a_word(tmp_path: Path) -> None:
    waits = []
    with locked(tmp_path / "lock", lambda: waits.append("waits")):
        pass
    assert waits == []


def test_a_lock_is_free_again_when_its_holder_was_killed(tmp_path: Path) -> None:
    hold = (
        "import sys, time, pathlib; from local.toolchain.cache import locked\n"
        "with locked(pathlib.Path(sys.argv[1]), print): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, tmp_path / "lock"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        waits = []

        def wait() -> None:
            waits.append("waits")
            holder.kill()

        with locked(tmp_path / "lock", wait):
            assert waits == ["waits"]
