from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import OperatorError
from cli.times import ago, iso, minute, since

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("3h", NOW - timedelta(hours=3)),
        ("14d", NOW - timedelta(days=14)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T06:00+07:00", datetime(2026, 11, 22, 23, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_span_before_now_or_a_date(text: str, moment: datetime) -> None:
    assert since(text, NOW) == moment


@given(st.text() | st.from_regex(r"\d{1,6}[mhdw]", fullmatch=True))
def test_any_text_is_a_time_until_now_or_an_error_with_an_example(text: str) -> None:
    error: OperatorError | None = None
    try:
        moment = since(text, NOW)
    except OperatorError as raised:
        error = raised
    assert error.next_step if error else moment <= NOW


def test_a_time_to_come_is_refused() -> None:
    with pytest.raises(OperatorError, match="to come"):
        since("2026-12-01", NOW)


def test_times_are_printed_in_utc() -> None:
    assert (iso(NOW), minute(NOW), iso(None), minute(None)) == (
        "2026-11-30T12:00:00.000Z",
        "2026-11-30 12:00",
        None,
        "",
    )


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-5), "less than a minute ago"),
        (timedelta(seconds=59), "less than a minute ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_the_time_since_has_its_largest_unit(passed: timedelta, text: str) -> None:
    assert ago(NOW - passed, NOW) == text
