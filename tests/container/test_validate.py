import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.container.catalogs import NAMES, REGIONS
from tests.container.processes import Fault
from tests.stacks import CATALOG_NAME
from worker import aws
from worker.errors import ErrorName, WorkerError
from worker.plan import Plan, plan_key
from worker.s3 import Bucket
from worker.settings import Settings
from worker.validate import validate
from worker.workloads import Job, Outcome, Workload
from worker.workloads.command.checks import CONFIG_SECONDS, EARTH_ENGINE_SECONDS
from worker.workloads.sample import SampleWorkload

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


Validated = Callable[..., dict[str, Any]]


@pytest.fixture
def validated(reports: Bucket, cache: Bucket) -> Validated:
    def run(
        run_input: dict[str, Any] | None = None,
        workload: Workload | None = None,
        client: Any = None,
        **changes: Any,
    ) -> dict[str, Any]:
        facts = {
            "run_id": "2026-W48",
            "s3_reports_bucket": reports.name,
            "s3_cache_bucket": cache.name,
            "catalog": CATALOG_NAME,
            "shards": 2,
            "run_input": json.dumps(run_input or {}),
        }
        settings = Settings.model_validate(facts | changes)
        client = client or boto3.client("s3")
        return validate(
            settings,
            workload or SampleWorkload(),
            reports=Bucket(client, settings.s3_reports_bucket),
            cache=Bucket(client, settings.s3_cache_bucket),
            progress=lambda: None,
            now=NOW,
        )

    return run


class Whole:
    """A workload that works on all regions at once and has no options."""

    can_shard = can_resume = can_skip_scraping = needs_internet = False
    checked = ("the door",)

    def problems(self) -> Iterator[WorkerError]:
        yield WorkerError(ErrorName.CREDENTIALS_INVALID, "Nobody is let in.")
        yield WorkerError(ErrorName.INVALID_INPUT, "Nothing is there.")

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome]:
        raise NotImplementedError


def plan(cache: Bucket, run_id: str = "2026-W48") -> Plan:
    return Plan.model_validate_json(cache.read(plan_key(run_id)) or b"")


def test_a_valid_input_is_answered_with_the_plan(validated: Validated, cache: Bucket) -> None:
    assert validated() == {
        "run_id": "2026-W48",
        "regions": len(NAMES),
        "shards": [0, 1],
        "plan_key": "runs/2026-W48/plan.json",
    }
    assert set(plan(cache).regions) == {region.name for region in REGIONS}


def test_the_plan_is_plain_json_as_others_read_it(validated: Validated, cache: Bucket) -> None:
    execution = "arn:aws:states:us-east-1:123456789012:execution:weekly:first"
    validated({"regions_count": 3}, enable_scraping=False, force_refresh=True, execution=execution)
    assert json.loads(cache.read("runs/2026-W48/plan.json") or b"") == {
        "region_count": 3,
        "run_id": "2026-W48",
        "created": "2026-11-25T12:00:00Z",
        "period": "2026-W47",
        "workload": "sample",
        "shards": [
            {"shard": 0, "regions": ["jakarta_north_sprawl", "tangerang_bsd_corridor"]},
            {"shard": 1, "regions": ["jakarta_south_suburbs"]},
        ],
        "enable_scraping": False,
        "force_refresh": True,
        "first_execution": execution,
    }


def test_a_plan_names_its_execution_only_if_the_run_had_no_results(
    validated: Validated, reports: Bucket, cache: Bucket
) -> None:
    validated(execution="first")
    validated({"run_id": "2026-W48"}, execution="redo")
    assert plan(cache).first_execution == "first"
    # A plan that was deleted by hand is written again, and finished regions are kept.
    cache.delete(plan_key("2026-W48"))
    reports.write("weekly/2026-W48/brebes.json", b"{}", "application/json")
    validated(execution="second")
    assert plan(cache).first_execution == ""


def test_more_shards_than_regions_become_as_many_as_there_are_regions(validated: Validated) -> None:
    assert validated({"regions_count": 1}, shards=4)["shards"] == [0]


def test_the_scheduled_time_gives_the_week_that_a_name_does_not(validated: Validated, cache: Bucket) -> None:
    validated({"scheduled_time": "2026-01-05T06:00:00Z"}, run_id="by-hand")
    assert plan(cache, "by-hand").period == "2026-W01"


