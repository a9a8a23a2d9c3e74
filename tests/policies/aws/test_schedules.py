import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.aws.schedule_expression import ExpressionError
from guardrails.aws.schedules import DAY, HOUR, MINUTE, shortest_gap


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        ("cron(0 9 ? * MON *)", 7 * DAY),
        ("cron(0 9 ? * 2 *)", 7 * DAY),
        ("cron(0 9 ? * L *)", 7 * DAY),
        ("cron(0 9 ? * mon,thu *)", 3 * DAY),
        ("cron(0 9 ? * MON-FRI *)", DAY),
        ("cron(0 9 ? * 2#1 *)", 28 * DAY),
        ("cron(0 9 ? * FRI#5 *)", 63 * DAY),
        ("cron(0 9 ? * FRIL *)", 28 * DAY),
        ("cron(0 9 1 * ? *)", 28 * DAY),
        ("cron(0 9 31 * ? *)", 31 * DAY),
        ("cron(0 9 L * ? *)", 28 * DAY),
        ("cron(0 9 LW * ? *)", 28 * DAY),
        # The weekday nearest to Sunday the 15th is Monday the 16th, and to Saturday the 15th Friday the 14th.
        ("cron(0 9 15W * ? *)", 28 * DAY),
        ("cron(0 9 1,15 * ? *)", 14 * DAY),
        ("cron(0 9 */2 * ? *)", DAY),
        ("cron(0 9 29 2 ? *)", (3 * 365 + 366) * DAY),
        ("cron(0 9 1 JAN-MAR ? *)", 28 * DAY),
        ("cron(0 9 1 1/6 ? *)", 181 * DAY),
        ("cron(0 9 1 1 ? 2027-2029)", 365 * DAY),
        ("cron(* * * * ? *)", MINUTE),
        ("cron(0/15 * * * ? *)", 15 * MINUTE),
        ("cron(50/15 * * * ? *)", HOUR),
        ("cron(0,50 * * * ? *)", 10 * MINUTE),
        ("cron(0 8-17/3 * * ? *)", 3 * HOUR),
        ("cron(0 1,23 * * ? *)", 2 * HOUR),
        ("cron(30 23,0 ? * SUN,MON *)", HOUR),
        ("cron(0 9,12 1 1 ? 2030)", 3 * HOUR),
        ("rate(1 minute)", MINUTE),
        ("rate(2 hours)", 2 * HOUR),
        ("rate(14 days)", 14 * DAY),
    ],
)
def test_the_shortest_gap_is_the_one_in_the_calendar(expression: str, gap: int) -> None:
    found = shortest_gap(expression)
    assert found is not None
    assert found.seconds == gap


@pytest.mark.parametrize(
    "expression", ["at(2030-01-01T00:00:00)", "cron(0 9 1 1 ? 2030)", "cron(0 9 30 2 ? *)"]
)
def test_a_schedule_that_starts_at_most_once_has_no_shortest_gap(expression: str) -> None:
    assert shortest_gap(expression) is None


@pytest.mark.parametrize("zone", ["Nowhere/Never", "../etc", "localtime", "Factory", ""])
def test_a_zone_that_no_schedule_may_name_is_refused_with_one_to_write(zone: str) -> None:
    with pytest.raises(ExpressionError, match="write one such as UTC"):
        shortest_gap("rate(1 day)", zone)


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        ("cron(0 9 ? * MON *)", 7 * DAY - HOUR),
        # The clocks go forward over 01:00, so that nothing starts at 01:00 on that day.
        ("cron(0 1,4 * * ? *)", 3 * HOUR),
        ("cron(0 * * * ? *)", HOUR),
        ("cron(0/15 * * * ? *)", 15 * MINUTE),
        ("cron(0 0,4 * * ? *)", 3 * HOUR),
        ("cron(0 1,2,4 * * ? *)", HOUR),
        ("rate(1 day)", DAY),
    ],
)
def test_the_shortest_gap_between_starts_accounts_for_clocks_that_go_forward(
    expression: str, gap: int
) -> None:
    found = shortest_gap(expression, "Europe/London")
    assert found is not None
    assert found.seconds == gap


def test_a_gap_is_reported_with_the_two_starts_around_it() -> None:
    found = shortest_gap("cron(0 7,19 * * ? *)", "Europe/Berlin")
    assert found is not None
    assert found.text == (
        "39,600 s, from Sat 2026-03-28 19:00 (Europe/Berlin, UTC+1) to Sun 2026-03-29 07:00 (Europe/Berlin, UTC+2)"
    )


@given(
    st.sets(st.integers(0, 59), min_size=1, max_size=5), st.sets(st.integers(0, 23), min_size=1, max_size=5)
)
def test_the_gaps_of_a_day_are_those_of_its_times(minutes: set[int], hours: set[int]) -> None:
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    gaps = [later - earlier for earlier, later in zip(times, [*times[1:], times[0] + 1440], strict=True)]
    cron = f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} 1,2 1 ? 2030)"
    found = shortest_gap(cron)
    assert found is not None
    assert found.seconds == min(gaps) * MINUTE


@given(st.text(max_size=30) | st.text("0123456789*?/-,#LW ", max_size=30).map(lambda text: f"cron({text})"))
def test_any_text_has_an_answer(text: str) -> None:
    try:
        gap = shortest_gap(text)
    except ExpressionError:
        return
    assert gap is None or gap.seconds > 0
