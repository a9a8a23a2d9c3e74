"""The executables on PATH for the engine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.toolchain.shims import is_shim, write_shim

SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], sys.path, dict(os.environ)]))"


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    root = tmp_path / "a checkout's"
    (root / "package").mkdir(parents=True)
    (root / "package" / "show.py").write_text(SHOW)
    path = tmp_path / "bin" / "shim"
    write_shim(path, python=Path(sys.executable), root=root, module="package.show")
    return path


def test_a_shim_runs_its_module_from_any_folder_with_its_arguments(shim: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    arguments, path, _ = json.loads(subprocess.check_output([shim, "127.0.0.1:1", "a b"], cwd=elsewhere))
    assert arguments == ["127.0.0.1:1", "a b"]
    assert str(elsewhere) not in path
    assert "" not in path


def test_a_command_started_by_a_shim_does_not_inherit_pythonpath(shim: Path) -> None:
    _, _, environment = json.loads(subprocess.check_output([shim], env={"PATH": os.defpath}))
    assert "PYTHONPATH" not in environment


def test_a_shim_that_is_up_to_date_is_not_written_again(shim: Path, tmp_path: Path) -> None:
    written = shim.stat().st_mtime_ns
    write_shim(shim, python=Path(sys.executable), root=tmp_path / "a checkout's", module="package.show")
    assert shim.stat().st_mtime_ns == written


def test_a_shim_is_distinguished_from_a_released_executable(shim: Path, tmp_path: Path) -> None:
    released = tmp_path / "released"
    released.write_bytes(b"\x7fELF\x02\xff\xfe" * 100)
    assert is_shim(shim)
    assert not is_shim(released)
