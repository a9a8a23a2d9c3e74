"""Generated expressions, compared with a matcher at every minute of some weeks, and gaps with all starts of a year."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.settings.schedule_expression import Cron, gaps, parse
from tests.schedules.matcher import crons, fits_date, fits_time

MINUTE = timedelta(minutes=1)
WEEKS = timedelta(weeks=2)
ZONES = [
    "UTC",
    "America/Los_Angeles",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Beirut",
]
BEGINS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)


def cron(expression: str) -> Cron:
    read = parse(expression)
    assert isinstance(read, Cron)
    return read


def matching_minutes(expression: str, zone: ZoneInfo, begin: datetime, end: datetime) -> list[datetime]:
    """Return the matching minutes after a start, without those that the zone's clocks show a second time."""
    days = {begin.date() + timedelta(days=index) for index in range(-2, (end - begin).days + 3)}
    fitting_days = {day for day in days if fits_date(expression, day)}
    times = {
        (hour, minute) for hour in range(24) for minute in range(60) if fits_time(expression, hour, minute)
    }
    found, moment = [], begin + MINUTE
    while moment < end:
        shown = moment.astimezone(zone)
        if shown.date() in fitting_days and (shown.hour, shown.minute) in times and shown.fold == 0:
            found.append(moment)
        moment += MINUTE
    return found


@settings(max_examples=40)
@given(crons, st.sampled_from(ZONES), BEGINS)
@example("cron(30 1-3 * * ? *)", "Europe/Berlin", datetime(2026, 3, 20, tzinfo=UTC))
@example("cron(0/20 0-4 ? * SUN *)", "Europe/Berlin", datetime(2026, 10, 20, tzinfo=UTC))
@example("cron(*/15 * * * ? *)", "Australia/Lord_Howe", datetime(2026, 9, 28, tzinfo=UTC))
def test_starts_are_the_minutes_that_fit_and_no_others(expression: str, zone: str, begin: datetime) -> None:
    end = begin + WEEKS
    found = list(takewhile(lambda start: start < end, cron(expression).starts(ZoneInfo(zone), begin)))
    assert found == matching_minutes(expression, ZoneInfo(zone), begin, end)
    assert all(earlier < later for earlier, later in pairwise(found))


YEARS = st.sampled_from(["2026-2027", "2028", "2030-2031"])


@settings(max_examples=40)
@given(
    st.sets(st.integers(0, 59), min_size=1, max_size=2),
    st.sets(st.integers(0, 23), min_size=1, max_size=3),
    st.sampled_from(["1", "29", "31", "L", "LW", "15W", "*", "1,15", "28-3"]),
    st.builds("{} ? {}".format, st.sampled_from(["*", "1/3", "2,8", "NOV-FEB"]), YEARS),
    st.sampled_from(ZONES),
)
def test_gaps_are_those_between_all_starts(
    minutes: set[int], hours: set[int], days: str, months_and_years: str, zone: str
) -> None:
    minute, hour = (",".join(map(str, sorted(values))) for values in (minutes, hours))
    read = cron(f"cron({minute} {hour} {days} {months_and_years})")
    begin = datetime(2025, 12, 30, tzinfo=UTC)
    all_gaps = [
        (later - earlier).total_seconds() for earlier, later in pairwise(read.starts(ZoneInfo(zone), begin))
    ]
    found = gaps(read, ZoneInfo(zone))
    assert (found is None) == (not all_gaps)
    if found is not None:
        assert (found.shortest.seconds, found.longest.seconds) == (min(all_gaps), max(all_gaps))


@given(
    st.text(max_size=30) | st.text("0123456789*?/-,#LWMON ", max_size=30).map(lambda text: f"cron({text})")
)
def test_any_text_is_parsed_or_refused_with_an_error_that_says_what_to_write(text: str) -> None:
    said = "write"
    try:
        parse(text)
    except ValueError as error:
        said = str(error)
    assert "write" in said


def test_no_start_is_before_the_requested_first_day() -> None:
    assert next(cron("cron(0 0 * * ? *)").dates(date(2027, 2, 28))) == date(2027, 2, 28)
