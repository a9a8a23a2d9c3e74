"""A simple matcher of cron expressions to compare the readers with, and strategies for cron expressions.

It decides for one day, hour and minute at a time, and counts days instead of computing them.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def fields(expression: str) -> list[str]:
    return expression[5:-1].split()


def fits_date(expression: str, day: date) -> bool:
    _, _, day_of_month, months, day_of_week, years = fields(expression)
    return (
        fits_field(months, day.month, range(1, 13), MONTHS)
        and fits_field(years, day.year, range(1970, 2200))
        and (day_of_month == "?" or any(fits_day(item, day) for item in day_of_month.split(",")))
        and (day_of_week == "?" or any(fits_weekday(item, day) for item in day_of_week.split(",")))
    )


def fits_time(expression: str, hour: int, minute: int) -> bool:
    minutes, hours, *_ = fields(expression)
    return fits_field(minutes, minute, range(60)) and fits_field(hours, hour, range(24))


def fits_field(text: str, value: int, all_values: range, words: Sequence[str] = ()) -> bool:
    return any(fits_item(item, value, all_values, words) for item in text.split(","))


def fits_item(item: str, value: int, all_values: range, words: Sequence[str] = ()) -> bool:
    span, _, step = item.partition("/")
    if span == "*":
        span, step = str(all_values[0]), step or "1"
    ends = [words.index(end) + 1 if end in words else int(end) for end in span.split("-")]
    if len(ends) == 1 and not step:
        return value == ends[0]
    if len(ends) == 1:
        return value >= ends[0] and (value - ends[0]) % int(step) == 0
    distance, length = ((end - ends[0]) % len(all_values) for end in (value, ends[1]))
    return distance <= length and distance % int(step or 1) == 0


def month_days(day: date) -> list[date]:
    return [day.replace(day=number) for number in range(1, monthrange(day.year, day.month)[1] + 1)]


def fits_day(item: str, day: date) -> bool:
    days = month_days(day)
    if item.endswith("W"):
        working = [each for each in days if each.isoweekday() <= 5]
        if item == "LW":
            return day == working[-1]
        wanted = len(days) - int(item[2:-1]) if item.startswith("L") else int(item[:-1])
        if wanted < 1:
            return False
        return wanted <= len(days) and day == min(working, key=lambda each: abs(each.day - wanted))
    if item.startswith("L"):
        return day.day == len(days) - int(item[2:] or 0)
    return fits_item(item, day.day, range(1, 32))


def fits_weekday(item: str, day: date) -> bool:
    number = WEEKDAYS.index(f"{day:%a}".upper()) + 1
    same = [each for each in month_days(day) if each.isoweekday() == day.isoweekday()]
    if item == "L":
        return number == 7
    name, hash_sign, nth = item.partition("#")
    if hash_sign or name.endswith("L"):
        wanted = name.removesuffix("L")
        number_wanted = WEEKDAYS.index(wanted) + 1 if wanted in WEEKDAYS else int(wanted)
        place = same.index(day) + 1
        return number == number_wanted and (place == int(nth) if nth else day == same[-1])
    return fits_item(item, number, range(1, 8), WEEKDAYS)


def values(low: int, high: int, words: list[str] | None = None) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high).map(str)
    ends = st.one_of(numbers, st.sampled_from(words)) if words else numbers
    steps = st.integers(1, high).map(lambda step: f"/{step}")
    item = st.one_of(
        st.just("*"),
        ends,
        st.builds("{}-{}".format, ends, ends),
        st.builds("{}{}".format, st.one_of(st.just("*"), ends), steps),
        st.builds("{}-{}{}".format, ends, ends, steps),
    )
    return st.lists(item, min_size=1, max_size=2).map(",".join)


days_of_month = st.one_of(
    values(1, 31),
    st.sampled_from(["L", "LW", "L-1", "L-30", "L-3W"]),
    st.integers(1, 31).map(lambda day: f"{day}W"),
)
weekday = st.one_of(st.integers(1, 7).map(str), st.sampled_from(WEEKDAYS))
days_of_week = st.one_of(
    st.lists(weekday, min_size=1, max_size=3).map(",".join),
    st.builds("{}-{}".format, weekday, weekday),
    st.just("*"),
    weekday.map(lambda day: f"{day}L"),
    st.builds("{}#{}".format, weekday, st.integers(1, 5)),
    st.just("L"),
)
days = st.one_of(days_of_month.map(lambda day: (day, "?")), days_of_week.map(lambda day: ("?", day)))
years = st.sampled_from(["*", "2027", "2026-2028", "2026/2", "2025,2027"])
crons = st.builds(
    lambda minutes, hours, day, month, year: f"cron({minutes} {hours} {day[0]} {month} {day[1]} {year})",
    values(0, 59),
    values(0, 23),
    days,
    values(1, 12, MONTHS),
    years,
)
