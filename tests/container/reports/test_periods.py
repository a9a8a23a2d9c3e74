import pytest

from worker.reports.periods import week_title


@pytest.mark.parametrize(
    ("period", "title"),
    [
        ("2026-W48", "Week 48, 23 to 29 November 2026"),
        ("2026-W49", "Week 49, 30 November to 6 December 2026"),
        ("2026-W53", "Week 53, 28 December 2026 to 3 January 2027"),
    ],
)
def test_a_week_is_written_without_saying_anything_twice(period: str, title: str) -> None:
    assert week_title(period) == title
