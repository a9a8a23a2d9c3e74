"""`ccapi dashboard`: the page of a deployed stack, and its history made again from the summaries."""

import json
from datetime import datetime
from pathlib import Path

from reporter.dashboard.history import parse
from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment
from tests.reporter.dashboard.seeded import seeded_history

SUMMARY = {
    "run_id": "2026-W49",
    "workload": "sample",
    "status": "partial",
    "created": "2026-11-30T06:01:00Z",
    "regions": [
        {"region": "jakarta", "status": "succeeded", "area_ha": 12.5, "seconds": 61.5},
        {"region": "bogor", "status": "failed", "area_ha": 0},
    ],
}


def put(deployment: Deployment, key: str, body: bytes) -> None:
    deployment.client("s3").put_object(Bucket=deployment.stack["s3_reports_bucket"], Key=key, Body=body)


def stored(deployment: Deployment, key: str) -> bytes:
    found = deployment.client("s3").get_object(Bucket=deployment.stack["s3_reports_bucket"], Key=key)
    body: bytes = found["Body"].read()
    return body


def test_the_page_is_written_with_the_history_the_alarms_and_the_next_starts(
    deployment: Deployment, ccapi: Ccapi, tmp_path: Path
) -> None:
    put(deployment, "history.json", seeded_history().encoded())
    file = tmp_path / "page.html"
    ran = ccapi("dashboard", "--output", str(file))
    assert (ran.code, ran.out) == (0, f"Wrote {file}, the page about 20 runs.\n")
    html = file.read_text(encoding="utf-8")
    shown = json.loads(html.split('id="document">', 1)[1].split("</script>", 1)[0])
    assert shown["history"] == seeded_history().document()
    assert len(shown["alarms"]) > 5
    assert len(shown["schedule"]["starts"]) == 4
    printed = ccapi("dashboard", "--output", str(file), "--json").json
    assert printed["history"] == shown["history"]
    assert printed["file"] == str(file)


def test_without_a_run_the_page_is_empty_and_a_damaged_history_is_an_error(
    deployment: Deployment, ccapi: Ccapi, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    ran = ccapi("dashboard", "--output", str(file))
    assert (ran.code, ran.out) == (0, f"Wrote {file}, the page about 0 runs.\n")
    assert "--rebuild" in ran.err
    put(deployment, "history.json", b"damaged")
    ran = ccapi("dashboard", "--output", str(file))
    assert ran.code == 1
    assert "ccapi dashboard --rebuild" in ran.err
    ran = ccapi("dashboard", "--output", str(tmp_path / "missing" / "page.html"), "--rebuild")
    assert (ran.code, "cannot be written" in ran.err) == (2, True)


def test_a_rebuild_takes_the_runs_from_their_summaries_and_keeps_known_costs(
    deployment: Deployment, ccapi: Ccapi, tmp_path: Path
) -> None:
    known = seeded_history()
    (cost,) = [run.cost_usd for run in known.runs if run.run_id == "2026-W49"]
    put(deployment, "weekly/2026-W49/summary.json", json.dumps(SUMMARY).encode())
    put(deployment, "weekly/2026-W20/summary.json", json.dumps({**SUMMARY, "run_id": "2026-W20"}).encode())
    put(deployment, "weekly/2026-W21/summary.json", b"damaged")
    put(deployment, "history.json", known.encoded())
    assert ccapi("dashboard", "--rebuild", "--output", str(tmp_path / "page.html")).code == 0
    history = parse(stored(deployment, "history.json"))
    runs = {run.run_id: run for run in history.runs}
    assert len(runs) == len(known.runs) + 1
    assert (runs["2026-W49"].cost_usd, runs["2026-W49"].regions) == (cost, {"jakarta": "s", "bogor": "f"})
    assert runs["2026-W49"].seconds == runs["2026-W20"].seconds == {"jakarta": 61.5}
    assert (runs["2026-W20"].cost_usd, runs["2026-W20"].outcome) == (None, "partial")
    assert runs["2026-W20"].started_at == datetime.fromisoformat(SUMMARY["created"])  # type: ignore[arg-type]
    assert runs["2026-W20"].more == {"rebuilt": True}
    assert b"2026-W20" in stored(deployment, "dashboard.html")
