"""The history of earlier runs, also if its object is missing, damaged or unreadable."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from worker.history import HISTORY_KEY, RunAreas, read_history
from worker.s3 import JSON, Bucket

MOMENT = datetime(2026, 12, 14, 6, tzinfo=UTC)


def run(week: int, day: int, hectares: list[float | None] | None = None, **more: Any) -> dict[str, Any]:
    """Return a run as the reporter writes it."""
    areas = {} if hectares is None else {"hectares": hectares}
    return {
        "run_id": f"2026-W{week}",
        "started_at": f"2026-12-{day:02}T06:00:01Z",
        "duration_seconds": 1234,
        "outcome": "partial",
        "cost_usd": "0.42",
        "index_key": None,
        "regions": "sf",
        **areas,
        **more,
    }


def written(*runs: dict[str, Any], **changes: Any) -> bytes:
    history = {"version": 1, "regions": ["brebes", "gresik"], "runs": runs}
    return json.dumps(history | changes).encode()


def test_the_last_runs_before_a_moment_are_read_without_the_run_itself(reports: Bucket) -> None:
    runs = [run(49, 1, [1.5, None]), run(50, 7, [0]), run(51, 14, [9, 9]), run(52, 21, [8, 8])]
    reports.write(HISTORY_KEY, written(*runs), JSON)
    history = read_history(reports)
    first, second = RunAreas("2026-W49", {"brebes": 1.5}), RunAreas("2026-W50", {"brebes": 0})
    assert history.before("2026-W51", MOMENT, 11) == (first, second)
    assert history.before("2026-W51", MOMENT, 1) == (second,)
    assert history.before("2026-W50", MOMENT, 11) == (first,)


def test_fields_of_a_later_reporter_and_missing_areas_are_accepted(reports: Bucket) -> None:
    reports.write(HISTORY_KEY, written(run(49, 1, new_field=1), new_field={}), JSON)
    assert read_history(reports).before("2026-W51", MOMENT, 11) == (RunAreas("2026-W49", {}),)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000),
        written(version=2),
        written({"run_id": "2026-W49"}),
        written(run(49, 1, started_at="2026-12-01T06:00:01")),
    ],
)
def test_an_unusable_history_is_an_empty_one_with_a_line_in_the_log(
    reports: Bucket, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reports.write(HISTORY_KEY, body, JSON)
    assert read_history(reports).runs == ()
    assert f"{HISTORY_KEY} is not usable" in caplog.text
    assert len(caplog.text) < 1_000


DAMAGED = [
    None,
    7,
    {"run_id": "2026-W49"},
    run(49, 1, started_at="2026-12-01T06:00:01"),
    run(49, 1, started_at="+1000000-01-01T00:00:00Z"),
]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_run_costs_the_others_nothing(
    reports: Bucket, damaged: Any, caplog: pytest.LogCaptureFixture
) -> None:
    reports.write(HISTORY_KEY, written(damaged, run(50, 7, [1.5, 2], seconds=[60, 90])), JSON)
    history = read_history(reports)
    assert history.before("2026-W51", MOMENT, 11) == (RunAreas("2026-W50", {"brebes": 1.5, "gresik": 2}),)
    assert history.seconds_before("2026-W51", MOMENT) == {"brebes": 60, "gresik": 90}
    assert f"{HISTORY_KEY} is not usable" in caplog.text


@pytest.mark.parametrize(
    "damaged", ["-1", "0", "NaN", "Infinity", "1e999", '"x"', '"5"', "true", "[]", "604801"]
)
def test_a_damaged_duration_is_unknown_and_costs_nothing_else(
    reports: Bucket, damaged: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = written(run(50, 7, [1.5, 2], seconds=["here", 90])).replace(b'"here"', damaged.encode())
    reports.write(HISTORY_KEY, body, JSON)
    history = read_history(reports)
    assert history.seconds_before("2026-W51", MOMENT) == {"gresik": 90}
    assert len(history.before("2026-W51", MOMENT, 11)[0].hectares) == 2
    assert f"{HISTORY_KEY} is not usable" in caplog.text
    assert len(caplog.text) < 1_000


@pytest.mark.parametrize("damaged", [[-1, 2], [float("nan"), 2], [True, 2], "x", {}])
def test_damaged_hectares_leave_the_durations(reports: Bucket, damaged: Any) -> None:
    reports.write(HISTORY_KEY, written(run(50, 7, damaged, seconds=[60])), JSON)
    history = read_history(reports)
    assert history.before("2026-W51", MOMENT, 11) == (RunAreas("2026-W50", {}),)
    assert history.seconds_before("2026-W51", MOMENT) == {"brebes": 60}


def test_the_duration_of_a_region_is_the_median_of_the_other_runs_before_a_moment(reports: Bucket) -> None:
    runs = [
        run(47, 1, seconds=[10, None]),
        run(48, 2, seconds=None),
        run(49, 3, seconds=[20, 7]),
        run(50, 4, seconds=[900]),
        run(51, 5, seconds=[1, 1]),
        run(52, 21, seconds=[1, 1]),
    ]
    reports.write(HISTORY_KEY, written(*runs), JSON)
    assert read_history(reports).seconds_before("2026-W51", MOMENT) == {"brebes": 20, "gresik": 7}
    assert read_history(reports).seconds_before("2026-W51", datetime(2026, 11, 1, tzinfo=UTC)) == {}


def test_no_history_is_the_first_run(reports: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert read_history(reports).runs == ()
    assert "does not exist yet" in caplog.text


@pytest.mark.usefixtures("no_pauses")
def test_a_history_that_cannot_be_read_is_empty_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert read_history(Bucket(boto3.client("s3"), "no-such-bucket")).runs == ()
    assert "is not usable" in caplog.text
