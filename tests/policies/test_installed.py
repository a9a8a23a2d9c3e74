import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from guardrails.preview.preview_result import NO_LANGUAGE_HOST
from local.toolchain import Toolchain
from tests.policies.external_programs import PROGRAMS, provider
from tests.policies.installed import install_guardrails
from tests.stacks import ROOT

PACK = ROOT / "policies"
PROJECT = tomllib.loads((PACK / "pyproject.toml").read_text(encoding="utf-8"))
MACHINE = ROOT / "tests/policies/time/by_hand.asl.json"
TABLE = {"urn": "urn:pulumi:dev::p::aws:sqs/queue:Queue::queue", "type": "aws:sqs/queue:Queue"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the installed command `guardrails`; the checkout stays as it is."""
    return install_guardrails(tmp_path_factory.mktemp("installed"))


def run(
    installed: Path, folder: Path, *arguments: str | Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [installed / "guardrails", *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_guardrails_show_the_time_from_any_folder(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "time", MACHINE, "--items", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "at most 5,778 s" in done.stdout


def test_the_guardrails_show_the_cost_from_any_folder(installed: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"steps": [{"newState": TABLE}]}), encoding="utf-8")
    done = run(installed, tmp_path, "cost", plan, "--region", "us-west-2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a month" in done.stdout


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program of other people in a folder of its own, with a stack and without a checkout around it."""
    folder = shutil.copytree(PROGRAMS / "orders", tmp_path / "orders")
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    project["runtime"] = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n", encoding="utf-8")
    return folder


def test_the_guardrails_preview_a_program_of_any_folder_offline(
    installed: Path, program: Path, toolchain: Toolchain
) -> None:
    variables = toolchain.environment(stand_in_provider=True)
    path = os.pathsep.join([str(provider(program.parent)), variables["PATH"]])
    done = run(installed, program, "preview", "--offline", "--format", "json", **{**variables, "PATH": path})
    assert (done.returncode, done.stderr) == (1, "")
    (stack,) = json.loads(done.stdout)["stacks"]
    assert (stack["stack"], stack["limits"], stack["errors"]) == ("dev", "defaults", [])
    expected = tomllib.loads((program / "expected.toml").read_text(encoding="utf-8"))
    # With the prices of today, which may be old.
    found = {(each["rule"], each["urn"].rpartition("::")[2]) for each in stack["violations"]}
    assert {each for each in found if each[0] != "prices-fresh"} == {
        (rule, name) for name, rules in expected.items() if name != "deferred" for rule in rules
    }


def test_pulumi_without_its_language_host_is_reported_with_the_remedy(
    installed: Path, program: Path, toolchain: Toolchain
) -> None:
    variables = toolchain.environment(stand_in_provider=True)
    pulumi = shutil.which("pulumi", path=variables["PATH"])
    assert pulumi
    alone = program.parent / "bin"
    alone.mkdir()
    (alone / "pulumi").symlink_to(pulumi)
    done = run(installed, program, "preview", "--offline", **{**variables, "PATH": f"{alone}:/usr/bin:/bin"})
    assert done.returncode == 3
    assert NO_LANGUAGE_HOST in " ".join(done.stdout.split())


def test_all_files_of_the_package_are_installed(installed: Path) -> None:
    def files(package: Path) -> set[str]:
        found = (path.relative_to(package) for path in package.rglob("*") if path.is_file())
        return {str(path) for path in found if "__pycache__" not in path.parts}

    (site,) = installed.parent.glob("lib/python*/site-packages")
    # The wheel also holds the pack itself, which Pulumi starts.
    packed = {name for name in files(site / "guardrails") if not name.startswith("_pack/")}
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
