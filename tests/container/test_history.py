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
        written(run(49, 1, [-1])),
        written(run(49, 1)).replace(b'"sf"', b'"sf", "hectares": [NaN]'),
    ],
)
def test_an_unusable_history_is_an_empty_one_with_a_line_in_the_log(
    reports: Bucket, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reports.write(HISTORY_KEY, body, JSON)
    assert read_history(reports).runs == ()
    assert f"{HISTORY_KEY} is not usable" in caplog.text
    assert len(caplog.text) < 1_000


def test_no_history_is_the_first_run(reports: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert read_history(reports).runs == ()
    assert "does not exist yet" in caplog.text


@pytest.mark.usefixtures("no_pauses")
def test_a_history_that_cannot_be_read_is_empty_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert read_history(Bucket(boto3.client("s3"), "no-such-bucket")).runs == ()
    assert "is not usable" in caplog.text
