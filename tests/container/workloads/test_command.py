"""An existing program, run as it is: what is made of what it leaves behind."""

import json
import logging
import os
import signal
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.container.processes import Fault
from tests.container.programs import NAMES, PRIVATE_KEY, Program, planned
from worker.errors import ErrorName, WorkerError
from worker.s3 import Bucket


def region_result(reports: Bucket, name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(reports.read(f"weekly/2026-W48/{name}.json") or b"null")
    return result


def region_results(reports: Bucket) -> set[str]:
    return {Path(key).stem for key in reports.keys("weekly/2026-W48/") if Path(key).stem in NAMES}


def test_what_a_program_found_in_each_region_is_published(program: Program, reports: Bucket) -> None:
    answer = program.run()
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("succeeded", 29, 0)
    assert region_results(reports) == set(NAMES)
    first = region_result(reports, NAMES[0])
    assert (first["change_count"], first["area_ha"]) == (len(NAMES[0]), 1.23)


def test_the_page_of_its_run_has_the_dates_that_it_tells(program: Program, reports: Bucket) -> None:
    program.run()
    page = (reports.read("weekly/2026-W48/index.html") or b"").decode()
    assert "<h1>2026-11-16 to 2026-11-23</h1>" in page


def test_its_one_report_is_that_of_every_region(program: Program, reports: Bucket) -> None:
    program.run()
    assert reports.read("weekly/2026-W48/executive_summary.pdf") == b"%PDF-1.4 made now"
    links = {region_result(reports, name)["report"] for name in NAMES}
    assert links == {"weekly/2026-W48/executive_summary.pdf"}


def test_what_older_runs_left_in_its_folder_is_not_collected(program: Program, reports: Bucket) -> None:
    stale = {path.name for path in (program.folder / "output").rglob("*") if path.is_file()}
    assert len(stale) == 2
    program.behaves(no_report=True)
    program.run()
    names = {Path(key).name for key in reports.keys("weekly/")}
    assert not stale & names
    assert not [name for name in names if name.endswith(".pdf")]
    assert region_result(reports, NAMES[0])["change_count"] != 999


def test_its_page_and_its_pictures_are_kept_in_folders_like_its_own(
    program: Program, reports: Bucket
) -> None:
    program.run()
    page, picture = sorted(reports.keys("weekly/2026-W48/output/"))
    assert page.startswith("weekly/2026-W48/output/imagery_viewer/imagery_viewer_")
    assert picture == "weekly/2026-W48/output/satellite_images/weekly/all.png"


def test_regions_that_failed_are_told_by_name_with_the_reason(program: Program, reports: Bucket) -> None:
    program.behaves(fail=[NAMES[3]], unnamed=[NAMES[5]])
    answer = program.run()
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("partial", 27, 2)
    assert answer["failures"] == [
        {"region": NAMES[3], "error": f"🛰️ Satellite data unavailable for {NAMES[3]}"},
        {"region": NAMES[5], "error": f"Failed to analyze Yogyakarta region {NAMES[5]}: quota exceeded"},
    ]
    assert region_results(reports) == set(NAMES) - {NAMES[3], NAMES[5]}


def test_a_run_in_which_every_region_fails_has_failed(program: Program) -> None:
    program.behaves(fail=NAMES)
    answer = program.run()
    assert (answer["status"], answer["failed"]) == ("failed", 29)


def test_a_report_that_is_missing_is_a_warning(program: Program, reports: Bucket) -> None:
    program.behaves(no_report=True)
    assert program.run()["status"] == "succeeded"
    shard = json.loads(reports.read("weekly/2026-W48/shards/0.json") or b"")
    assert "made no report (output/reports/executive_summary_*.pdf)" in shard["warnings"][0]
    assert region_result(reports, NAMES[0])["report"] is None


NO_RESULTS = "and left no results (output/monitoring/weekly_monitoring_*.json). Its last lines: "
WITHOUT_RESULTS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "writes none": ({"no_results": True}, {}, f"ended with exit code 0 {NO_RESULTS}"),
    "leaves an old file": ({"old_results": True}, {}, f"ended with exit code 0 {NO_RESULTS}"),
    "dies": ({"exit_code": 1}, {}, f"ended with exit code 1 {NO_RESULTS}"),
    "crashes": ({"signal": int(signal.SIGSEGV)}, {}, f"was ended by SIGSEGV {NO_RESULTS}"),
    "is cancelled": ({}, {"confirmation": "no"}, "❌ Monitoring cancelled by user"),
    "is not answered": ({}, {"confirmation": ""}, "EOFError: EOF when reading a line"),
    "is another one": ({}, {"program": ["python", "nowhere.py"]}, "ended with exit code 2"),
    "is not there": ({}, {"program": ["no-such-program"]}, "The program cannot be started"),
    "calls them otherwise": ({}, {"results": {"regions": "areas"}}, "has no list called areas"),
    "has no folder": ({}, {"directory": "/nowhere/to/be/found"}, "cannot be copied"),
}


