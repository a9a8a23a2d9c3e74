"""The whole pipeline, through the real engine, as `make run` runs it."""

import json
import re
from pathlib import Path

import pytest

from tests.local.run.conftest import Checkout
from tests.stacks import REGION_NAMES


@pytest.fixture(scope="module")
def whole(shared_checkout: Checkout) -> Checkout:
    finished = shared_checkout.run()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return shared_checkout


def test_every_region_succeeds_at_the_first_attempt(whole: Checkout) -> None:
    regions = whole.last_run["regions"]
    assert [region["name"] for region in regions] == list(REGION_NAMES)
    assert {(region["status"], region["attempts"], region["error"]) for region in regions} == {
        ("succeeded", 1, None)
    }


def test_every_region_has_a_report_that_is_a_pdf(whole: Checkout) -> None:
    reports = [whole.path / report for report in whole.last_run["reports"]]
    assert {report.stem for report in reports} == set(REGION_NAMES)
    assert {report.read_bytes()[:5] for report in reports} == {b"%PDF-"}


def test_the_run_has_one_summary_and_one_page(whole: Checkout) -> None:
    folder = whole.path / "build" / "reports" / whole.last_run["run_id"]
    assert {"summary.json", "index.html"} <= {path.name for path in folder.iterdir()}
    assert len(list(folder.glob("*.json"))) == len(REGION_NAMES) + 1


def test_the_page_about_all_runs_shows_the_run_the_alarms_and_the_schedule(whole: Checkout) -> None:
    run = whole.last_run
    html = (whole.path / "build" / "reports" / "dashboard.html").read_text(encoding="utf-8")
    shown = json.loads(html.split('id="document">', 1)[1].split("</script>", 1)[0])
    (entry,) = shown["history"]["runs"]
    assert sorted(shown["history"]["regions"]) == sorted(REGION_NAMES)
    assert (entry["run_id"], entry["outcome"]) == (run["run_id"], "succeeded")
    assert entry["regions"] == "s" * len(REGION_NAMES)
    assert entry["index_key"] == f"weekly/{run['run_id']}/index.html"
    assert len([area for area in entry["hectares"] if area is not None]) == len(REGION_NAMES)
    metrics = {metric["name"]: metric["value"] for metric in run["metrics"]}
    assert float(entry["cost_usd"]) == pytest.approx(metrics["EstimatedRunCostUsd"], rel=0.01)
    assert shown["alarms"]
    assert len(shown["schedule"]["starts"]) == 4
    assert shown["timeout_seconds"] == 10800


def test_success_is_reported_to_the_subscriber(whole: Checkout) -> None:
    run_id = whole.last_run["run_id"]
    (mail,) = whole.messages("email")
    assert (mail["channel"], mail["subject"]) == (
        "email:reports@example.com",
        f"ccapi local: {run_id} complete",
    )
    assert f"Run {run_id} is complete: all {len(REGION_NAMES)} regions were monitored" in mail["body"]
    (posted,) = whole.messages("slack")
    assert posted["subject"].startswith(f"ccapi local: Run {run_id} is complete")
    # No incident was open, and each condition that a success ends is resolved.
    resolved = {event["subject"].partition(":")[0] for event in whole.messages("pagerduty")}
    assert resolved == {f"resolve ccapi/local/run/{run_id}", "resolve ccapi/local/missed"}


def test_the_metrics_of_a_success_are_published(whole: Checkout) -> None:
    values = {metric["name"]: metric["value"] for metric in whole.last_run["metrics"]}
    duration = values.pop("ExecutionDuration")
    hours = values.pop("HoursSinceLastSuccess")
    usd = values.pop("EstimatedRunCostUsd")
    assert values == {
        "RegionsFailed": 0,
        "RegionsSucceeded": len(REGION_NAMES),
        "WeeklyMonitoringPartial": 0,
        "WeeklyMonitoringSuccess": 1,
    }
    assert 0 < duration <= whole.last_run["duration_seconds"] + 1
    # Looked at when the stack was deployed.
    assert hours < 1
    # Three workers for a minute each, at 0.10374 dollars an hour with their addresses, and all else of a good run.
    assert 3 * 0.10374 / 60 < usd < 0.01


def test_the_billable_usage_of_the_run_is_recorded(whole: Checkout) -> None:
    metered = whole.last_run["metered"]
    assert metered["execution"] == whole.last_run["execution_arn"]
    assert metered["usage"]["state_transitions"] == 21
    assert metered["usage"]["sns_email_deliveries"] == 1
    states = [task["state"] for task in metered["tasks"]]
    assert states == ["ValidateInputs", "RunShard", "RunShard", "SummarizeRun"]
    assert all(task["stopped"] and task["seconds"] > 0 for task in metered["tasks"])


def test_nothing_is_left_running(whole: Checkout) -> None:
    assert whole.last_run["orphan_tasks"] == 0
    assert whole.processes() == []


def test_the_run_is_named_after_its_week(whole: Checkout) -> None:
    year, _, week = whole.last_run["run_id"].partition("-W")
    assert (len(year), len(week)) == (4, 2)
    assert whole.last_run["status"] == "succeeded"


def test_a_run_without_any_result_fails_and_says_why(checkout: Checkout) -> None:
    only = REGION_NAMES[0]
    finished = checkout.run("--regions", "1", "--fail-region", only)
    facts = checkout.last_run
    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert facts["status"] == "failed"
    (mail,) = checkout.messages("email")
    assert mail["subject"].endswith("FAILED")
    assert re.search(rf"- Satellite data unavailable.*\n  {only}\n", mail["body"])
    assert {metric["name"]: metric["value"] for metric in facts["metrics"]}["WeeklyMonitoringSuccess"] == 0


def test_a_run_leaves_nothing_that_git_would_see(whole: Checkout) -> None:
    made = {path.name for path in whole.path.iterdir()}
    ignored = {name.rstrip("/") for name in (whole.path / ".gitignore").read_text("utf-8").splitlines()}
    tracked = {path.name for path in Path(__file__).parents[3].iterdir()}
    assert made <= tracked | ignored
