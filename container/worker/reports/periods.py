"""Periods and weeks as they are written in reports."""

from datetime import date, timedelta


def monday_of(period: str) -> date:
    """Return the first day of a week such as 2026-W48."""
    year, week = period.split("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def in_words(period: str) -> str:
    """Return an ISO week with its days; return the dates that a program names unchanged."""
    try:
        return week_title(period)
    except (ValueError, OverflowError):
        return period


def week_title(period: str) -> str:
    """Return a week such as 2026-W48 as a title: Week 48, 23 to 29 November 2026."""
    return week_from(monday_of(period))


def week_from(monday: date) -> str:
    """Return the title of the week that begins on this day."""
    sunday = monday + timedelta(days=6)
    first = str(monday.day)
    if monday.month != sunday.month:
        first += f" {monday:%B}"
    if monday.year != sunday.year:
        first += f" {monday.year}"
    return f"Week {monday.isocalendar().week}, {first} to {sunday.day} {sunday:%B %Y}"
