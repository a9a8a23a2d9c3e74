"""The example of an unrelated pipeline: short, passed by the guardrails, and run from end to end."""

import csv
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from pulumi import automation

from bench.checkout import copy
from local.run.package import build_package
from local.toolchain import Toolchain
from local.workspace import NOWHERE, loopback, write_project, write_yaml
from tests.local.run.conftest import Checkout
from tests.stacks import ROOT

EXAMPLE = ROOT / "examples" / "nightly-export"
SHOPS = json.loads((EXAMPLE / "shops.json").read_text(encoding="utf-8"))


def test_it_exports_40_shops_in_under_40_lines() -> None:
    programs = [path.read_text(encoding="utf-8").splitlines() for path in EXAMPLE.glob("*.py")]
    assert len(SHOPS) == 40
    assert sum(map(len, programs)) < 40


def test_the_guardrails_pass_it(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {
        **toolchain.environment(stand_in_provider=True),
        **build_package(),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write_project(tmp_path, EXAMPLE)
    config = yaml.safe_load((EXAMPLE / "Pulumi.live.yaml").read_text(encoding="utf-8"))["config"]
    write_yaml(tmp_path / "Pulumi.live.yaml", {"config": {**loopback(NOWHERE), **config}})
    automation.create_stack("live", work_dir=str(tmp_path))
    command = [str(toolchain.python), "-m", "guardrails", "preview", str(tmp_path), "--stack", "live"]
    done = subprocess.run(
        [*command, "--policy-pack", str(ROOT / "policies"), "--format", "json"],
        cwd=ROOT / "policies",
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def exported(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = Checkout(copy(tmp_path_factory.mktemp("export")), toolchain)
    finished = checkout.run("--project", "examples/nightly-export")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return checkout


def test_a_run_exports_every_shop(exported: Checkout) -> None:
    regions = exported.last_run["regions"]
    assert sorted(region["name"] for region in regions) == sorted(SHOPS)
    assert {region["status"] for region in regions} == {"succeeded"}
    folder = exported.path / "build" / "reports" / exported.last_run["run_id"]
    for shop in SHOPS:
        with (folder / shop / "sales.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header == ["shop", "hour", "cents"]
        assert [row[:2] for row in rows] == [[shop, str(hour)] for hour in range(24)]


def test_its_night_names_the_run_and_its_page_is_about_shops(exported: Checkout) -> None:
    run = exported.last_run["run_id"]
    page = (exported.path / "build" / "reports" / run / "index.html").read_text(encoding="utf-8")
    assert run.startswith("2")
    assert "nightly-export" in page
    assert '<a href="berlin-mitte/sales.csv">CSV</a>' in page
    assert "learing" not in page.partition("<body>")[2]


def test_its_metrics_and_messages_are_its_own(exported: Checkout) -> None:
    metrics = {metric["name"]: metric["value"] for metric in exported.last_run["metrics"]}
    assert metrics["WeeklyMonitoringSuccess"] == 1
    assert exported.last_run["outputs"]["dashboard_name"] == "nightly-export-local"
