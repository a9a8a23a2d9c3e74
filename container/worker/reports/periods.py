"""When something was, for people."""

from datetime import date, timedelta


def monday_of(period: str) -> date:
    """Return the first day of a week such as 2026-W48."""
    year, week = period.split("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def in_words(period: str) -> str:
    """Return a period as people write it: a week with its days, and what a program says of its dates as it is."""
    try:
        return week_title(period)
    except (ValueError, OverflowError):
        return period


def week_title(period: str) -> str:
    """Return a week as people write it: Week 48, 23 to 29 November 2026."""
    return week_from(monday_of(period))


def week_from(monday: date) -> str:
    """Return the week that begins on this day as people write it."""
    sunday = monday + timedelta(days=6)
    first = str(monday.day)
    if monday.month != sunday.month:
        first += f" {monday:%B}"
    if monday.year != sunday.year:
        first += f" {monday.year}"
    return f"Week {monday.isocalendar().week}, {first} to {sunday.day} {sunday:%B %Y}"
