import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.stacks import ROOT

PACK = ROOT / "policies"
PROJECT = tomllib.loads((PACK / "pyproject.toml").read_text(encoding="utf-8"))
MACHINE = ROOT / "tests/policies/time/by_hand.asl.json"
TABLE = {"urn": "urn:pulumi:dev::p::aws:sqs/queue:Queue::queue", "type": "aws:sqs/queue:Queue"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a copy of the guardrails is installed; the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(PACK, folder / "policies", ignore=shutil.ignore_patterns("__pycache__"))
    offline = ["--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check", "--quiet"]
    target = ["--target", str(folder / "site"), str(folder / "policies")]
    subprocess.run([sys.executable, "-m", "pip", "install", *offline, *target], check=True)
    return folder / "site"


def told(installed: Path, *arguments: str | Path) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "guardrails", *arguments],
        cwd=installed.parent,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout


def test_the_guardrails_show_the_time_from_any_folder(installed: Path) -> None:
    assert "at most 5,778 s" in told(installed, "time", MACHINE, "--items", "2")


def test_the_guardrails_show_the_cost_from_any_folder(installed: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"steps": [{"newState": TABLE}]}), encoding="utf-8")
    assert "a month" in told(installed, "cost", plan, "--region", "us-west-2")


def test_all_files_of_the_package_are_installed(installed: Path) -> None:
    def files(package: Path) -> set[str]:
        found = (path.relative_to(package) for path in package.rglob("*") if path.is_file())
        return {str(path) for path in found if "__pycache__" not in path.parts}

    # The wheel also holds the pack itself, which Pulumi starts.
    packed = {name for name in files(installed / "guardrails") if not name.startswith("_pack/")}
    assert packed == files(PACK / "guardrails")


def test_pulumi_runs_the_folder_and_not_a_package() -> None:
    # https://github.com/pulumi/pulumi/blob/master/sdk/python/toolchain/pyproject.go
    assert "build-backend" not in PROJECT["build-system"]


def test_the_metadata_of_the_package_matches_the_pack_and_the_project() -> None:
    pack = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    about = PROJECT["project"]
    assert {key: about[key] for key in ("name", "version", "description")} == {
        key: pack[key] for key in ("name", "version", "description")
    }
    assert about["requires-python"] == project["project"]["requires-python"]
    assert about["dependencies"] == project["dependency-groups"]["policies"]
