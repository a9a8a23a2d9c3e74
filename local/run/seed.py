"""A generated history of runs: some partial, some failed, some stopped, by a seeded random generator."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.aws import LocalAws
from local.run import execution
from local.run.imagery import withheld_imagery


class Course(StrEnum):
    """The outcome of a run of the history."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    """No region has imagery."""
    STOPPED = "stopped"
    """An operator stops it."""


# Of ten runs of a real pipeline most are complete; each other course is there once in any history of ten runs.
_COURSES = (*[Course.COMPLETE] * 6, Course.PARTIAL, Course.PARTIAL, Course.FAILED, Course.STOPPED)
_MOST_PARTIAL = 4


@dataclass(frozen=True)
class SeededRun:
    """One run of a history."""

    course: Course
    fail_regions: tuple[str, ...] = ()
    """The regions without imagery."""


def history(runs: int, regions: Sequence[str], *, seed: int) -> tuple[SeededRun, ...]:
    """Return a history of runs, the same for the same arguments; the first run is complete.

    A few regions fail more often than others, as in a real history.
    """
    draw = random.Random(seed)  # noqa: S311 - a repeatable history, not a secret
    courses: list[Course] = []
    while len(courses) < runs:
        courses += draw.sample(_COURSES, len(_COURSES))
    courses[:runs] = [Course.COMPLETE, *courses[: runs - 1]]
    frail = draw.sample(list(regions), min(_MOST_PARTIAL, len(regions)))
    return tuple(_seeded(course, regions, frail, draw) for course in courses[:runs])


def _seeded(course: Course, regions: Sequence[str], frail: Sequence[str], draw: random.Random) -> SeededRun:
    match course:
        case Course.PARTIAL if len(regions) > 1:
            most = min(_MOST_PARTIAL, len(regions) - 1)
            chosen = {*draw.sample(frail, draw.randint(1, min(most, len(frail)))), draw.choice(list(regions))}
            return SeededRun(course, tuple(sorted(chosen)[:most]))
        case Course.FAILED:
            return SeededRun(course, tuple(regions))
        case Course.PARTIAL:
            return SeededRun(Course.COMPLETE)
        case _:
            return SeededRun(course)


def seed(
    aws: LocalAws,
    outputs: Mapping[str, Any],
    runs: Sequence[SeededRun],
    on_done: Callable[[int], None] = lambda _done: None,
) -> Iterator[execution.Execution]:
    """Start each run as if the next time of the schedule had come, and yield its end.

    Only the schedule's clock is ahead: the run is named after that time, and starts and ends at this machine's time.

    Raises:
        RunError: if the schedule starts nothing.
    """
    for number, run in enumerate(runs, start=1):
        with withheld_imagery(aws, outputs["s3_cache_bucket"], run.fail_regions):
            arn = execution.start(aws, outputs)
            if run.course is Course.STOPPED:
                aws.client("stepfunctions").stop_execution(
                    executionArn=arn, error="Operator", cause="Stopped by the seeded history."
                )
            ended = execution.follow(aws, arn, outputs["s3_reports_bucket"], lambda _regions: None)
        on_done(number)
        yield ended
