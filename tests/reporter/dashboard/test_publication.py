"""The publication at the end of a run: every run is recorded, and no failure of it stops the message."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from reporter.aws import Aws
from reporter.clock import Clock
from reporter.dashboard.ended_run import ended_run
from reporter.dashboard.history import History, RunEntry, parse
from reporter.dashboard.publication import Dashboard
from reporter.dashboard.store import HISTORY_KEY, UNREADABLE, WRITE_ATTEMPTS, NotWrittenError, Store
from reporter.links import PAGE_KEY
from reporter.outcome import Outcome
from tests.reporter.examples import EXECUTION, SETTINGS, settings

BUCKET = SETTINGS.reports_bucket
NOW = datetime(2026, 11, 23, 7, 3, tzinfo=UTC)
CLOCK = Clock(now=NOW.timestamp, sleep=lambda _: None)
READY = settings(
    alarm_prefix="ccapi-", alarm_suffix="-prod", schedule="weekly", schedule_group="default", budget_usd="20"
)
SUMMARY = {
    "run_id": "2026-W48",
    "workload": "sample",
    "status": "partial",
    "created": "2026-11-23T06:01:00Z",
    "regions": [
        {"region": "jakarta", "status": "succeeded", "area_ha": 12.5, "seconds": 61.25},
        {"region": "bogor", "status": "failed", "area_ha": 0, "seconds": 3.5},
    ],
}
OUTCOME = {
    "status": "partial",
    "run_id": "2026-W48",
    "execution": EXECUTION,
    "start_time": "2026-11-23T06:00:12.345Z",
    "duration_seconds": 3723.4,
    "usd": 0.1629,
    "regions": 2,
    "succeeded": 1,
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        found = Aws("us-east-1")
        found.s3.create_bucket(Bucket=BUCKET)
        boto3.client("scheduler", "us-east-1").create_schedule(
            Name="weekly",
            GroupName="default",
            ScheduleExpression="cron(0 6 ? * MON *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": "arn:aws:states:us-east-1:111111111111:stateMachine:x",
                "RoleArn": "arn:aws:iam::111111111111:role/x",
            },
        )
        for name in ("ccapi-run-failed-prod", "ccapi-run-failed-dev"):
            found.cloudwatch.put_metric_alarm(
                AlarmName=name,
                AlarmDescription="A run failed.",
                MetricName="m",
                Namespace="n",
                Period=60,
                EvaluationPeriods=1,
                Threshold=0,
                ComparisonOperator="GreaterThanThreshold",
                Statistic="Sum",
            )
        yield found


def body(aws: Aws, key: str) -> bytes:
    return aws.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def document_of(page: str) -> Any:
    return json.loads(page.split('id="document">', 1)[1].split("</script>", 1)[0])


def publish(aws: Aws, remaining_seconds: float = 40, **changes: Any) -> None:
    Dashboard(READY, aws, CLOCK).publish({**OUTCOME, **changes}, remaining_seconds)


def put(aws: Aws, key: str, text: str | bytes) -> None:
    aws.s3.put_object(Bucket=BUCKET, Key=key, Body=text)


def test_the_end_of_a_run_is_in_the_history_and_on_the_page(aws: Aws) -> None:
    put(aws, "weekly/2026-W48/summary.json", json.dumps(SUMMARY))
    publish(aws)
    history = json.loads(body(aws, HISTORY_KEY))
    assert history["regions"] == ["jakarta", "bogor"]
    assert history["runs"] == [
        {
            "run_id": "2026-W48",
            "started_at": "2026-11-23T06:00:12.345Z",
            "duration_seconds": 3723,
            "outcome": "partial",
            "cost_usd": "0.1629",
            "index_key": "weekly/2026-W48/index.html",
            "regions": "sf",
            "hectares": [12.5, None],
            "seconds": [61.25, None],
            "execution": "by-hand",
        }
    ]
    found = document_of(body(aws, PAGE_KEY).decode())
    assert found["history"] == history
    assert [alarm["name"] for alarm in found["alarms"]] == ["ccapi-run-failed-prod"]
    assert found["schedule"]["starts"][0] == "2026-11-30T06:00:00Z"
    assert found["ranking"]["regions"][0]["region"] == "bogor"
    assert found["months"] == [
        {"month": "2026-11", "cost_usd": "0.1629", "executions": 1, "unknown": 0, "is_at_most": False}
    ]


def test_a_failed_run_without_results_is_recorded_without_cost_and_regions(aws: Aws) -> None:
    publish(aws, status="timed_out", run_id="", usd=0, regions=None)
    (run,) = json.loads(body(aws, HISTORY_KEY))["runs"]
    assert (run["run_id"], run["outcome"], run["ended"]) == ("by-hand", "failed", "timed_out")
    assert (run["cost_usd"], run["index_key"], run["regions"]) == (None, None, "")
    assert "hectares" not in run


def test_a_program_without_findings_has_no_hectares(aws: Aws) -> None:
    put(aws, "weekly/2026-W48/summary.json", json.dumps({**SUMMARY, "workload": "each"}))
    publish(aws)
    (run,) = json.loads(body(aws, HISTORY_KEY))["runs"]
    assert "hectares" not in run
    assert run["seconds"] == [61.25, None]


# A program that does not say when it begins a region leaves 0.
@pytest.mark.parametrize("seconds", ["0", "0.0001", "NaN", "-1", "1e999", "true", "null", '"61"'])
def test_a_duration_that_was_not_measured_is_unknown(aws: Aws, seconds: str) -> None:
    put(aws, "weekly/2026-W48/summary.json", json.dumps(SUMMARY).replace("61.25", seconds))
    publish(aws)
    (run,) = json.loads(body(aws, HISTORY_KEY))["runs"]
    assert "seconds" not in run
    assert run["hectares"] == [12.5, None]


@pytest.mark.parametrize("area", ["NaN", "Infinity", "-1", "1e999", "1" + "0" * 400, "true", '"12"'])
def test_an_area_that_is_no_amount_is_unknown_and_the_page_is_still_json(aws: Aws, area: str) -> None:
    put(aws, "weekly/2026-W48/summary.json", json.dumps(SUMMARY).replace("12.5", area))
    publish(aws)
    text = body(aws, PAGE_KEY).decode().split('id="document">', 1)[1].split("</script>", 1)[0]

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    (run,) = json.loads(text, parse_constant=refuse)["history"]["runs"]
    assert "hectares" not in run
    assert run["regions"] == "sf"


def test_skipped_and_missed_runs_and_invalid_outcomes_are_not_recorded(aws: Aws) -> None:
    for status in ("skipped", "missed"):
        publish(aws, status=status)
    Dashboard(READY, aws, CLOCK).publish("no document", 40)
    assert "Contents" not in aws.s3.list_objects_v2(Bucket=BUCKET)


@pytest.mark.parametrize("names", [("a", "z"), ("z", "a")])
@pytest.mark.parametrize("is_reported_in_order", [True, False])
def test_of_two_executions_that_began_within_a_second_the_later_one_is_the_last(
    aws: Aws, names: tuple[str, str], is_reported_in_order: bool
) -> None:
    stopped: dict[str, Any] = {
        "status": "aborted",
        "execution": names[0],
        "start_time": "2026-11-23T06:00:12.029Z",
    }
    succeeded: dict[str, Any] = {
        "status": "succeeded",
        "execution": names[1],
        "start_time": "2026-11-23T06:00:12.871Z",
    }
    ends = [stopped, succeeded]
    for end in ends if is_reported_in_order else reversed(ends):
        publish(aws, **end)
    (run,) = json.loads(body(aws, HISTORY_KEY))["runs"]
    assert (run["execution"], run["outcome"]) == (names[1], "succeeded")
    assert [each["execution"] for each in run["earlier"]] == [names[0]]


def test_two_ends_at_once_lose_nothing(aws: Aws) -> None:
    store = Store(BUCKET, aws, CLOCK)
    (first, second) = (entry_of(name) for name in ("2026-W47", "2026-W48"))
    others = iter([second])

    def change(known: History) -> History:
        # Between the reading and the writing of the first attempt another end is written.
        for other in others:
            Store(BUCKET, aws, CLOCK).change(partial(History.with_run, entry=other))
        return known.with_run(first)

    store.change(change)
    assert {run.run_id for run in store.history().runs} == {"2026-W47", "2026-W48"}


def test_the_attempts_to_write_are_bounded(aws: Aws) -> None:
    entry, attempts = entry_of("2026-W47"), list[int]()

    def change(known: History) -> History:
        attempts.append(1)
        put(aws, HISTORY_KEY, History(more={"attempt": len(attempts)}).encoded())
        return known.with_run(entry)

    with pytest.raises(NotWrittenError, match="other writers"):
        Store(BUCKET, aws, CLOCK).change(change)
    assert len(attempts) == WRITE_ATTEMPTS


@pytest.mark.parametrize("damaged", [b"{", b'{"version": 2, "regions": [], "runs": []}'])
def test_a_history_that_cannot_be_read_is_kept_and_a_new_one_begins(
    aws: Aws, damaged: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    put(aws, HISTORY_KEY, damaged)
    publish(aws)
    assert [run.run_id for run in parse(body(aws, HISTORY_KEY)).runs] == ["2026-W48"]
    assert body(aws, f"{UNREADABLE}2026-11-23T07-03-00Z.json") == damaged
    assert '"level": "ERROR"' in capsys.readouterr().out


def test_no_failure_is_raised_and_each_is_logged_as_an_error(
    aws: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(aws, remaining_seconds=3)
    Dashboard(settings(reports_bucket="no-such-bucket"), aws, CLOCK).publish(OUTCOME, 40)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    errors = [line for line in lines if line["message"].startswith("the dashboard was not published")]
    assert [error["level"] for error in errors] == ["ERROR", "ERROR"]


def deny_reads(aws: Aws, monkeypatch: pytest.MonkeyPatch, denied: str) -> None:
    """Answer as S3 does to a role that may not read a key; all other calls are moto's."""
    read = aws.s3.get_object

    def get_object(**given: Any) -> Any:
        if given["Key"].endswith(denied):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")
        return read(**given)

    monkeypatch.setattr(aws.s3, "get_object", get_object)


