import pytest

from reporter.channels.answers import retry_after
from tests.reporter.delivery.stand_ins import NOW


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        (" 0 ", 0),
        ("Wed, 18 Nov 2026 11:46:50 GMT", 1_795_002_410 - NOW),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("1.5", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_without_the_header_there_is_no_pause() -> None:
    assert retry_after({}, NOW) is None