@pytest.mark.parametrize("what", WITHOUT_RESULTS)
def test_a_program_without_results_has_failed_whatever_it_exits_with(
    program: Program, reports: Bucket, what: str
) -> None:
    conduct, told, said = WITHOUT_RESULTS[what]
    program.behaves(**conduct)
    with pytest.raises(WorkerError) as caught:
        program.run(told)
    assert caught.value.name == ErrorName.PROGRAM_FAILED
    assert said in caught.value.cause
    assert list(reports.keys("")) == []


def test_results_of_a_program_that_died_afterwards_do_not_count(program: Program, reports: Bucket) -> None:
    program.behaves(exit_code_after_results=1)
    with pytest.raises(WorkerError, match=r"ended with exit code 1\. Its last lines"):
        program.run()
    assert list(reports.keys("")) == []


def test_the_last_lines_are_told_with_a_failure(program: Program) -> None:
    program.behaves(exit_code=1)
    with pytest.raises(WorkerError, match=r"Monitoring failed: the market data could not be read$"):
        program.run()


def test_a_program_that_the_kernel_killed_is_short_of_memory(program: Program) -> None:
    program.behaves(signal=int(signal.SIGKILL))
    with pytest.raises(WorkerError, match="SIGKILL") as caught:
        program.run()
    assert caught.value.name == ErrorName.OUT_OF_MEMORY


def test_a_program_that_the_kernel_killed_behind_a_shell_is_short_of_memory(program: Program) -> None:
    program.behaves(signal=int(signal.SIGKILL))
    with pytest.raises(WorkerError) as caught:
        program.run({"program": ["sh", "-c", "python run_weekly_java_monitor.py; exit $?"]})
    assert caught.value.name == ErrorName.OUT_OF_MEMORY


def test_a_program_that_is_silent_for_too_long_is_stopped(program: Program) -> None:
    program.behaves(silent_at=NAMES[2], silent_seconds=600)
    with pytest.raises(WorkerError) as caught:
        program.run(stall_seconds=1)
    assert caught.value.name == ErrorName.PROGRAM_STALLED
    cause = caught.value.cause
    assert f"has written nothing for 1 seconds at {NAMES[2]} and was stopped" in cause
    assert "raise command.stallSeconds" in cause
    assert cause.endswith(f"Analyzing Yogyakarta region: {NAMES[2]}")


def test_a_program_that_is_silent_for_a_while_is_vouched_for(program: Program) -> None:
    program.behaves(silent_at=NAMES[2], silent_seconds=2)
    beats: list[float] = []
    assert program.run(stall_seconds=3, progress=lambda: beats.append(time.monotonic()))["succeeded"] == 29
    assert max(later - earlier for earlier, later in pairwise(beats)) < 1.5