def test_a_history_that_may_not_be_read_is_neither_lost_nor_silent(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(aws)
    before = body(aws, HISTORY_KEY)
    with monkeypatch.context() as denial:
        deny_reads(aws, denial, HISTORY_KEY)
        capsys.readouterr()
        publish(aws, status="failed", run_id="2026-W49", execution="other")
        (error,) = [line for line in capsys.readouterr().out.splitlines() if '"ERROR"' in line]
        assert "s3:GetObject" in json.loads(error)["why"]
        with pytest.raises(ClientError):
            Store(BUCKET, aws, CLOCK).history()
    assert body(aws, HISTORY_KEY) == before


def test_the_first_run_is_written_although_s3_does_not_say_that_there_is_no_history(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as denial:
        # The reporter may not list the bucket.
        deny_reads(aws, denial, HISTORY_KEY)
        publish(aws)
    assert [run["run_id"] for run in json.loads(body(aws, HISTORY_KEY))["runs"]] == ["2026-W48"]


def test_a_summary_that_a_run_must_have_and_that_cannot_be_read_is_an_error(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(aws, "weekly/2026-W48/summary.json", json.dumps(SUMMARY))
    deny_reads(aws, monkeypatch, "summary.json")
    publish(aws)
    (error,) = [line for line in capsys.readouterr().out.splitlines() if '"ERROR"' in line]
    assert "lacks the regions" in error
    publish(aws, status="timed_out", is_summarized=False)
    assert '"ERROR"' not in capsys.readouterr().out
    assert json.loads(body(aws, HISTORY_KEY))["runs"][0]["regions"] == ""


def test_facts_that_cannot_be_read_are_unknown_on_the_page(aws: Aws) -> None:
    Dashboard(settings(schedule="missing", schedule_group="default"), aws, CLOCK).publish(OUTCOME, 40)
    found = document_of(body(aws, PAGE_KEY).decode())
    assert (found["schedule"], found["budget_usd"]) == (None, None)


def entry_of(run_id: str) -> RunEntry:
    return ended_run(
        Outcome.of({**OUTCOME, "run_id": run_id, "execution": run_id}), {}, NOW - timedelta(days=1)
    )
