"""Reads the schedule expressions of EventBridge Scheduler.

Source: Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler".
"""

import re
from datetime import datetime

_RATE = re.compile(r"rate\([1-9]\d* (minute|hour|day)s?\)")
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
_CRON = re.compile(r"cron\((.+)\)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 1, 7, _DAYS),
    ("year", 1970, 2199, ()),
)
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4
_LAST_OR_NEAREST_DAY = re.compile(r"L|LW|L-\d{1,2}|([1-9]|[12]\d|3[01])W")
_LAST_OR_NTH_WEEKDAY = re.compile(r"L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])")


def check(expression: str) -> None:
    """Raise ValueError, saying what is wrong, for what is no schedule expression."""
    if _RATE.fullmatch(expression):
        return
    if match := _AT.fullmatch(expression):
        datetime.fromisoformat(match[1])
    elif match := _CRON.fullmatch(expression):
        _check_cron(match[1].split())
    else:
        raise ValueError(f"'{expression}' is neither rate(…), at(…) nor cron(…)")


def _check_cron(fields: list[str]) -> None:
    if len(fields) != len(_FIELDS):
        raise ValueError(f"cron takes {len(_FIELDS)} fields, not {len(fields)}")
    if (fields[_DAY_OF_MONTH] == "?") == (fields[_DAY_OF_WEEK] == "?"):
        raise ValueError("of day of month and day of week, exactly one must be ?")
    for index, (text, (name, low, high, words)) in enumerate(zip(fields, _FIELDS, strict=True)):
        if text == "?" and index in {_DAY_OF_MONTH, _DAY_OF_WEEK}:
            continue
        for item in text.split(","):
            if not _is_item(item, index, low, high, words):
                raise ValueError(f"'{item}' is no {name} of a cron expression")


def _is_item(item: str, index: int, low: int, high: int, words: tuple[str, ...]) -> bool:
    if index == _DAY_OF_MONTH and _LAST_OR_NEAREST_DAY.fullmatch(item):
        return True
    if index == _DAY_OF_WEEK and _LAST_OR_NTH_WEEKDAY.fullmatch(item):
        return True
    span, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if span == "*":
        return True
    first, dash, last = span.partition("-")
    return all(
        end in words or (end.isdecimal() and low <= int(end) <= high)
        for end in ([first, last] if dash else [first])
    )
