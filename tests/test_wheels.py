"""The two wheels, built by the standard tool and used outside of the checkout."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from cli.app import COMMANDS
from tests.stacks import ROOT

Installed = Callable[..., "subprocess.CompletedProcess[str]"]

PROGRAM = """
import json, sys
from ccapi.scheduled_job import ScheduledFargateJob, ScheduledFargateJobArgs
import ccapi.resources.reporter, ccapi.settings.regions
assert "components" not in sys.modules
print(json.dumps({
    "regions": ccapi.settings.regions.catalog_names(),
    "reporter": len(ccapi.resources.reporter.code().assets),
    "job": ScheduledFargateJob.__name__,
}))
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build both wheels from copies of what they are built from; return each by its name."""
    folder = tmp_path_factory.mktemp("wheels")
    shutil.copytree(
        ROOT,
        folder / "checkout",
        ignore=lambda at, names: [
            name
            for name in names
            if Path(at) == ROOT and name.startswith((".", "build", "tests", "docs", "local"))
        ],
    )
    for source in (folder / "checkout", folder / "checkout" / "policies"):
        command = ["uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", str(folder)]
        command += ["--python", sys.executable, str(source)]
        subprocess.run(command, check=True, env={**os.environ, "PATH": _path()})
    return {path.name.partition("-")[0]: path for path in folder.glob("*.whl")}


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def files_of(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def unpacked(wheel: Path, folder: Path) -> dict[str, str]:
    """Unpack a wheel, and return the environment in which Python finds it and nothing of the checkout."""
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return {**os.environ, "PYTHONPATH": str(folder)}


def below(folder: str, *patterns: str) -> set[str]:
    return {
        path.relative_to(ROOT / folder).as_posix()
        for pattern in patterns
        for path in (ROOT / folder).rglob(pattern)
        if "build" not in path.relative_to(ROOT / folder).parts
    }


def test_a_wheel_installs_one_package_with_a_name_of_its_own(wheels: dict[str, Path]) -> None:
    for name, wheel in wheels.items():
        tops = {file.partition("/")[0] for file in files_of(wheel)}
        assert {top for top in tops if not top.endswith(".dist-info")} == {name}
    assert set(wheels) == {"ccapi", "guardrails"}


def test_the_wheels_have_every_module_their_types_and_their_data(wheels: dict[str, Path]) -> None:
    package = below("components", "*.py", "*.json", "*.jsonata", "py.typed")
    expected = {f"ccapi/{file}" for file in package}
    expected |= {f"ccapi/_data/regions/{file}" for file in below("regions", "*.json")}
    expected |= {f"ccapi/_data/reporter/{file}" for file in below("reporter", "*.py", "*.html")}
    expected |= {f"ccapi/_data/worker/{file}" for file in below("container/worker", "*.py")}
    expected |= {f"ccapi/cli/{file}" for file in below("cli", "*.py")}
    found = {file for file in files_of(wheels["ccapi"]) if ".dist-info/" not in file}
    assert found == expected
    assert "ccapi/py.typed" in found

    expected = {f"guardrails/{file}" for file in below("policies/guardrails", "*.py", "*.json", "py.typed")}
    expected |= {f"guardrails/_pack/limits/{file}" for file in below("policies/limits", "*.json", "*.toml")}
    others = ("__main__.py", "PulumiPolicy.yaml", "limits.schema.json", "what-if.yaml")
    expected |= {f"guardrails/_pack/{file}" for file in others}
    found = {file for file in files_of(wheels["guardrails"]) if ".dist-info/" not in file}
    assert found == expected


def test_the_installed_pack_runs_in_the_environment_that_it_is_installed_in(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    site_packages = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    unpacked(wheels["guardrails"], site_packages)
    pack = site_packages / "guardrails" / "_pack"
    options = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text(encoding="utf-8"))["runtime"]["options"]
    assert (pack / options["virtualenv"]).resolve() == (tmp_path / "venv").resolve()


def test_the_job_is_imported_from_the_wheel_with_its_data(wheels: dict[str, Path], tmp_path: Path) -> None:
    environment = unpacked(wheels["ccapi"], tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "regions": ["example", "java"],
        "reporter": len(below("reporter", "*.py", "*.html")),
        "job": "ScheduledFargateJob",
    }


def test_the_guardrails_run_from_the_wheel(wheels: dict[str, Path], tmp_path: Path) -> None:
    environment = unpacked(wheels["guardrails"], tmp_path)
    machine = ROOT / "tests" / "golden" / "weekly-machine.local.asl.json"
    done = subprocess.run(
        [sys.executable, "-m", "guardrails", "time", str(machine), "--items", "2", "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Both wheels in one folder, as `pip install` leaves them."""
    folder = tmp_path_factory.mktemp("site-packages")
    unpacked(wheels["guardrails"], folder)
    environment = unpacked(wheels["ccapi"], folder)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "ccapi.cli", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_imported_from_the_wheel(command: str, installed: Installed) -> None:
    done = installed(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"ccapi {command}" in done.stdout


@pytest.mark.parametrize("missing", ["click", "guardrails"])
def test_the_command_line_names_the_package_that_it_lacks(
    missing: str, wheels: dict[str, Path], tmp_path: Path
) -> None:
    environment = unpacked(wheels["ccapi"], tmp_path)
    if missing != "guardrails":
        unpacked(wheels["guardrails"], tmp_path)
    code = f"import sys; sys.modules[{missing!r}] = None; from ccapi.cli.__main__ import main; sys.exit(main(['runs']))"
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"ccapi: the package {missing} is not installed. The command line needs more than the component does: "
        "type `pip install '.[cli]' ./policies` in a checkout.\n"
    )


def test_the_installed_command_line_has_no_local_stack(installed: Installed) -> None:
    done = installed("local", "status")
    assert done.returncode == 2
    assert "the local AWS is part of a checkout, and this is the installed package" in done.stderr