def test_a_validation_only_execution_returns_its_finding_and_leaves_no_plan(
    validated: Validated, cache: Bucket, reports: Bucket
) -> None:
    found = validated({"validate_only": True, "regions_count": 3, "execution_name": "smoke test"})
    assert found["finding"] == {
        "run_id": "2026-W48",
        "planned_before": False,
        "period": "2026-W47",
        "workload": "sample",
        "regions": ["jakarta_north_sprawl", "tangerang_bsd_corridor", "jakarta_south_suburbs"],
        "shards": [["jakarta_north_sprawl", "tangerang_bsd_corridor"], ["jakarta_south_suburbs"]],
        "enable_scraping": True,
        "force_refresh": False,
        "checked": [
            "the execution's input",
            f"s3://{cache.name}/runs/2026-W48/: listed, written, deleted",
            f"s3://{reports.name}/weekly/2026-W48/: listed, written, deleted",
        ],
        "execution_name": "smoke test",
    }
    assert cache.read(plan_key("2026-W48")) is None
    # A later run may ask for other regions.
    assert validated({"regions_count": 5})["regions"] == 5


def test_a_validation_of_a_run_that_was_planned_finds_its_plan(validated: Validated, cache: Bucket) -> None:
    validated({"regions_count": 3})
    first = plan(cache)
    finding = validated({"validate_only": True, "run_id": "2026-W48"})["finding"]
    assert (finding["planned_before"], len(finding["regions"])) == (True, 3)
    assert plan(cache) == first


def test_a_validation_alone_fails_as_a_run_would(validated: Validated) -> None:
    with pytest.raises(WorkerError) as caught:
        validated({"validate_only": True}, Whole(), shards=1)
    assert (caught.value.name, caught.value.cause) == (
        ErrorName.CREDENTIALS_INVALID,
        "Nobody is let in. Nothing is there.",
    )


@pytest.mark.parametrize("value", ["yes", 1, "true"])
def test_a_wish_to_validate_that_is_no_boolean_is_refused(value: Any, validated: Validated) -> None:
    with pytest.raises(WorkerError, match="validate_only") as caught:
        validated({"validate_only": value})
    assert caught.value.name is ErrorName.INVALID_INPUT


def past_run(seconds: list[float | None], run_id: str = "2026-W47") -> bytes:
    """Return a history with one run of the regions, each of which took so many seconds."""
    run = {"run_id": run_id, "started_at": "2026-11-16T06:00:00Z", "seconds": seconds}
    return json.dumps({"version": 1, "regions": NAMES, "runs": [run]}).encode()


