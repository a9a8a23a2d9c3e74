"""A program that is started once for each item: its contract, and the effect of a failure."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.container.processes import StartWorker
from tests.container.runs import monitored, planned, settings_of_worker, summarized
from worker.errors import ErrorName, WorkerError
from worker.monitor import monitor
from worker.s3 import Bucket
from worker.workloads.each.settings import Each
from worker.workloads.each.workload import EachWorkload

# Longer than a busy machine takes to start Python.
STALL_SECONDS = 5
ITEMS = ("berlin", "paris", "rome")
CATALOG = {
    "catalog": None,
    "items": json.dumps({"title": "Shops", "regions": [{"name": name} for name in ITEMS]}),
}
PROGRAM = """
import os, signal, sys, time
from pathlib import Path
item, behaviour = sys.argv[1], dict(pair.split("=") for pair in sys.argv[2:]).get(sys.argv[1], "")
assert item == os.environ["ITEM"] and os.environ["GREETING"] == "hello"
print(f"exporting {item}")
if behaviour == "fails":
    print("the database is closed"); sys.exit(3)
if behaviour == "mute":
    sys.exit(4)
if behaviour == "crashes":
    os.kill(os.getpid(), signal.SIGSEGV)
if behaviour == "hangs":
    time.sleep(60)
if behaviour == "dots":
    for _ in range(28):
        print(end=".", flush=True); time.sleep(0.25)
folder = Path(os.environ["OUTPUT_DIR"])
(folder / "pages").mkdir()
(folder / "pages" / "1.txt").write_text("page")
(folder / f"{item}.csv").write_text(os.environ["RUN_ID"])
"""
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def each(tmp_path: Path) -> Callable[..., Each]:
    (tmp_path / "export.py").write_text(PROGRAM, encoding="utf-8")

    def described(**behaviour: str) -> Each:
        told = [f"{name}={what}" for name, what in behaviour.items()]
        return Each(
            program=(sys.executable, "export.py", "{region}", *told),
            directory=str(tmp_path),
            environment={"GREETING": "hello"},
            stall_seconds=STALL_SECONDS,
        )

    return described


@pytest.fixture
def run(
    each: Callable[..., Each], reports: Bucket, cache: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Make one attempt at a run of the items; nothing of it may be left behind."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    def attempt(**behaviour: str) -> dict[str, Any]:
        settings = settings_of_worker(reports, cache, **CATALOG)
        return monitored(EachWorkload(settings, each(**behaviour)), reports, cache, **CATALOG)

    planned(cache, shards=1, names=ITEMS)
    yield attempt
    assert list(scratch.iterdir()) == []


def result(reports: Bucket, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reports.read(f"weekly/2026-W48/{name}.json") or b"null")
    return found


def test_the_files_in_the_output_folder_are_the_item_s_own(run: Run, reports: Bucket) -> None:
    answer = run()
    assert (answer["status"], answer["succeeded"], answer["warnings"]) == ("succeeded", 3, [])
    assert sorted(reports.keys("weekly/2026-W48/rome/")) == [
        "weekly/2026-W48/rome/pages/1.txt",
        "weekly/2026-W48/rome/rome.csv",
    ]
    assert reports.read("weekly/2026-W48/rome/rome.csv") == b"2026-W48"
    assert result(reports, "rome")["report"] == "weekly/2026-W48/rome/pages/1.txt"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("fails", "the database is closed"),
        ("mute", "exporting paris"),
        ("crashes", "The program was ended by SIGSEGV. Its last line: exporting paris"),
        ("hangs", "It wrote nothing for 5 seconds and was stopped. Its last line: exporting paris"),
    ],
)
def test_a_failure_of_the_program_fails_only_its_item(
    run: Run, reports: Bucket, behaviour: str, reason: str
) -> None:
    answer = run(paris=behaviour)
    assert (answer["status"], answer["succeeded"]) == ("partial", 2)
    assert answer["failures"] == [{"region": "paris", "error": reason}]
    assert result(reports, "rome")["report"]


def test_any_byte_is_a_sign_of_life(run: Run) -> None:
    assert run(paris="dots")["status"] == "succeeded"


def test_its_seconds_are_those_that_its_program_took(run: Run, reports: Bucket) -> None:
    run(paris="dots")
    assert result(reports, "paris")["seconds"] >= STALL_SECONDS
    assert result(reports, "rome")["seconds"] > 0


def test_a_second_attempt_does_only_the_unfinished_items(run: Run, reports: Bucket) -> None:
    run(paris="fails")
    before = result(reports, "rome")
    answer = run()
    assert (answer["status"], answer["succeeded"], answer["skipped"]) == ("succeeded", 1, 2)
    assert result(reports, "rome") == before


TELLS = """
import os
own = "DATABASE_URL", "PROGRAM_SECRET_DATABASE_URL", "SHARDS"
for name in (*own, "AWS_REGION", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
    print(name, os.environ.get(name))
raise SystemExit(1 if os.environ["ITEM"] == "paris" else 0)
"""
PASSWORD = "postgres://export:correct-horse-battery@db"


def told(
    tmp_path: Path, reports: Bucket, cache: Bucket, caplog: pytest.LogCaptureFixture, **access: Any
) -> dict[str, str]:
    """Return the variables that a program has, as the log shows them."""
    (tmp_path / "tells.py").write_text(TELLS, encoding="utf-8")
    each = Each(
        program=(sys.executable, "tells.py"),
        directory=str(tmp_path),
        environment={},
        stall_seconds=STALL_SECONDS,
        **access,
    )
    planned(cache, shards=1, names=ITEMS)
    settings = settings_of_worker(reports, cache, **CATALOG)
    with caplog.at_level("INFO"):
        monitored(EachWorkload(settings, each), reports, cache, **CATALOG)
    lines = (record.getMessage().partition(" ") for record in caplog.records)
    return {name: value for name, _, value in lines if name.isupper()}


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables that ECS sets in a task with a secret."""
    monkeypatch.setenv("PROGRAM_SECRET_DATABASE_URL", PASSWORD)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("SHARDS", "1")


@pytest.mark.usefixtures("task")
def test_a_program_without_permissions_gets_no_credentials_and_no_secret(
    tmp_path: Path, reports: Bucket, cache: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    assert set(told(tmp_path, reports, cache, caplog).values()) == {"None"}


@pytest.mark.usefixtures("task")
def test_a_program_gets_its_secrets_and_the_task_s_credentials_and_its_log_shows_no_secret(
    tmp_path: Path, reports: Bucket, cache: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    variables = told(tmp_path, reports, cache, caplog, secrets=("DATABASE_URL",), uses_aws=True)
    assert variables == {
        "DATABASE_URL": "***",
        "PROGRAM_SECRET_DATABASE_URL": "None",
        "AWS_REGION": "eu-central-1",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials",
        "SHARDS": "None",
    }
    assert "correct-horse" not in caplog.text
    assert result(reports, "rome")["status"] == "succeeded"


def test_each_shard_does_its_share(each: Callable[..., Each], reports: Bucket, cache: Bucket) -> None:
    planned(cache, shards=2, names=ITEMS)
    settings = settings_of_worker(reports, cache, **CATALOG)
    answer = monitored(EachWorkload(settings, each()), reports, cache, shard=1, **CATALOG)
    assert answer["succeeded"] == 1
    assert list(reports.keys("weekly/2026-W48/paris/"))
    assert not list(reports.keys("weekly/2026-W48/rome/"))


def test_the_page_of_its_run_has_no_map(run: Run, reports: Bucket, cache: Bucket) -> None:
    run(paris="fails")
    answer = summarized(reports, cache, **CATALOG)
    assert (answer["succeeded"], answer["failed"]) == (2, 1)
    page = (reports.read("weekly/2026-W48/index.html") or b"").decode()
    assert '<p class="kicker">Shops</p>' in page
    assert "2</dd>" in page.partition("of 3 items done")[2]
    assert "the database is closed" in page
    assert '<a href="rome/pages/1.txt">TXT</a>' in page
    assert not [
        word for word in ("<svg", "clearings found", "leared", " ha<") if word in page.partition("<body>")[2]
    ]


def test_the_worker_s_own_variables_are_kept_from_it(
    reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TASK_TOKEN", "ITEMS", "AWS_SECRET_ACCESS_KEY", "S3_REPORTS_BUCKET"):
        monkeypatch.setenv(name, "secret")
    planned(cache, shards=1, names=ITEMS[:1])
    script = (
        'import os; print(" ".join(name for name in os.environ if os.environ[name] == "secret")); exit(1)'
    )
    each = Each(program=(sys.executable, "-c", script), directory=".", environment={}, stall_seconds=5)
    workload = EachWorkload(settings_of_worker(reports, cache, **CATALOG), each)
    answer = monitored(workload, reports, cache, **CATALOG)
    assert answer["failures"][0]["error"] == "The program ended with exit code 1 and wrote nothing."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"directory": "/nowhere"}, "its folder /nowhere is not in the image"),
        ({"program": ("no-such-program",)}, "no-such-program is not in the image"),
        ({"program": ("python3", "nowhere.py")}, "nowhere.py is not in the image"),
    ],
)
def test_a_program_that_is_not_in_the_image_is_refused_before_the_work(
    each: Callable[..., Each], reports: Bucket, cache: Bucket, changes: dict[str, Any], expected: str
) -> None:
    workload = EachWorkload(settings_of_worker(reports, cache, **CATALOG), each().model_copy(update=changes))
    (problem,) = workload.problems()
    assert problem.name is ErrorName.INVALID_INPUT
    assert expected in problem.cause


