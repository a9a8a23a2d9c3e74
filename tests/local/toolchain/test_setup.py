"""The variables of a ready toolchain, and the errors of `ready`."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.toolchain import Toolchain
from tests.local.toolchain.machine import ROOT, Machine

TOOLS = Toolchain(Path("/checkout"), Path("/checkout/.venv/bin/python"), Path("/cache/pulumi-3.255.0/pulumi"))


def folders(variables: dict[str, str]) -> list[str]:
    return variables["PATH"].split(os.pathsep)


def test_the_tools_come_before_everything_else_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert folders(TOOLS.environment(stand_in_provider=True)) == [
        "/checkout/.local/bin",
        "/checkout/.local/bin/stand-in",
        "/cache/pulumi-3.255.0",
        "/usr/bin",
        "/bin",
    ]


def test_the_stand_in_provider_is_on_path_only_on_request() -> None:
    variables = TOOLS.environment(stand_in_provider=False)
    assert "/checkout/.local/bin/stand-in" not in folders(variables)
    assert "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" not in variables
    assert "PULUMI_HOME" not in variables


def test_state_and_home_lie_in_the_checkout_with_the_stand_in() -> None:
    variables = TOOLS.environment(stand_in_provider=True)
    assert variables["PULUMI_BACKEND_URL"] == "file:///checkout/.local/state"
    assert variables["PULUMI_HOME"] == "/checkout/.local/pulumi-home"


def test_an_environment_inside_another_one_names_each_folder_once(monkeypatch: pytest.MonkeyPatch) -> None:
    outer = TOOLS.environment(stand_in_provider=True)
    monkeypatch.setenv("PATH", outer["PATH"])
    assert TOOLS.environment(stand_in_provider=True)["PATH"] == outer["PATH"]


@pytest.mark.parametrize("variable", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_of_ones_own_is_kept(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "own")
    assert "PULUMI_CONFIG_PASSPHRASE" not in TOOLS.environment(stand_in_provider=True)


def test_without_a_passphrase_the_local_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    assert TOOLS.environment(stand_in_provider=True)["PULUMI_CONFIG_PASSPHRASE"] == "local"


def test_loopback_requests_bypass_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("no_proxy", "intranet.example,localhost")
    variables = TOOLS.environment(stand_in_provider=True)
    assert variables["no_proxy"] == variables["NO_PROXY"] == "intranet.example,localhost,127.0.0.1"


def test_a_cache_that_cannot_be_written_is_one_sentence(go_machine: Machine) -> None:
    root = go_machine.checkout
    done = go_machine.set_up(root, {"CCAPI_CACHE_DIR": "/dev/null/cache"})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Setting up failed: Not a directory (/dev/null/cache); what is made goes to "
        f"{root}/.local and to /dev/null/cache, which CCAPI_CACHE_DIR can set to another folder."
    )


def test_an_older_python_gets_a_sentence_that_names_it_and_the_remedy() -> None:
    pretend = (
        "import sys; sys.version_info = (3, 8, 18); sys.version = '3.8.18 (main)'; import local.toolchain"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"Python 3.11 or newer is needed, and {sys.executable} is 3.8.18: install a newer one and name it, "
        "as in `make run PYTHON=/usr/bin/python3.11`.\n"
    )


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_modules_that_run_before_the_version_check_parse_with_python_3_8(name: str) -> None:
    source = (ROOT / "local" / "toolchain" / name).read_text()
    ast.parse(source, feature_version=(3, 8))
