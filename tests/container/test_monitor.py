import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.container.catalogs import NAMES
from tests.stacks import CATALOG_NAME
from worker.catalog import Region
from worker.errors import ErrorName, TokenDead, WorkerError
from worker.monitor import monitor
from worker.plan import Plan, deal, plan_key
from worker.results import Findings, RegionResult, ShardResult, read_region_result, region_key
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.workloads import Comparison, Failed, Job, Outcome, Remark, RunFile, Succeeded


class Quick:
    """A workload that finds a hectare in each region, except in those that fail."""

    can_shard: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    can_skip_scraping: ClassVar[bool] = True
    needs_internet: ClassVar[bool] = False

    def __init__(self, failing: Sequence[str] = (), error: str = "no image") -> None:
        self.failing = failing
        self.error = error
        self.worked_on: list[str] = []

    checked = ()

    def problems(self) -> Iterator[WorkerError]:
        return iter(())

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        for region in job.regions:
            self.worked_on.append(region.name)
            yield self._outcome(region)
            progress()

    def _outcome(self, region: Region) -> Outcome:
        if region.name in self.failing:
            return Failed(region, self.error)
        return Succeeded(
            region, Findings(change_count=1, area_ha=1), b"%PDF", Comparison(b"before", b"after")
        )


Monitored = Callable[..., dict[str, Any]]


@pytest.fixture
def monitored(reports: Bucket, cache: Bucket) -> Monitored:
    plan = Plan(
        run_id="2026-W48",
        created=datetime(2026, 11, 23, tzinfo=UTC),
        period="2026-W47",
        workload="sample",
        shards=deal(NAMES, 2),
        enable_scraping=True,
        force_refresh=False,
    )
    cache.write(plan_key(plan.run_id), plan.model_dump_json().encode(), JSON)

    def run(
        workload: Quick | None = None, beat: Callable[[], None] = lambda: None, **changes: Any
    ) -> dict[str, Any]:
        facts = {
            "run_id": "2026-W48",
            "s3_reports_bucket": reports.name,
            "s3_cache_bucket": cache.name,
            "catalog": CATALOG_NAME,
            "shard": 0,
        }
        return monitor(
            Settings.model_validate(facts | changes),
            workload or Quick(),
            reports=reports,
            cache=cache,
            progress=lambda: None,
            beat=beat,
            log_stream="monitor/monitor/1",
        )

    return run


def test_a_shard_answers_with_counts_and_the_key_of_its_full_result(
    monitored: Monitored, reports: Bucket
) -> None:
    answer = monitored()
    assert answer | {"seconds": 0} == {
        "shard": 0,
        "status": "succeeded",
        "succeeded": 15,
        "failed": 0,
        "skipped": 0,
        "failures": [],
        "warnings": [],
        "result_key": "weekly/2026-W48/shards/0.json",
        "seconds": 0,
        "log_stream": "monitor/monitor/1",
    }
    full = json.loads(reports.read(answer["result_key"]) or b"")
    assert [region["region"] for region in full["regions"]] == NAMES[::2]
    assert full["peak_memory_mib"] > 0


def test_every_region_leaves_a_report_and_a_result(monitored: Monitored, reports: Bucket) -> None:
    monitored(attempt=3)
    for name in NAMES[::2]:
        result = RegionResult.model_validate_json(reports.read(region_key("2026-W48", name)) or b"")
        assert (result.region, result.status, result.attempt) == (name, "succeeded", 3)
        assert reports.read(result.report or "") == b"%PDF"


def test_a_failing_region_does_not_keep_the_others(monitored: Monitored, reports: Bucket) -> None:
    answer = monitored(Quick(failing=[NAMES[2]]))
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("partial", 14, 1)
    assert answer["failures"] == [{"region": NAMES[2], "error": "no image"}]
    assert reports.read(region_key("2026-W48", NAMES[2])) is None


def test_a_shard_in_which_everything_fails_says_so(monitored: Monitored) -> None:
    assert monitored(Quick(failing=NAMES))["status"] == "failed"


def test_the_answer_stays_small_for_any_number_and_text_of_failures(monitored: Monitored) -> None:
    answer = monitored(Quick(failing=NAMES, error="x" * 100_000))
    assert answer["failed"] == 15
    assert [failure["region"] for failure in answer["failures"]] == NAMES[::2]
    assert {len(failure["error"]) for failure in answer["failures"]} == {300}


def test_failures_that_do_not_fit_into_an_answer_are_counted_in_it(monitored: Monitored) -> None:
    # Each of these characters is sent as twelve.
    answer = monitored(Quick(failing=NAMES, error="🛰" * 300))
    assert len(json.dumps(answer)) < 16 * 1024
    *told, rest = answer["failures"]
    assert [failure["region"] for failure in told] == NAMES[:6:2]
    assert rest == {"region": "and 12 more", "error": "see summary.json"}


