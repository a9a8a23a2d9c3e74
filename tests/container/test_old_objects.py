"""Tests that today's worker reads what a run of an older commit left in the cache bucket."""

import json
from pathlib import Path

import pytest

from worker.plan import Plan

FOLDER = Path(__file__).parents[1] / "previews" / "states" / "bb522fa"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("runs/*/plan.json")), ids=lambda path: path.parent.name)
def test_a_plan_is_read(path: Path) -> None:
    plan = Plan.model_validate_json(path.read_bytes())
    assert (plan.run_id, len(plan.shards)) == (path.parent.name, 2)
    assert plan.regions == ("jakarta_north_sprawl", "jakarta_south_suburbs")


def test_claims_and_the_last_success_have_the_fields_that_the_machines_read() -> None:
    for path in (FOLDER / "claims" / "active", FOLDER / "claims" / "runs" / "2026-W49"):
        assert set(json.loads(path.read_bytes())) >= {"execution", "run"}
    assert set(json.loads((FOLDER / "state" / "last-success.json").read_bytes())) >= {"run", "at", "seconds"}