def test_a_program_that_is_there_has_no_problem(
    each: Callable[..., Each], reports: Bucket, cache: Bucket
) -> None:
    workload = EachWorkload(settings_of_worker(reports, cache, **CATALOG), each())
    assert list(workload.problems()) == []
    assert "export.py {region}" in workload.checked[0]


def test_lack_of_memory_ends_the_attempt_since_another_one_has_more(
    reports: Bucket,
    cache: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planned(cache, shards=1, names=ITEMS)
    monkeypatch.setattr("worker.memory.MemoryWatch.was_short", lambda _: True)
    each_ = Each(
        program=(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"),
        directory=".",
        environment={},
        stall_seconds=5,
    )
    settings = settings_of_worker(reports, cache, **CATALOG)
    with pytest.raises(WorkerError) as caught:
        monitor(
            settings,
            EachWorkload(settings, each_),
            reports=reports,
            cache=cache,
            progress=lambda: None,
            beat=lambda: None,
            log_stream=None,
        )
    assert caught.value.name is ErrorName.OUT_OF_MEMORY


def test_a_worker_validates_and_does_the_items_of_its_environment(
    each: Callable[..., Each], start_worker: StartWorker, reports: Bucket
) -> None:
    variables = {
        "CATALOG": "",
        "ITEMS": CATALOG["items"] or "",
        "WORKLOAD": "each",
        "EACH": each(paris="fails").model_dump_json(by_alias=True),
        "PATH": os.environ["PATH"],
    }
    assert start_worker("validate", **variables).waiting.output["regions"] == 3
    answer = start_worker("monitor", **variables).waiting.output
    assert (answer["succeeded"], answer["failed"]) == (2, 1)
    assert result(reports, "rome")["report"]
