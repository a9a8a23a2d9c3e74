import pytest

from worker.reports.periods import in_words


@pytest.mark.parametrize(
    ("period", "title"),
    [
        ("2026-W48", "Week 48, 23 to 29 November 2026"),
        ("2026-W49", "Week 49, 30 November to 6 December 2026"),
        ("2026-11-16 to 2026-11-23", "2026-11-16 to 2026-11-23"),
        ("2026-W99", "2026-W99"),
        ("2026-W53", "Week 53, 28 December 2026 to 3 January 2027"),
    ],
)
def test_a_week_is_written_without_saying_anything_twice(period: str, title: str) -> None:
    assert in_words(period) == title