def test_shards_are_balanced_by_the_durations_of_earlier_runs(
    validated: Validated, reports: Bucket, cache: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    reports.write("history.json", past_run([300, None, 100, 100]), "application/json")
    validated({"regions_count": 5})
    first, second = plan(cache).shards
    assert (first.regions, first.seconds) == ((NAMES[0], NAMES[4]), (300, 100))
    assert (second.regions, second.seconds) == ((NAMES[1], NAMES[2], NAMES[3]), (100, 100, 100))
    assert "planned regions: 5, shards: 2, expected to take 300 to 400 s each" in caplog.text


def test_a_redo_keeps_its_plan_whatever_was_measured_since(
    validated: Validated, reports: Bucket, cache: Bucket
) -> None:
    reports.write("history.json", past_run([300, 10, 10, 10, 10]), "application/json")
    validated({"regions_count": 5}, shards=3)
    first = plan(cache)
    reports.write("history.json", past_run([1, 2, 300, 4, 5]), "application/json")
    validated({"run_id": "2026-W48"}, shards=3)
    assert plan(cache) == first
    # Fewer workers: by the durations that the plan has.
    validated({"run_id": "2026-W48"}, shards=2)
    assert [shard.regions for shard in plan(cache).shards] == [(NAMES[0],), tuple(NAMES[1:5])]


@pytest.mark.parametrize("body", [b"{", past_run([-1] * 29), past_run([60] * 29, "2026-W48")])
def test_without_a_usable_record_regions_are_dealt_in_turn(
    validated: Validated, reports: Bucket, cache: Bucket, body: bytes
) -> None:
    reports.write("history.json", body, "application/json")
    validated()
    assert [shard.regions for shard in plan(cache).shards] == [tuple(NAMES[0::2]), tuple(NAMES[1::2])]


def test_one_shard_reads_no_history(validated: Validated, reports: Bucket, cache: Bucket) -> None:
    reports.write("history.json", past_run([300]), "application/json")
    validated(shards=1)
    assert plan(cache).shards[0].seconds == ()


def test_a_redo_keeps_the_first_plan(validated: Validated, cache: Bucket) -> None:
    validated({"regions_count": 3})
    first = plan(cache)
    assert validated({}, shards=5)["regions"] == 3
    assert validated({"regions_count": 3})["shards"] == [0, 1]
    assert plan(cache) == first


def test_a_redo_with_other_regions_is_refused_with_two_remedies(validated: Validated) -> None:
    validated({"regions_count": 3})
    with pytest.raises(WorkerError, match=r"leave regions and regions_count out.*another run_id") as caught:
        validated({"regions_count": 4})
    assert caught.value.name == ErrorName.INVALID_INPUT


def test_a_redo_keeps_its_plan_when_the_stack_has_fewer_workers(validated: Validated, cache: Bucket) -> None:
    validated({"regions_count": 7}, shards=5)
    first = plan(cache)
    assert validated({"run_id": "2026-W48"}, shards=2)["shards"] == [0, 1]
    assert set(plan(cache).regions) == set(first.regions)
    assert plan(cache) == first.model_copy(update={"shards": plan(cache).shards})
    assert validated({"run_id": "2026-W48"}, shards=9)["shards"] == [0, 1]


def test_a_redo_with_another_workload_is_refused(validated: Validated, cache: Bucket) -> None:
    validated()
    written = (cache.read(plan_key("2026-W48")) or b"").replace(b'"sample"', b'"command"')
    cache.write(plan_key("2026-W48"), written, "application/json")
    with pytest.raises(WorkerError, match="planned for the workload command, and the stack now has sample"):
        validated({"run_id": "2026-W48"})


def test_a_redo_whose_plan_cannot_be_read_is_refused(validated: Validated, cache: Bucket) -> None:
    cache.write(plan_key("2026-W48"), b"", "application/json")
    with pytest.raises(WorkerError, match=r"s3://.*/plan\.json is not a usable plan") as caught:
        validated({"run_id": "2026-W48"})
    assert caught.value.name == ErrorName.INVALID_INPUT


def test_a_run_that_never_was_is_refused_with_the_last_ones_that_were(
    validated: Validated, cache: Bucket
) -> None:
    with pytest.raises(WorkerError, match="there is no plan yet") as caught:
        validated({"run_id": "2026-W84"}, run_id="2026-W84")
    for week in range(40, 48):
        validated(run_id=f"2026-W{week}")
        # More than one page of other objects.
        for shard in range(140):
            cache.write(f"runs/2026-W{week}/shards/{shard}.json", b"{}", "application/json")
    with pytest.raises(WorkerError) as caught:
        validated({"run_id": "2026-W84"}, run_id="2026-W84")
    assert caught.value.name == ErrorName.INVALID_INPUT
    assert "run_id '2026-W84' names a run that has no plan" in caught.value.cause
    named = re.findall(r"2026-W4\d", caught.value.cause)
    assert len(named) == 5
    assert not list(cache.keys("runs/2026-W84/"))


def test_a_redo_of_the_scheduled_run_that_comes_before_its_plan_begins_the_run(
    validated: Validated, cache: Bucket
) -> None:
    scheduled = {"scheduled_time": "2026-11-23T06:00:00Z"}
    with pytest.raises(WorkerError, match="names a run that has no plan"):
        validated({**scheduled, "run_id": "2026-W84"}, run_id="2026-W84")

    assert validated({**scheduled, "run_id": "2026-W48"}, run_id="2026-W48")["run_id"] == "2026-W48"
    assert list(cache.keys("runs/2026-W48/"))


def test_the_buckets_are_left_with_nothing_new_but_the_plan(
    validated: Validated, reports: Bucket, cache: Bucket
) -> None:
    validated()
    assert list(reports.keys("")) == []
    assert list(cache.keys("")) == ["runs/2026-W48/plan.json"]


def test_every_problem_is_reported_at_once_and_nothing_is_planned(
    validated: Validated, cache: Bucket
) -> None:
    with pytest.raises(WorkerError) as caught:
        validated({"regions_count": 0, "colour": "green"}, s3_reports_bucket="nowhere-to-be-found")
    assert caught.value.name == ErrorName.INVALID_INPUT
    for part in ("regions_count is 0", "colour is not known", "s3://nowhere-to-be-found"):
        assert part in caught.value.cause
    assert list(cache.keys("")) == []


@pytest.mark.parametrize(
    ("run_input", "changes", "refusal"),
    [
        (
            {"regions_count": len(NAMES) - 1},
            {},
            f"{len(NAMES) - 1} of {len(NAMES)} regions are selected, but the program always works on all",
        ),
        ({"regions": [NAMES[0]]}, {}, f"1 of {len(NAMES)} regions are selected"),
        ({}, {"enable_scraping": False}, "enable_scraping is false, but the program has no such option"),
        ({}, {"shards": 2}, "SHARDS is 2, but the program always works on all regions"),
    ],
)
def test_an_option_that_a_workload_does_not_support_is_refused_with_the_reason(
    validated: Validated, run_input: dict[str, Any], changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(WorkerError) as caught:
        validated(run_input, Whole(), **{"shards": 1, **changes})
    assert caught.value.name == ErrorName.INVALID_INPUT
    assert caught.value.cause.startswith(refusal)
    assert caught.value.cause.endswith("Nobody is let in. Nothing is there.")


def test_a_permanent_problem_names_the_error_before_a_transient_one(
    validated: Validated, reports: Bucket, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    path = f"/{reports.name}/weekly/2026-W48/probe"
    fault(operation="s3:PutObject", error="SlowDown", status=503, match={"path": path})
    with pytest.raises(WorkerError, match=r"SlowDown.*Nobody is let in") as caught:
        validated(workload=Whole(), shards=1)
    assert caught.value.name == ErrorName.CREDENTIALS_INVALID


def test_buckets_are_checked_in_parallel_with_few_calls_each(
    validated: Validated, reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def noted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(bucket: Bucket, *given: Any) -> Any:
            asked.append((bucket.name, method.__name__))
            return method(bucket, *given)

        return call

    for method in (Bucket.is_empty, Bucket.write, Bucket.delete, Bucket.read_with_etag, Bucket.write_new):
        monkeypatch.setattr(Bucket, method.__name__, noted(method))
    validated()
    # A plan of several shards reads the history, whatever the number of regions is.
    expected = ["is_empty", "write", "delete", "read_with_etag"]
    assert [what for name, what in asked if name == reports.name] == expected
    assert sorted(what for name, what in asked if name == cache.name) == [
        "delete",
        "is_empty",
        "read_with_etag",
        "write",
        "write_new",
    ]
    # The plan is read beside the probes; it is written once everything else is known to be well.
    assert asked[-1] == (cache.name, "write_new")
    probes, workload = 3 * aws.PROMPT_SECONDS, aws.PROMPT_SECONDS + CONFIG_SECONDS + EARTH_ENGINE_SECONDS
    assert max(probes, workload) + aws.PROMPT_SECONDS < 30


def test_s3_that_never_answers_is_tried_twice_and_given_up(
    validated: Validated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "_PROMPT", aws._PROMPT.merge(Config(read_timeout=0.2)))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.1)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(WorkerError, match="does not answer") as caught:
            validated(client=aws.Clients().s3())
        # The kernel accepted connections that no server answers.
        calls = 0
        with suppress(TimeoutError):
            while True:
                silent.accept()[0].close()
                calls += 1
    assert caught.value.name == ErrorName.SERVICE_UNAVAILABLE
    # A check of each bucket and a look for the plan, each twice; nothing after them.
    assert calls == 3 * 2


def test_every_region_by_count_is_no_subset(validated: Validated) -> None:
    with pytest.raises(WorkerError) as caught:
        validated({"regions_count": len(NAMES)}, Whole(), shards=1)
    assert caught.value.cause == "Nobody is let in. Nothing is there."
    assert caught.value.name == ErrorName.CREDENTIALS_INVALID


def test_a_workload_that_can_leave_out_scraping_does_so(validated: Validated, cache: Bucket) -> None:
    validated(enable_scraping=False)
    assert not plan(cache).enable_scraping
