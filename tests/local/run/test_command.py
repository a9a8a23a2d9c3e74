"""An existing, unchanged program through the whole pipeline: `make run ARGS="--program FOLDER"`."""

import json
import shutil
from pathlib import Path

import pytest

from tests.local.run.conftest import Checkout
from tests.stacks import REGION_NAMES

PROGRAM = Path(__file__).parents[2] / "programs" / "java_monitor"


def test_regions_that_a_program_could_not_process_make_a_partial_failure_that_names_them(
    checkout: Checkout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = Path(shutil.copytree(PROGRAM, tmp_path_factory.mktemp("program") / "monitor"))
    first, second = REGION_NAMES[4], REGION_NAMES[20]
    (program / "conduct.json").write_text(
        json.dumps({"fail": [first], "unnamed": [second], "no_report": True})
    )
    finished = checkout.run("--program", str(program))
    facts = checkout.last_run
    assert finished.returncode == 3, finished.stdout + finished.stderr
    assert {region["name"] for region in facts["regions"] if region["status"] == "failed"} == {first, second}
    (mail,) = checkout.messages("email")
    assert f"2 of {len(REGION_NAMES)} regions failed" in mail["subject"]
    assert f"- 🛰️ Satellite data unavailable for {first}\n  {first}\n" in mail["body"]
    assert f"- Failed to analyze Yogyakarta region {second}: quota exceeded\n  {second}\n" in mail["body"]
    assert facts["reports"] == []
    assert (facts["orphan_tasks"], checkout.processes()) == (0, [])