def test_finished_regions_are_not_processed_again(monitored: Monitored) -> None:
    monitored(Quick(failing=[NAMES[2], NAMES[4]]))
    again = Quick()
    answer = monitored(again, attempt=1)
    assert again.worked_on == [NAMES[2], NAMES[4]]
    assert (answer["succeeded"], answer["skipped"], answer["failed"]) == (2, 13, 0)


class Overtaken(Quick):
    """A workload during which another worker publishes each region, or a stranger writes garbage."""

    def __init__(self, reports: Bucket, body: Callable[[str], bytes]) -> None:
        super().__init__()
        self._reports = reports
        self._body = body

    def _outcome(self, region: Region) -> Outcome:
        outcome = super()._outcome(region)
        self._reports.write(f"weekly/2026-W48/{region.name}.pdf", b"theirs", "application/pdf")
        self._reports.write(region_key("2026-W48", region.name), self._body(region.name), JSON)
        return outcome


def their_result(region: str) -> bytes:
    result = RegionResult(
        region=region,
        run_id="2026-W48",
        shard=0,
        attempt=0,
        seconds=1,
        report=None,
        change_count=7,
        area_ha=7,
    )
    return result.model_dump_json().encode()


def test_a_region_that_another_worker_finished_first_is_published_once(
    monitored: Monitored, reports: Bucket
) -> None:
    answer = monitored(Overtaken(reports, their_result))
    assert (answer["status"], answer["succeeded"], answer["skipped"]) == ("succeeded", 0, 15)
    assert reports.read(region_key("2026-W48", NAMES[0])) == their_result(NAMES[0])
    assert reports.read(f"weekly/2026-W48/{NAMES[0]}.pdf") == b"theirs"
    # The records are those of the results in the bucket, not of this worker's own.
    shard = ShardResult.model_validate_json(reports.read("weekly/2026-W48/shards/0.json") or b"")
    assert {record.area_ha for record in shard.regions} == {7}


def test_a_result_that_became_unreadable_meanwhile_is_replaced(monitored: Monitored, reports: Bucket) -> None:
    answer = monitored(Overtaken(reports, lambda _: b"garbage"))
    assert (answer["status"], answer["succeeded"], answer["skipped"]) == ("succeeded", 15, 0)
    for name in NAMES[::2]:
        read_region_result(reports.read(region_key("2026-W48", name)) or b"", run_id="2026-W48", region=name)


def test_a_worker_whose_token_died_does_not_write_its_shard(monitored: Monitored, reports: Bucket) -> None:
    def dead() -> None:
        raise TokenDead

    with pytest.raises(TokenDead):
        monitored(beat=dead)
    assert reports.read("weekly/2026-W48/shards/0.json") is None


def test_a_run_that_was_not_planned_is_refused(monitored: Monitored) -> None:
    with pytest.raises(WorkerError, match="validate") as caught:
        monitored(run_id="never-planned")
    assert caught.value.name == ErrorName.INVALID_INPUT


def test_a_shard_that_is_not_in_the_plan_is_refused_with_the_bound(monitored: Monitored) -> None:
    with pytest.raises(WorkerError, match="SHARD is 2, and the plan has shards 0 to 1"):
        monitored(shard=2)


class OneReport(Quick):
    """A workload that makes one report about everything, or says that it has none."""

    def __init__(self, report: RunFile | None) -> None:
        super().__init__()
        self.report = report

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        yield self.report or Remark("There is no report.")
        for region in job.regions:
            yield Succeeded(region, Findings(change_count=1, area_ha=1), self.report, None, 90.5)
            progress()


@pytest.fixture
def report(tmp_path: Path) -> RunFile:
    path = tmp_path / "summary_20261123.pdf"
    path.write_bytes(b"%PDF all")
    return RunFile("all.pdf", path, "application/pdf")


def test_a_report_about_all_regions_of_a_shard_is_that_of_each(
    monitored: Monitored, reports: Bucket, report: RunFile
) -> None:
    monitored(OneReport(report))
    assert reports.read("weekly/2026-W48/shards/0/all.pdf") == b"%PDF all"
    for name in NAMES[::2]:
        result = RegionResult.model_validate_json(reports.read(region_key("2026-W48", name)) or b"")
        assert (result.report, result.seconds) == ("weekly/2026-W48/shards/0/all.pdf", 90.5)


def test_a_remark_is_in_the_answer_and_in_the_results_of_the_shard(
    monitored: Monitored, reports: Bucket
) -> None:
    answer = monitored(OneReport(None))
    assert (answer["status"], answer["warnings"]) == ("succeeded", ["There is no report."])
    full = json.loads(reports.read("weekly/2026-W48/shards/0.json") or b"")
    assert full["warnings"] == ["There is no report."]


def test_the_answer_stays_small_however_much_is_remarked(monitored: Monitored) -> None:
    class Verbose(Quick):
        def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
            yield from (Remark(f"{number} {'x' * 1_000}") for number in range(100))
            yield from super().outcomes(job, progress)

    answer = monitored(Verbose(failing=NAMES, error="🛰" * 300))
    assert answer["warnings"] == [f"{number} {'x' * 298}" for number in range(6)]
    assert len(json.dumps(answer)) < 16 * 1024
