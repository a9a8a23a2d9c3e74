"""An invocation of a schedule's target: its attempts, and the input of each."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from local.agent.schedules.schedule import Schedule
from local.agent.schedules.target import Call, call_of

# AWS documents "exponential backoff" without numbers. With these, the default 185 retries take the default 24 hours.
_MAX_BACKOFF_SECONDS = 480
_EXECUTION_ID_CHARACTERS = 16


class Exhausted(StrEnum):
    """The limit of the retry policy at which an invocation was given up."""

    ATTEMPTS = "MaximumRetryAttempts"
    AGE = "MaximumEventAgeInSeconds"


@dataclass(frozen=True, order=True)
class Invocation:
    """One attempt to call the target of a schedule that fired; sorts by due time."""

    due: datetime
    scheduled_time: datetime
    attempt: int
    schedule: Schedule = field(compare=False)

    @classmethod
    def first(cls, schedule: Schedule, scheduled_time: datetime) -> "Invocation":
        """Return the first attempt for a scheduled time."""
        return cls(schedule.invoked_at(scheduled_time), scheduled_time, 1, schedule)

    def again(self) -> "Invocation":
        """Return the next attempt, after its backoff."""
        backoff = timedelta(seconds=min(2 ** (self.attempt - 1), _MAX_BACKOFF_SECONDS))
        return replace(self, due=self.due + backoff, attempt=self.attempt + 1)

    @property
    def exhausted(self) -> Exhausted | None:
        """The limit of the retry policy that this attempt reaches, or None."""
        if self.attempt > self.schedule.max_retry_attempts:
            return Exhausted.ATTEMPTS
        fired = self.schedule.invoked_at(self.scheduled_time)
        return Exhausted.AGE if self.again().due - fired > self.schedule.max_event_age else None

    @property
    def execution_id(self) -> str:
        """The value of `<aws.scheduler.execution-id>`, which identifies the attempt."""
        identity = f"{self.schedule.arn} {self.scheduled_time.isoformat()} {self.attempt}"
        return hashlib.sha256(identity.encode()).hexdigest()[:_EXECUTION_ID_CHARACTERS]

    @property
    def input(self) -> str:
        """The target's input, with its keywords replaced by their values.

        Source: EventBridge Scheduler User Guide, "Adding context attributes in EventBridge Scheduler".
        """
        text: str = self.schedule.target.get("Input", "{}")
        for keyword, value in {
            "schedule-arn": self.schedule.arn,
            "scheduled-time": timestamp(self.scheduled_time),
            "execution-id": self.execution_id,
            "attempt-number": str(self.attempt),
        }.items():
            text = text.replace(f"<aws.scheduler.{keyword}>", value)
        return text

    def call(self) -> Call:
        """Return the call of the target.

        Raises:
            TargetError: for a target that the local clock cannot call.
        """
        return call_of(self.schedule.target, self.input)


def timestamp(moment: datetime) -> str:
    """Return a time in EventBridge Scheduler's format: `2026-11-30T06:00:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
