"""An existing program through the whole pipeline, as it is: `make run ARGS="--program FOLDER"`."""

import json
import shutil
from pathlib import Path

import pytest

from components.settings.regions import region_names
from tests.local.run.conftest import Checkout

PROGRAM = Path(__file__).parents[2] / "programs" / "java_monitor"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with the program, beside the checkout."""
    return Path(shutil.copytree(PROGRAM, tmp_path.with_name(f"{tmp_path.name}-program")))


def test_a_program_runs_as_it_is_and_its_report_is_that_of_every_region(
    checkout: Checkout, program: Path
) -> None:
    before = sorted(program.rglob("*"))
    finished = checkout.run("--program", str(program))
    facts = checkout.last_run
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert {(region["status"], region["attempts"]) for region in facts["regions"]} == {("succeeded", 1)}
    assert [region["name"] for region in facts["regions"]] == list(region_names())
    assert facts["reports"] == [f"build/reports/{facts['run_id']}/executive_summary.pdf"]
    report = checkout.path / facts["reports"][0]
    assert report.read_bytes() == b"%PDF-1.4 made now"
    assert 'href="executive_summary.pdf"' in (report.parent / "index.html").read_text(encoding="utf-8")
    assert "All 29 regions were monitored" in facts["notifications"][0]["body"]
    assert sorted(path for path in program.rglob("*") if "__pycache__" not in path.parts) == before
    assert (facts["orphan_tasks"], checkout.processes()) == (0, [])


def test_regions_that_a_program_could_not_do_make_a_partial_failure_that_names_them(
    checkout: Checkout, program: Path
) -> None:
    first, second = region_names()[4], region_names()[20]
    (program / "conduct.json").write_text(
        json.dumps({"fail": [first], "unnamed": [second], "no_report": True})
    )
    finished = checkout.run("--program", str(program))
    facts = checkout.last_run
    assert finished.returncode == 3, finished.stdout + finished.stderr
    assert {region["name"] for region in facts["regions"] if region["status"] == "failed"} == {first, second}
    (mail,) = facts["notifications"]
    assert "2 of 29 regions failed" in mail["subject"]
    assert f"- {first}: 🛰️ Satellite data unavailable for {first}" in mail["body"]
    assert f"- {second}: Failed to analyze Yogyakarta region {second}: quota exceeded" in mail["body"]
    assert facts["reports"] == []
    assert (facts["orphan_tasks"], checkout.processes()) == (0, [])
