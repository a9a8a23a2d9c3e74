"""The reduce step of a run, by what its shards have left."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.container.catalogs import NAMES
from tests.container.processes import StartWorker
from tests.container.runs import monitored, planned, settings_of_worker, summarized
from tests.container.test_isolation import BUSY, Conduct, fails
from worker import s3
from worker.answers import reported_by_reason
from worker.errors import ErrorName, TokenDead, WorkerError
from worker.history import HISTORY_KEY
from worker.journal import journal_key
from worker.results import Summary, region_key, shard_key
from worker.s3 import JSON, Bucket
from worker.summarize import summarize
from worker.workloads.sample import SampleWorkload

RUN_ID = "2026-W48"
FIRST, SECOND = NAMES[::2], NAMES[1::2]


@pytest.fixture(autouse=True)
def plan(cache: Bucket) -> None:
    planned(cache, shards=2)


def summary(reports: Bucket) -> Summary:
    return Summary.model_validate_json(reports.read(f"weekly/{RUN_ID}/summary.json") or b"")


def failures(reports: Bucket) -> dict[str, str | None]:
    return {region.region: region.error for region in summary(reports).regions if region.status == "failed"}


def lost(shard: int = 0, error: str = "States.HeartbeatTimeout: ") -> dict[str, str]:
    return {"lost_shards": json.dumps([{"shard": shard, "error": error}])}


def test_a_whole_run_is_summed_up_and_answered_in_a_few_words(reports: Bucket, cache: Bucket) -> None:
    for shard in range(2):
        monitored(Conduct(), reports, cache, shard=shard)
        assert reports.read(f"weekly/{RUN_ID}/summary.json") is None
    assert summarized(reports, cache) == {
        "run_id": RUN_ID,
        "status": "succeeded",
        "period": "",
        "regions": len(NAMES),
        "succeeded": len(NAMES),
        "failed": 0,
        "failures": [],
        "warnings": [],
        "log_stream": "",
    }
    made = summary(reports)
    assert (made.status, made.succeeded, made.area_ha, made.change_count) == ("succeeded", *[len(NAMES)] * 3)
    page = (reports.read(f"weekly/{RUN_ID}/index.html") or b"").decode()
    assert f'href="{NAMES[0]}.pdf"' in page
    assert f'src="{NAMES[0]}.after.webp"' in page
    pictures = [reports.read(f"weekly/{RUN_ID}/{NAMES[0]}.{when}.webp") for when in ("before", "after")]
    assert pictures == [b"before", b"after"]


def test_a_failed_region_is_named_with_its_reason_and_a_redo_completes_it(
    reports: Bucket, cache: Bucket
) -> None:
    monitored(Conduct(**{FIRST[2]: fails(ValueError("no image"))}), reports, cache)
    monitored(Conduct(), reports, cache, shard=1)
    answer = summarized(reports, cache)
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("partial", len(NAMES) - 1, 1)
    assert answer["failures"] == [{"region": FIRST[2], "error": "ValueError: no image"}]
    assert answer["log_stream"] == "worker/monitor/0"
    monitored(Conduct(), reports, cache)
    assert summarized(reports, cache)["status"] == "succeeded"
    assert failures(reports) == {}


def test_finished_regions_of_a_lost_shard_count_and_only_the_failing_one_is_blamed(
    reports: Bucket, cache: Bucket
) -> None:
    with pytest.raises(WorkerError):
        monitored(
            Conduct(**{FIRST[1]: fails(ValueError("no image")), FIRST[3]: fails(BUSY)}),
            reports,
            cache,
        )
    monitored(Conduct(), reports, cache, shard=1)
    answer = summarized(reports, cache, **lost(error="Worker.OutOfMemory: killed"))
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("partial", 16, 13)
    found = failures(reports)
    assert found[FIRST[1]] == "ValueError: no image"
    assert found[FIRST[3]] == "Its worker was lost while it worked on this region: Worker.OutOfMemory: killed"
    assert {found[name] for name in FIRST[4:]} == {f"Not done, since its worker was lost at {FIRST[3]}."}
    assert [len(failure["region"].split(", ")) for failure in answer["failures"]] == [1, 1, 11]


def test_a_shard_that_was_never_started_is_reported_with_its_own_error(
    reports: Bucket, cache: Bucket
) -> None:
    monitored(Conduct(), reports, cache, shard=1)
    answer = summarized(reports, cache, **lost(error="Worker.StartFailed: no image"))
    assert answer["failures"] == [{"region": ", ".join(FIRST), "error": "Worker.StartFailed: no image"}]


def test_a_run_that_was_stopped_has_a_page_and_says_why_it_is_not_whole(
    reports: Bucket, cache: Bucket
) -> None:
    with pytest.raises(TokenDead):
        monitored(Conduct(**{FIRST[5]: fails(TokenDead())}), reports, cache)
    answer = summarized(reports, cache, run_status="aborted")
    assert (answer["status"], answer["succeeded"]) == ("partial", 5)
    reason = "The run was stopped by an operator before this region was done."
    assert set(failures(reports).values()) == {reason}
    assert reason in (reports.read(f"weekly/{RUN_ID}/index.html") or b"").decode()


def test_a_run_of_which_nothing_is_left_has_failed(reports: Bucket, cache: Bucket) -> None:
    assert summarized(reports, cache)["status"] == "failed"
    assert set(failures(reports).values()) == {"Its worker left no result."}


def test_a_redo_whose_shard_is_lost_ignores_the_report_of_an_older_attempt(
    reports: Bucket, cache: Bucket
) -> None:
    monitored(Conduct(**{FIRST[0]: fails(ValueError("no image"))}), reports, cache)
    monitored(Conduct(), reports, cache, shard=1)
    with pytest.raises(WorkerError):
        monitored(Conduct(**{FIRST[0]: fails(BUSY)}), reports, cache, execution="redo")
    summarized(reports, cache, **lost(error="Worker.OutOfMemory: killed"))
    assert failures(reports) == {
        FIRST[0]: "Its worker was lost while it worked on this region: Worker.OutOfMemory: killed"
    }


@pytest.mark.parametrize("written", [b"", b"{", b'{"shard": 0}'])
def test_an_unreadable_result_of_a_shard_fails_no_region(
    reports: Bucket, cache: Bucket, written: bytes
) -> None:
    for shard in range(2):
        monitored(Conduct(), reports, cache, shard=shard)
    reports.write(shard_key(RUN_ID, 0), written, JSON)
    assert summarized(reports, cache)["status"] == "succeeded"


@pytest.mark.parametrize("shard_is_lost", [True, False])
@pytest.mark.parametrize("written", [b"", b"{", b'{"name": "brebes"}', b"[]"])
def test_an_unreadable_result_of_a_region_is_that_region_to_redo_and_counts_as_nothing(
    reports: Bucket, cache: Bucket, written: bytes, shard_is_lost: bool
) -> None:
    for shard in range(2):
        monitored(Conduct(), reports, cache, shard=shard)
    if shard_is_lost:
        reports.delete(shard_key(RUN_ID, 0))
    reports.write(region_key(RUN_ID, FIRST[1]), written, JSON)
    answer = summarized(reports, cache)
    assert (answer["succeeded"], answer["failed"]) == (len(NAMES) - 1, 1)
    assert answer["failures"][0]["region"] == FIRST[1]
    assert answer["failures"][0]["error"].startswith("Its result is unreadable (")


@pytest.mark.parametrize("key", [shard_key(RUN_ID, 0), region_key(RUN_ID, FIRST[1]), journal_key(RUN_ID, 0)])
def test_an_object_that_is_too_large_to_read_fails_at_most_its_region(
    reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    for shard in range(2):
        monitored(Conduct(), reports, cache, shard=shard)
    reports.delete(shard_key(RUN_ID, 0))
    monkeypatch.setattr(s3, "MOST_BYTES_READ", 50_000)
    if is_journal := key == journal_key(RUN_ID, 0):
        reports.delete(region_key(RUN_ID, FIRST[1]))
    (cache if is_journal else reports).write(key, b" " * 50_001, JSON)
    answer = summarized(reports, cache)
    lost_regions = [] if key == shard_key(RUN_ID, 0) else [FIRST[1]]
    assert [failure["region"] for failure in answer["failures"]] == lost_regions
    assert answer["succeeded"] == len(NAMES) - len(lost_regions)


def test_a_result_that_is_gone_counts_as_nothing(reports: Bucket, cache: Bucket) -> None:
    for shard in range(2):
        monitored(Conduct(), reports, cache, shard=shard)
    reports.delete(region_key(RUN_ID, FIRST[1]))
    assert list(summarized(reports, cache)["failures"][0]["region"].split(", ")) == [FIRST[1]]


def test_shards_of_another_dealing_do_not_disturb_it(reports: Bucket, cache: Bucket) -> None:
    for shard in range(2):
        monitored(Conduct(**{FIRST[1]: fails(ValueError("no image"))}), reports, cache, shard=shard)
    planned(cache, shards=1)
    monitored(Conduct(), reports, cache)
    assert summarized(reports, cache)["status"] == "succeeded"


def test_it_is_idempotent(reports: Bucket, cache: Bucket) -> None:
    monitored(Conduct(**{FIRST[2]: fails(ValueError("no image"))}), reports, cache)
    first = summarized(reports, cache), summary(reports)
    assert (summarized(reports, cache), summary(reports)) == first


def test_a_step_whose_token_died_writes_nothing(reports: Bucket, cache: Bucket) -> None:
    def dead() -> None:
        raise TokenDead

    settings = settings_of_worker(reports, cache)
    with pytest.raises(TokenDead):
        summarize(settings, reports=reports, cache=cache, progress=lambda: None, beat=dead)
    assert list(reports.keys("")) == []


@pytest.mark.parametrize("name", ["index.html", "clearings.csv", "summary.json"])
def test_an_object_that_another_step_wrote_meanwhile_is_written_of_the_results_of_now(
    reports: Bucket, cache: Bucket, name: str
) -> None:
    monitored(Conduct(), reports, cache)
    beats: list[str] = []

    def beat() -> None:
        if not beats:
            monitored(Conduct(), reports, cache, shard=1)
            reports.write(f"weekly/{RUN_ID}/{name}", b"of the other step", JSON)
        beats.append(name)

    settings = settings_of_worker(reports, cache)
    answer = summarize(settings, reports=reports, cache=cache, progress=lambda: None, beat=beat)
    assert (answer["status"], len(beats)) == ("succeeded", 2)
    assert summary(reports).succeeded == len(NAMES)
    assert reports.read(f"weekly/{RUN_ID}/{name}") != b"of the other step"


def test_a_run_without_a_plan_is_refused(reports: Bucket, cache: Bucket) -> None:
    with pytest.raises(WorkerError, match="does not exist") as caught:
        summarized(reports, cache, run_id="never-planned")
    assert caught.value.name == ErrorName.INVALID_INPUT


def test_it_reads_an_object_a_shard_and_beats_with_each(
    reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(cache, shards=len(NAMES))
    for shard in range(len(NAMES)):
        monitored(Conduct(), reports, cache, shard=shard)
    asked: Counter[str] = Counter()

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(bucket: Bucket, *given: Any, **named: Any) -> Any:
            asked[method.__name__] += 1
            return method(bucket, *given, **named)

        return call

    for method in (Bucket.read, Bucket.write, Bucket.write_if, Bucket.entries):
        monkeypatch.setattr(Bucket, method.__name__, counted(method))
    beats = 0

    def progress() -> None:
        nonlocal beats
        beats += 1

    settings = settings_of_worker(reports, cache)
    answer = summarize(settings, reports=reports, cache=cache, progress=progress, beat=lambda: None)
    assert answer["succeeded"] == len(NAMES)
    # The plan, each shard's result and the history; both files of clearings, the page and the summary.
    assert asked == {"read": 1 + len(NAMES) + 1, "write_if": 4, "entries": 1}
    assert beats >= len(NAMES)


def test_the_clearings_of_the_shards_are_files_with_their_media_types(reports: Bucket, cache: Bucket) -> None:
    planned(cache, shards=2, names=NAMES[:4])
    for shard in range(2):
        monitored(SampleWorkload(), reports, cache, shard=shard)
    summarized(reports, cache)
    client = boto3.client("s3")
    types = {
        name: client.head_object(Bucket=reports.name, Key=f"weekly/{RUN_ID}/{name}")["ContentType"]
        for name in ("clearings.geojson", "clearings.csv", f"{NAMES[0]}.before.webp")
    }
    assert list(types.values()) == [
        "application/geo+json",
        "text/csv; charset=utf-8; header=present",
        "image/webp",
    ]
    collection = json.loads(reports.read(f"weekly/{RUN_ID}/clearings.geojson") or b"")
    assert len(collection["features"]) == summary(reports).change_count > 0


def test_a_shard_result_of_an_earlier_version_loses_no_clearing(reports: Bucket, cache: Bucket) -> None:
    planned(cache, shards=1, names=NAMES[:4])
    monitored(SampleWorkload(), reports, cache)
    old = json.loads(reports.read(shard_key(RUN_ID, 0)) or b"")
    for region in old["regions"]:
        del region["changes"], region["etag"]
    reports.write(shard_key(RUN_ID, 0), json.dumps(old).encode(), JSON)
    summarized(reports, cache)
    lines = (reports.read(f"weekly/{RUN_ID}/clearings.csv") or b"").splitlines()
    assert len(lines) - 1 == summary(reports).change_count > 0


def test_the_page_has_the_lines_of_earlier_runs(reports: Bucket, cache: Bucket) -> None:
    monitored(Conduct(), reports, cache)
    past = {"run_id": "2026-W47", "started_at": "2026-11-16T06:00:01Z", "hectares": [7, 8]}
    history = {"version": 1, "regions": NAMES[:2], "runs": [past]}
    reports.write(HISTORY_KEY, json.dumps(history).encode(), JSON)
    summarized(reports, cache)
    page = (reports.read(f"weekly/{RUN_ID}/index.html") or b"").decode()
    assert "<desc>7, 1</desc>" in page
    assert "<desc>8, no result</desc>" in page


def test_failures_are_reported_by_their_reasons_as_many_as_fit() -> None:
    many = [(f"region_number_{number}", "x" * 1_000) for number in range(2_900)]
    told = reported_by_reason([("brebes", "no image"), *many])
    assert told[0] == {"region": "brebes", "error": "no image"}
    assert len(json.dumps(told)) < 16 * 1024
    named = told[1]["region"].split(", ")
    assert told[-1] == {"region": f"and {2_900 - len(named)} more", "error": "see summary.json"}
    different = reported_by_reason((f"region_{number}", f"{number} {'🛰' * 300}") for number in range(100))
    assert len(json.dumps(different)) < 16 * 1024
    assert different[-1]["error"] == "see summary.json"


def test_the_command_answers_its_token(start_worker: StartWorker, reports: Bucket, cache: Bucket) -> None:
    monitored(Conduct(), reports, cache)
    worker = start_worker("summarize", **{name.upper(): value for name, value in lost(1, "Crashed").items()})
    assert worker.exit_code() == 3, worker.log
    assert worker.waiting.output["failures"] == [{"region": ", ".join(SECOND), "error": "Crashed"}]
    assert summary(reports).status == "partial"
