"""An existing program, run unchanged: the results that the worker reads from its files and its exit."""

import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.container.catalogs import NAMES
from tests.container.processes import Fault
from tests.container.programs import PRIVATE_KEY, Program, planned
from tests.container.runs import summarized
from worker import memory
from worker.aws import REFUSAL_PAUSES_SECONDS
from worker.errors import ErrorName, WorkerError
from worker.s3 import Bucket
from worker.workloads.command import process

REFUSED = 1 + len(REFUSAL_PAUSES_SECONDS)


@pytest.fixture(autouse=True)
def tries_again_at_once(no_pauses: None) -> None:
    """Retry refused requests without a pause in every test."""


def region_result(reports: Bucket, name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(reports.read(f"weekly/2026-W48/{name}.json") or b"null")
    return result


def region_results(reports: Bucket) -> set[str]:
    return {Path(key).stem for key in reports.keys("weekly/2026-W48/") if Path(key).stem in NAMES}


def test_the_results_of_a_program_are_published_for_each_region(program: Program, reports: Bucket) -> None:
    answer = program.run()
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("succeeded", len(NAMES), 0)
    assert region_results(reports) == set(NAMES)
    first = region_result(reports, NAMES[0])
    assert (first["change_count"], first["area_ha"]) == (len(NAMES[0]), 1.23)


def test_the_page_of_its_run_has_the_dates_in_its_results(program: Program, reports: Bucket) -> None:
    program.run()
    summarized(reports, program.cache)
    page = (reports.read("weekly/2026-W48/index.html") or b"").decode()
    assert "<h1>2026-11-16 to 2026-11-23</h1>" in page


def test_its_one_report_is_that_of_every_region(program: Program, reports: Bucket) -> None:
    program.run()
    assert reports.read("weekly/2026-W48/executive_summary.pdf") == b"%PDF-1.4 made now"
    links = {region_result(reports, name)["report"] for name in NAMES}
    assert links == {"weekly/2026-W48/executive_summary.pdf"}


def test_files_of_older_runs_are_not_collected(program: Program, reports: Bucket) -> None:
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


def test_failed_regions_are_reported_by_name_with_the_reason(program: Program, reports: Bucket) -> None:
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
    assert (answer["status"], answer["failed"]) == ("failed", len(NAMES))


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
def test_a_program_without_results_has_failed_with_any_exit_code(
    program: Program, reports: Bucket, what: str
) -> None:
    conduct, told, said = WITHOUT_RESULTS[what]
    program.behaves(**conduct)
    with pytest.raises(WorkerError) as caught:
        program.run(told)
    assert caught.value.name == ErrorName.PROGRAM_FAILED
    assert said in caught.value.cause
    assert list(reports.keys("")) == []


def scripted(program: Program, code: str, **told: Any) -> dict[str, Any]:
    """Let the program be this code; return the settings that start it."""
    (program.folder / "other.py").write_text(code)
    return {"program": ["python", "other.py"], **told}


def warnings_of(reports: Bucket) -> list[str]:
    shard = json.loads(reports.read("weekly/2026-W48/shards/0.json") or b"")
    return [str(warning) for warning in shard["warnings"]]


def test_a_program_that_fails_after_its_results_is_evaluated_by_them(
    program: Program, reports: Bucket
) -> None:
    program.behaves(exit_code_after_results=1, fail=[NAMES[3]])
    answer = program.run()
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("partial", len(NAMES) - 1, 1)
    assert "The program ended with exit code 1 but its results count." in warnings_of(reports)


def test_a_region_that_a_badly_ended_program_did_not_write_of_has_failed_for_that(program: Program) -> None:
    program.behaves(exit_code_after_results=1, unwritten=[NAMES[3]])
    answer = program.run()
    assert (answer["succeeded"], answer["failures"]) == (
        len(NAMES) - 1,
        [
            {
                "region": NAMES[3],
                "error": "the program ended with exit code 1 and gave no reason why it has no result",
            }
        ],
    )


WRITES = (
    "import json, os, pathlib; folder = pathlib.Path('output/monitoring');"
    " folder.mkdir(parents=True, exist_ok=True);"
)
RESULTS = json.dumps(
    {"regions_analyzed": [{"region_name": name, "change_count": 1, "total_area_m2": 1e4} for name in NAMES]}
)
HALF = json.dumps({"regions_analyzed": json.loads(RESULTS)["regions_analyzed"][:9]})


def test_a_program_that_is_killed_after_all_its_results_is_evaluated_by_them(
    program: Program, reports: Bucket
) -> None:
    code = f"{WRITES} (folder / 'weekly_monitoring_9.json').write_text({RESULTS!r}); os.kill(os.getpid(), 9)"
    assert program.run(scripted(program, code))["succeeded"] == len(NAMES)
    assert "was killed (SIGKILL), though not for memory" in warnings_of(reports)[0]


@pytest.mark.parametrize("written", [HALF, RESULTS[:500]], ids=["half of the regions", "half of a file"])
def test_a_program_that_is_killed_before_its_results_are_complete_is_tried_again(
    program: Program, reports: Bucket, written: str
) -> None:
    code = f"{WRITES} (folder / 'weekly_monitoring_9.json').write_text({written!r}); os.kill(os.getpid(), 9)"
    with pytest.raises(WorkerError, match=r"was killed \(SIGKILL\)") as caught:
        program.run(scripted(program, code))
    assert caught.value.name == ErrorName.CRASHED
    assert list(reports.keys("")) == []


def test_a_failure_includes_the_last_lines(program: Program) -> None:
    program.behaves(exit_code=1)
    with pytest.raises(WorkerError, match=r"Monitoring failed: the market data could not be read$"):
        program.run()


@pytest.mark.parametrize(
    ("kills", "expected"),
    [
        (1, (ErrorName.OUT_OF_MEMORY, "(SIGKILL), since memory was short: the kernel counts 1 kills")),
        (0, (ErrorName.CRASHED, "(SIGKILL), though not for memory: the kernel counts 0 kills")),
    ],
)
@pytest.mark.parametrize("program_line", ["exec python other.py", "python other.py; exit $?"])
def test_a_kill_is_reported_as_out_of_memory_only_if_the_kernel_counts_it(
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    *,
    program_line: str,
    kills: int,
    expected: tuple[ErrorName, str],
) -> None:
    name, told = expected
    events = program.folder / "memory.events"
    events.write_text("oom 0\noom_kill 3\n")
    monkeypatch.setattr(memory, "_KILLS", (events,))
    written = f"oom 1\noom_kill {3 + kills}\n"
    scripted(
        program,
        f"import os, pathlib; pathlib.Path({str(events)!r}).write_text({written!r}); os.kill(os.getpid(), 9)",
    )
    with pytest.raises(WorkerError) as caught:
        program.run({"program": ["sh", "-c", program_line]})
    assert caught.value.name == name
    assert told in caught.value.cause


def test_a_program_that_is_silent_for_too_long_is_stopped(
    program: Program, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.behaves(silent_at=NAMES[2], silent_seconds=600)
    # No time passes until the program is silent, however slow the machine is.
    monkeypatch.setattr(process, "monotonic", lambda: 1.0 if NAMES[2] in caplog.text else 0.0)
    with caplog.at_level(logging.INFO, "worker"), pytest.raises(WorkerError) as caught:
        program.run(stall_seconds=1)
    assert caught.value.name == ErrorName.PROGRAM_STALLED
    cause = caught.value.cause
    assert f"has written nothing for 1 seconds at {NAMES[2]} and was stopped" in cause
    assert "raise command.stallSeconds" in cause
    assert cause.endswith(f"Analyzing Yogyakarta region: {NAMES[2]}")


def test_the_worker_sends_heartbeats_for_a_silent_program(
    program: Program, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    enough = tmp_path / "enough"
    program.behaves(silent_at=NAMES[2], silent_until=str(enough))
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += NAMES[2] in caplog.text
        if beats == 5:
            enough.touch()

    with caplog.at_level(logging.INFO, "worker"):
        assert program.run(progress=beat)["succeeded"] == len(NAMES)


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


def test_it_runs_with_the_first_python_on_the_path_of_its_image(
    program: Program, base: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{base}:{os.environ['PATH']}")
    with caplog.at_level(logging.INFO, "worker"):
        assert program.run()["succeeded"] == len(NAMES)
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


def test_published_regions_are_skipped_by_the_next_attempt(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    program.behaves(fail=[NAMES[3]])
    program.run()
    program.behaves()
    answer = program.run(ATTEMPT="1")
    assert (answer["skipped"], answer["succeeded"]) == (len(NAMES) - 1, 1)
    with caplog.at_level(logging.INFO, "worker"):
        assert program.run(ATTEMPT="2")["skipped"] == len(NAMES)
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
    assert reports.read(report) is not None


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
    assert reports.read(first) is not None


def test_a_program_without_the_placeholder_cannot_be_sharded(program: Program) -> None:
    _, workload = program.workload()
    assert (workload.can_shard, workload.can_resume, workload.can_skip_scraping) == (False, False, False)


def test_a_cache_that_cannot_be_kept_fails_no_region(program: Program, fault: Fault, reports: Bucket) -> None:
    kept = f"/{program.cache.name}/workloads/command/cache/osm/java.json"
    fault(operation="s3:PutObject", error="AccessDenied", status=403, match={"path": kept}, times=REFUSED)
    assert program.run()["succeeded"] == len(NAMES)
    assert warnings_of(reports)[0].startswith(
        "The next run begins without some of the program's cache: osm/java.json: Could not write"
    )


@pytest.mark.parametrize("keys", [["tiles", "tiles/1.png"], ["tiles/1.png", "tiles"]])
def test_a_cache_that_cannot_be_restored_fails_no_region(
    program: Program, reports: Bucket, keys: list[str]
) -> None:
    for key in keys:
        program.cache.write(f"workloads/command/cache/{key}", b"{}", "application/json")
    assert program.run()["succeeded"] == len(NAMES)
    shard = json.loads(reports.read("weekly/2026-W48/shards/0.json") or b"")
    assert shard["warnings"][0].startswith("The program began without some of its cache: ")


def test_a_cache_that_may_not_be_read_fails_no_region(
    program: Program, fault: Fault, reports: Bucket
) -> None:
    kept = f"/{program.cache.name}/workloads/command/cache/osm/java.json"
    program.cache.write("workloads/command/cache/osm/java.json", b"{}", "application/json")
    fault(operation="s3:GetObject", error="AccessDenied", status=403, match={"path": kept}, times=REFUSED)
    assert program.run()["succeeded"] == len(NAMES)
    assert "allow the task's role s3:GetObject on it" in warnings_of(reports)[0]


def test_only_the_file_that_cannot_be_kept_is_missing_from_the_cache(
    program: Program, reports: Bucket
) -> None:
    code = (
        "import os; c = os.environ['CACHE_DIR'];"
        "[open(os.path.join(c.encode(), n), 'w').write('1') for n in (b'a', b'\\xff', b'z')];"
        f"{WRITES} (folder / 'weekly_monitoring_9.json').write_text({RESULTS!r})"
    )
    assert program.run(scripted(program, code))["succeeded"] == len(NAMES)
    kept = {key.rpartition("/")[2] for key in program.cache.keys("workloads/command/cache/")}
    assert kept == {"a", "z"}
    assert "\\udcff" in warnings_of(reports)[-1]


# Python code that leaves an unusable file for `otherFiles` or the report; only that file is skipped.
UNFIT = {
    "a name that is no UTF-8": ("open(b'output/kept/\\xff.html', 'w').write('x')", "it is no UTF-8"),
    "a pipe": ("import os; os.mkfifo('output/kept/pipe')", "pipe: it is not a regular file"),
    "a link that leads nowhere": ("import os; os.symlink('nowhere', 'output/kept/link')", "leads nowhere"),
    "a link out of the folder": (
        "import os; os.symlink('/etc/hostname', 'output/kept/link')",
        "leads out of the program's folder",
    ),
    "a file that is too large": (
        "f = open('output/kept/large', 'wb'); f.truncate(5 * 1024**3)",
        "the maximum is 500 MiB",
    ),
}


@pytest.mark.parametrize("what", UNFIT)
def test_a_file_that_cannot_be_published_is_skipped_and_fails_no_region(
    program: Program, reports: Bucket, what: str
) -> None:
    made, told = UNFIT[what]
    code = (
        f"{WRITES} (folder / 'weekly_monitoring_9.json').write_text({RESULTS!r});"
        "os.makedirs('output/kept'); open('output/kept/good.html', 'w').write('x');"
        f"exec({made!r}); open(os.environ['CACHE_DIR'] + '/kept', 'w').write('x')"
    )
    answer = program.run(scripted(program, code, otherFiles=["output/kept/**/*"]))
    assert (answer["status"], answer["succeeded"]) == ("succeeded", len(NAMES))
    assert [warning for warning in answer["warnings"] if told in warning]
    assert reports.read("weekly/2026-W48/output/kept/good.html") is not None
    assert reports.read("weekly/2026-W48/shards/0.json") is not None
    assert list(program.cache.keys("workloads/command/cache/")) == ["workloads/command/cache/kept"]


@pytest.mark.parametrize("error", [("EntityTooLarge", 413, 1), ("AccessDenied", 403, REFUSED)])
def test_a_report_that_s3_refuses_fails_no_region(
    program: Program, reports: Bucket, fault: Fault, error: tuple[str, int, int]
) -> None:
    code, status, times = error
    report = f"/{reports.name}/weekly/2026-W48/executive_summary.pdf"
    fault(operation="s3:PutObject", error=code, status=status, match={"path": report}, times=times)
    answer = program.run()
    assert (answer["status"], answer["succeeded"]) == ("succeeded", len(NAMES))
    assert answer["warnings"][0].startswith(
        f"Not published: executive_summary.pdf: Could not write s3:/{report} ({code})"
    )
    assert region_result(reports, NAMES[0])["report"] is None
    assert len(list(reports.keys("weekly/2026-W48/output/"))) == 2


def test_remaining_files_are_not_uploaded_after_repeated_s3_errors(
    program: Program, reports: Bucket, fault: Fault
) -> None:
    code = (
        f"{WRITES} (folder / 'weekly_monitoring_9.json').write_text({RESULTS!r});"
        "os.makedirs('output/kept'); [open(f'output/kept/{n}', 'w').write('x') for n in range(9)]"
    )
    for name in range(9):
        path = f"/{reports.name}/weekly/2026-W48/output/kept/{name}"
        if name < 3:
            fault(
                operation="s3:PutObject",
                error="AccessDenied",
                status=403,
                match={"path": path},
                times=REFUSED,
            )
    answer = program.run(scripted(program, code, otherFiles=["output/kept/*"]))
    assert answer["status"] == "succeeded"
    assert "Not published: the files after these were not tried, see the log" in answer["warnings"]
    assert list(reports.keys("weekly/2026-W48/output/")) == []


def test_an_empty_report_and_a_pipe_are_warnings_and_the_report_before_them_counts(
    program: Program, reports: Bucket
) -> None:
    code = (
        "import json, os, pathlib, sys;"
        "made = pathlib.Path('made'); made.mkdir();"
        "entries = [{'region_name': r, 'change_count': 1, 'total_area_m2': 1} for r in sys.argv[1].split(',')];"
        "(made / 'results.json').write_text(json.dumps({'regions_analyzed': entries}));"
        "(made / 'a.pdf').write_bytes(b'%PDF'); (made / 'b.pdf').touch(); os.mkfifo(made / 'c.pdf')"
    )
    answer = program.run(
        {
            "program": [sys.executable, "-c", code, "{regions}"],
            "reportFiles": "made/*.pdf",
            "results": {"files": "made/results.json"},
        }
    )
    assert answer["status"] == "succeeded"
    assert reports.read("weekly/2026-W48/a.pdf") == b"%PDF"
    assert set(answer["warnings"]) >= {
        "Not published: b.pdf: it is empty",
        "Not published: made/c.pdf: it is not a regular file",
    }
