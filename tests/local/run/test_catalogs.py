"""A stack that monitors another country than the checkout's, from the settings to the reports."""

import io
import json
import subprocess

import pytest
import yaml
from pypdf import PdfReader

from bench.checkout import copy
from components.settings.regions import region_names
from local.toolchain import Toolchain
from tests.local.run.conftest import INHERITED, Checkout
from tests.stacks import ROOT, stack_file

ISLAND = "example"
TITLE = json.loads((ROOT / "regions" / f"{ISLAND}.json").read_bytes())["title"]


@pytest.fixture(scope="module")
def island(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = Checkout(copy(tmp_path_factory.mktemp("island")), toolchain)
    finished = checkout.run("--catalog", ISLAND)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return checkout


def test_the_regions_of_the_catalog_are_monitored(island: Checkout) -> None:
    assert [region["name"] for region in island.last_run["regions"]] == list(region_names(ISLAND))
    (mail,) = island.messages("email")
    assert f"all {len(region_names(ISLAND))} regions were monitored" in mail["body"]


def test_its_reports_are_about_the_country_and_no_other(island: Checkout) -> None:
    folder = island.path / "build" / "reports" / island.last_run["run_id"]
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert f"Land clearing in {TITLE}" in page
    assert "Java" not in page
    for name in region_names(ISLAND):
        text = PdfReader(io.BytesIO((folder / f"{name}.pdf").read_bytes())).pages[0].extract_text()
        assert TITLE in text
        assert "IDR" not in text


def test_its_stack_passes_the_guardrails(island: Checkout) -> None:
    config = {**stack_file("local"), "ccapi:monitoring": {"catalog": ISLAND}}
    (island.path / "Pulumi.local.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    finished = subprocess.run(
        island.command("policy", "--stack", "local"),
        cwd=island.path,
        env={**INHERITED, "COLUMNS": "160", **island.mark},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
