"""Texts for the operator about a schedule's next starts, and about starts lost to daylight saving time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from components.settings.schedule import Schedule
from components.settings.schedule_expression import clock_text

SHOWN = 3
# The clocks of a zone go forward at most once a year.
LOOKED_AHEAD = timedelta(days=366)


def next_starts(schedule: Schedule, now: datetime) -> str:
    """Return the next three starts, in the schedule's zone and in UTC; the text is the same until one has passed."""
    return "; ".join(_start(schedule, start) for start in islice(schedule.starts(now), SHOWN))


def _start(schedule: Schedule, start: datetime) -> str:
    text = clock_text(start, schedule.zone)
    return text if schedule.time_zone == "UTC" else f"{text} = {start:%a %Y-%m-%d %H:%M} UTC"


def skipped_starts(schedule: Schedule, now: datetime) -> Iterator[str]:
    """Yield a warning for each start of the next year that is lost because clocks go forward over its time.

    Source: "Schedule types in EventBridge Scheduler", Daylight savings time on EventBridge Scheduler
    (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
    """
    for skipped in schedule.skipped(now, now + LOOKED_AHEAD):
        after = next(schedule.starts(skipped.astimezone(UTC) - timedelta(minutes=1)), None)
        following = f"the next one is {_start(schedule, after)}" if after else "there is none after it"
        yield (
            f"The clocks of {schedule.time_zone} go forward over {skipped:%a %Y-%m-%d %H:%M}, so EventBridge Scheduler "
            f"skips that start; {following}. Write a time that the clocks show every day."
        )