def test_its_lines_are_logged_with_their_region_and_their_level(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    program.behaves(unnamed=[NAMES[5]])
    with caplog.at_level(logging.INFO, "worker"):
        program.run()
    lines = [
        (record.getMessage(), getattr(record, "region", None), record.levelname) for record in caplog.records
    ]
    started = [region for line, region, _ in lines if "Analyzing Yogyakarta region" in line]
    assert sorted(map(str, started)) == sorted(NAMES)
    failed = [(region, level) for line, region, level in lines if " - Failed to analyze" in line]
    assert failed == [(NAMES[5], "ERROR")]
    assert [region for line, region, _ in lines if "Analyzing region: " in line] == [None]


def test_its_environment_is_its_own(
    program: Program, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_back = {
        "TASK_TOKEN",
        "EXECUTION",
        "RUN_ID",
        "COMMAND",
        "GEE_CREDENTIALS_SECRET",
        "RUN_INPUT",
    }
    kept_back |= {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "ECS_CONTAINER_METADATA_URI_V4"}
    for name in [*kept_back, "GDAL_DATA", "PYTHONPATH"]:
        monkeypatch.setenv(name, "of the image or of the task")
    with caplog.at_level(logging.INFO, "worker"):
        program.run({"environment": {"MODE": "weekly"}})
    variables = set(caplog.text.partition("variables: ")[2].splitlines()[0].split())
    assert {
        "GDAL_DATA",
        "MODE",
        "PATH",
        "PYTHONPATH",
        "EARTHENGINE_PROJECT",
        "CACHE_DIR",
        "OUTPUT_DIR",
    } <= variables
    assert not kept_back & variables
    assert not [name for name in variables if name.startswith("AWS_")]


def test_it_runs_with_the_python_that_its_image_has_first_on_its_path(
    program: Program, base: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{base}:{os.environ['PATH']}")
    with caplog.at_level(logging.INFO, "worker"):
        assert program.run()["succeeded"] == 29
    assert f"python: {base}/python" in caplog.text


def test_credentials_are_a_file_for_it_alone_and_nowhere_else(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "worker"):
        program.run(LOG_LEVEL="DEBUG")
    assert "project java-monitoring, key of mode 600" in caplog.text
    assert "the key itself is -----BEGIN PRIVATE KEY-----" in caplog.text
    assert PRIVATE_KEY.split("\n")[1] not in caplog.text


def test_without_credentials_the_program_is_not_started(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "worker"), pytest.raises(WorkerError) as caught:
        program.run(GEE_CREDENTIALS_SECRET="nowhere")
    assert caught.value.name == ErrorName.CREDENTIALS_INVALID
    assert caplog.text == ""


def test_its_cache_is_kept_for_the_next_run_and_not_used_by_a_refresh(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    program.behaves(fail=NAMES)
    for refresh, expected in (("false", "cold"), ("false", "warm"), ("true", "cold")):
        caplog.clear()
        with caplog.at_level(logging.INFO, "worker"):
            program.run(FORCE_REFRESH=refresh)
        assert f"cache is {expected}" in caplog.text


@pytest.mark.parametrize("enabled", ["true", "false"])
def test_scraping_is_switched_by_the_variable_that_is_named_for_it(
    program: Program, caplog: pytest.LogCaptureFixture, enabled: str
) -> None:
    program.behaves(fail=NAMES)
    with caplog.at_level(logging.INFO, "worker"):
        program.run({"scrapingVariable": "ENABLE_WEB_SCRAPING"}, ENABLE_SCRAPING=enabled)
    assert f"scraping: {enabled}" in caplog.text


def test_what_is_published_is_not_done_again(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    program.behaves(fail=[NAMES[3]])
    program.run()
    program.behaves()
    answer = program.run(ATTEMPT="1")
    assert (answer["skipped"], answer["succeeded"]) == (28, 1)
    with caplog.at_level(logging.INFO, "worker"):
        assert program.run(ATTEMPT="2")["skipped"] == 29
    assert "Analyzing" not in caplog.text


def test_a_program_that_takes_regions_does_the_share_of_its_worker(program: Program, reports: Bucket) -> None:
    planned(program.cache, shards=3)
    takes_regions = {"program": ["python", "run_weekly_java_monitor.py", "{regions}"]}
    _, workload = program.workload(takes_regions)
    assert workload.can_shard
    answer = program.run(takes_regions, SHARD="1", SHARDS="3")
    assert answer["succeeded"] == len(NAMES[1::3])
    assert region_results(reports) == set(NAMES[1::3])
    report = region_result(reports, NAMES[1])["report"]
    assert report.startswith("weekly/2026-W48/shards/1/executive_summary_")
    assert reports.exists(report)


def test_a_redo_of_some_regions_does_not_take_the_report_of_the_others(
    program: Program, reports: Bucket
) -> None:
    takes_regions = {"program": ["python", "run_weekly_java_monitor.py", "{regions}"]}
    program.behaves(fail=[NAMES[3]])
    program.run(takes_regions)
    program.behaves(stamp="20991231_000000")
    assert program.run(takes_regions)["succeeded"] == 1
    first, second = (region_result(reports, NAMES[number])["report"] for number in (0, 3))
    assert first != second == "weekly/2026-W48/executive_summary_20991231_000000.pdf"
    assert reports.exists(first)


def test_a_program_that_is_told_no_regions_cannot_be_split(program: Program) -> None:
    _, workload = program.workload()
    assert (workload.can_shard, workload.can_resume, workload.can_skip_scraping) == (False, False, False)


def test_a_cache_that_cannot_be_kept_costs_no_region(program: Program, fault: Fault, reports: Bucket) -> None:
    kept = f"/{program.cache.name}/workloads/command/cache/osm/java.json"
    fault(operation="s3:PutObject", error="AccessDenied", status=403, match={"path": kept})
    assert program.run()["succeeded"] == 29
    shard = json.loads(reports.read("weekly/2026-W48/shards/0.json") or b"")
    assert shard["warnings"][0].startswith(
        "The next run begins without some of the program's cache: Could not write"
    )


@pytest.mark.parametrize("keys", [["tiles", "tiles/1.png"], ["tiles/1.png", "tiles"]])
def test_a_cache_that_cannot_be_restored_costs_no_region(
    program: Program, reports: Bucket, keys: list[str]
) -> None:
    for key in keys:
        program.cache.write(f"workloads/command/cache/{key}", b"{}", "application/json")
    assert program.run()["succeeded"] == 29
    shard = json.loads(reports.read("weekly/2026-W48/shards/0.json") or b"")
    assert shard["warnings"][0].startswith("The program began without some of its cache: ")


def test_a_cache_that_may_not_be_read_costs_no_region(
    program: Program, fault: Fault, reports: Bucket
) -> None:
    kept = f"/{program.cache.name}/workloads/command/cache/osm/java.json"
    program.cache.write("workloads/command/cache/osm/java.json", b"{}", "application/json")
    fault(operation="s3:GetObject", error="AccessDenied", status=403, match={"path": kept})
    assert program.run()["succeeded"] == 29
    shard = json.loads(reports.read("weekly/2026-W48/shards/0.json") or b"")
    assert "allow the task's role to read it" in shard["warnings"][0]
