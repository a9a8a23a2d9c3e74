"""The clock that fires schedules when they are due."""

import contextlib
import heapq
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from itertools import takewhile
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from local.agent.schedules.calling import calling_for, naming_schedule
from local.agent.schedules.dead_letter import dead_letter
from local.agent.schedules.invocation import Invocation
from local.agent.schedules.schedule import Schedule
from local.agent.schedules.target import TargetError
from local.agent.schedules.virtual_time import Reading

_POLL_SECONDS = 0.5
_RETRY_SECONDS = 1.0
_INSTANT = timedelta(microseconds=1)


class ClientOf(Protocol):
    """Returns the client of a service, with its maximum number of attempts for each call."""

    def __call__(self, service: str, *, total_max_attempts: int = ...) -> Any:
        """Return the client."""


class ScheduleClock:
    """EventBridge Scheduler: makes every due attempt, in order of time."""

    def __init__(self, client_of: ClientOf, read: Callable[[], Reading]) -> None:
        self._client_of = client_of
        self._read = read
        self._schedules: dict[str, Schedule] = {}
        self._pending: list[Invocation] = []
        self._planned_until: datetime | None = None

    def run_forever(self) -> None:
        """Fire schedules until the process ends; retry when the local AWS does not answer."""
        while True:
            try:
                self.tick()
            except (BotoCoreError, ClientError, OSError, HTTPException) as error:
                print(f"The schedules of the local AWS cannot be read: {error}", file=sys.stderr)
                time.sleep(_RETRY_SECONDS)
            time.sleep(_POLL_SECONDS)

    def tick(self) -> None:
        """Make every attempt that is due; starts that were due before the first tick are skipped.

        Starts that fell due while the local AWS did not run are made up for, unless they are older than their maximum
        event age by now: EventBridge Scheduler tries each until then.
        """
        clock = self._read()
        now = clock.now
        self._schedules = self._read_schedules()
        if clock.awake_since and self._planned_until:
            self._planned_until = max(self._planned_until, clock.awake_since - _INSTANT)
        if clock.pause and self._planned_until is None:
            self._planned_until = clock.pause[0]
        for schedule in self._schedules.values():
            self._plan(schedule, now, clock.pause)
        self._planned_until = now
        while self._pending and self._pending[0].due <= now:
            self._attempt(heapq.heappop(self._pending))

    def _read_schedules(self) -> dict[str, Schedule]:
        client = self._client_of("scheduler")
        schedules = {}
        for page in client.get_paginator("list_schedules").paginate(State="ENABLED"):
            for listed in page["Schedules"]:
                known = self._schedules.get(listed["Arn"])
                if known is None or known.modified != listed["LastModificationDate"]:
                    # Deleted meanwhile: the next poll will not list it.
                    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
                        described = client.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
                        schedules[listed["Arn"]] = Schedule.of(described)
                else:
                    schedules[listed["Arn"]] = known
        return schedules

    def _plan(self, schedule: Schedule, now: datetime, pause: tuple[datetime, datetime] | None) -> None:
        # Only starts after the last change count; a rate first starts when its schedule is created.
        after = max(self._planned_until or now, schedule.modified - _INSTANT)
        if pause:
            after = max(after, min(pause[1], now - schedule.max_event_age))
        for scheduled_time in takewhile(lambda moment: moment <= now, schedule.timing.fire_times(after)):
            heapq.heappush(self._pending, Invocation.first(schedule, scheduled_time))

    def _attempt(self, invocation: Invocation) -> None:
        schedule = invocation.schedule
        if schedule.arn not in self._schedules:
            # Disabled or deleted before it was due.
            return
        self._count("InvocationAttemptCount", schedule)
        try:
            with calling_for(schedule.arn):
                invocation.call().perform(self._call_once)
        except TargetError as error:
            self._count("TargetErrorCount", schedule)
            if error.retryable and not invocation.exhausted:
                heapq.heappush(self._pending, invocation.again())
                return
            self._give_up(invocation, error)
        if schedule.deleted_after_completion and self._is_complete(invocation):
            self._client_of("scheduler").delete_schedule(Name=schedule.name, GroupName=schedule.group)

    def _call_once(self, service: str) -> Any:
        # Retries are the retry policy's, not the client's.
        return naming_schedule(self._client_of(service, total_max_attempts=1))

    def _is_complete(self, invocation: Invocation) -> bool:
        schedule = invocation.schedule
        return not schedule.timing.next_fire_time(invocation.scheduled_time) and not any(
            each.schedule.arn == schedule.arn for each in self._pending
        )

    def _give_up(self, invocation: Invocation, error: TargetError) -> None:
        schedule = invocation.schedule
        print(f"{schedule.arn} gave up {schedule.target['Arn']}: {error.code}: {error}", file=sys.stderr)
        self._count("InvocationDroppedCount", schedule)
        letter = dead_letter(invocation, error)
        if letter is None:
            return
        try:
            with calling_for(schedule.arn):
                letter.perform(lambda service: naming_schedule(self._client_of(service)))
        except TargetError as refusal:
            print(f"{schedule.arn} lost a dead letter: {refusal.code}: {refusal}", file=sys.stderr)
            self._count("InvocationsFailedToBeSentToDeadLetterCount", schedule)
        else:
            self._count("InvocationsSentToDeadLetterCount", schedule)

    def _count(self, metric: str, schedule: Schedule) -> None:
        """Publish a metric.

        Source: EventBridge Scheduler User Guide, "Monitoring Amazon EventBridge Scheduler with Amazon CloudWatch".
        """
        dimension = {"Name": "ScheduleGroup", "Value": schedule.group}
        datum = {"MetricName": metric, "Dimensions": [dimension], "Value": 1, "Unit": "Count"}
        try:
            self._client_of("cloudwatch").put_metric_data(Namespace="AWS/Scheduler", MetricData=[datum])
        except (BotoCoreError, ClientError) as error:
            # A metric that cannot be published must not stop an invocation.
            print(f"{metric} of {schedule.arn} was not published: {error}", file=sys.stderr)
